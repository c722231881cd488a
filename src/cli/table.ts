// Rows as a table for a terminal.

/** Columns are as wide as their widest cell; numbers stand to the right. An empty list says so. */
export function table<Row extends object>(names: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  if (rows.length === 0) return "nothing\n";
  const lines = [
    names.map((name) => name.replaceAll("_", " ")),
    ...rows.map((row) => names.map((name) => shown(row[name]))),
  ];
  const right = names.map((name) => rows.every((row) => /^-?[\d.]+$|^$/.test(shown(row[name]))));
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => pad(cell, widths[column] ?? 0, right[column] === true))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

/** Without characters that would move a terminal's cursor or colour it. */
function shown(value: unknown): string {
  return value === null || value === undefined ? "" : String(value).replace(/\p{C}/gu, "?");
}
