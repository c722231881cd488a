// kill -9 at any moment: what was told to be durable is there, and the next start settles the rest exactly once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqlite } from "../../src/store/sqlite.ts";
import { recover } from "../../src/usage/recovery.ts";
import { noon } from "../store/samples.ts";
import { manualClock } from "../support/clock.ts";

const child = new URL("./crash-child.ts", import.meta.url).pathname;

describe("a process killed with SIGKILL", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-crash-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the child until it has told `lines` things; resolves to all that it told before it was gone. */
  async function runAndKill(path: string, run: number, lines: number): Promise<string[]> {
    const running = spawn(process.execPath, [child, path, String(run)], { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(running, "close");
    const told: string[] = [];
    for await (const line of createInterface({ input: running.stdout })) {
      told.push(line);
      if (told.length === lines) running.kill("SIGKILL");
    }
    expect(await closed).toEqual([null, "SIGKILL"]);
    return told;
  }

  it("loses no call that it said was durable, and recovery settles every open one, once", async () => {
    const path = join(folder, "turnpike.db");
    const told: string[] = [];
    for (const [run, lines] of [3, 50, 211, 499].entries()) {
      told.push(...(await runAndKill(path, run, lines)));
      const store = await openSqlite(path);
      const options = { calls: store.calls, clock: manualClock(), beforeMs: noon + 1, price: () => 1n };
      const open = await store.calls.listOpen(noon + 1);
      expect(await recover(options)).toBe(open.length);
      expect(await recover(options)).toBe(0);
      for (const line of told) {
        const [what, id = ""] = line.split(" ");
        const outcome = (await store.calls.get(id))?.settlement?.outcome;
        if (what === "settled") expect(outcome, line).toBe("completed");
        else expect(outcome, line).toMatch(/^(completed|interrupted)$/);
      }
      const [sum] = await store.calls.usage({ groupBy: [], fromMs: 0, toMs: noon + 1 });
      const opened = told.filter((line) => line.startsWith("opened")).length;
      expect(sum?.requests).toBeGreaterThanOrEqual(opened);
      expect(sum?.costNanos).toBe(
        12_500n * BigInt((sum?.requests ?? 0) - (sum?.estimatedRequests ?? 0)) + BigInt(sum?.estimatedRequests ?? 0),
      );
      await store.close();
    }
  });
});
