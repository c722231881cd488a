// A line of the log for people at a terminal.

const names: Readonly<Record<number, string>> = { 20: "DEBUG", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "FATAL" };

/** `12:00:00.000 WARN  what happened  call=req_1`, with a stack beneath. What is no JSON stays as it is. */
export function prettyLine(line: string): string {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, stack, ...fields } = parsed;
  const said = Object.entries(fields).map(([name, value]) => `  ${name}=${shown(value)}`);
  const head = `${String(time).slice(11, 23)} ${(names[Number(level)] ?? "").padEnd(5)} ${plain(String(msg))}${said.join("")}\n`;
  return typeof stack === "string" ? `${head}${stack.split("\n").slice(1).map(plain).join("\n")}\n` : head;
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}

/** A terminal must not be told what to do by what is logged. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
