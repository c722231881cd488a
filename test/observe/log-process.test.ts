// Nothing that a process writes holds a secret: its log, its last words, Node's warnings, and what goes to stderr past the log.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const secret = "Zx9+correct/horse~battery=staple.1234";
const child = fileURLToPath(new URL("./log-child.ts", import.meta.url));

async function saidBy(
  way: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; lines: string[] }> {
  const running = spawn(process.execPath, [child, way], {
    env: { PATH: process.env.PATH, SOME_API_KEY: secret, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(running.stdout), text(running.stderr), once(running, "close")]);
  for (const form of [
    secret,
    Buffer.from(secret).toString("base64"),
    encodeURIComponent(secret),
    secret.slice(4, 24),
  ]) {
    expect(out + err).not.toContain(form);
  }
  return { code, lines: err.trim().split("\n") };
}
const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a process that serves", () => {
  it("logs lines of JSON without its secrets", async () => {
    const { code, lines } = await saidBy("log");
    expect(code).toBe(0);
    expect(parsed(lines)).toMatchObject([{ level: 30, msg: expect.stringContaining("the key [redacted]") }]);
  });

  it("logs lines for people where it is asked to", async () => {
    const { lines } = await saidBy("log", { LOG_FORMAT: "pretty" });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}the key \[redacted\]\S* {2}why=/);
  });

  for (const way of ["uncaught", "rejected", "thrown"]) {
    it(`ends with one line of its log that is scrubbed: ${way}`, async () => {
      const { code, lines } = await saidBy(way);
      expect(code).toBe(1);
      const [last, ...others] = parsed(lines);
      expect(others).toEqual([]);
      expect(last).toMatchObject({
        level: 50,
        msg: "the gateway ends because of an error that nobody has caught",
        ...(way === "uncaught" && {
          name: "Error",
          cause: { name: "TypeError", message: "inner [redacted]" },
          stack: expect.stringContaining("log-child.ts"),
        }),
        ...(way === "thrown" && { message: "a thrown Object" }),
      });
    });
  }

  it("logs Node's warnings", async () => {
    const { lines } = await saidBy("warning");
    expect(parsed(lines)).toMatchObject([{ level: 40, msg: "Node warns", code: "ODD" }]);
  });

  it("scrubs what is written to stderr past the log", async () => {
    const { lines } = await saidBy("console");
    expect(lines.join("\n")).toContain("it was [redacted]");
  });

  it("changes between its level and debug when it gets SIGUSR2", async () => {
    const { lines } = await saidBy("signal");
    expect(parsed(lines).map(({ msg }) => msg)).toEqual(["the level of the log has changed", "told"]);
  });
});
