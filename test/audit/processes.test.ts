// Several processes at one trail, and what is left of one that is killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditEntry } from "../../src/audit/entry.ts";
import { verifyStore } from "../../src/audit/verify.ts";
import { openTrail } from "../../src/auditing.ts";
import { systemClock } from "../../src/clock.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

let folder: string;
let path: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-audit-"));
  path = join(folder, "turnpike.db");
  store = await openSqlite(path);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

interface Writer {
  readonly child: ChildProcess;
  /** The names of what it said is durable. */
  readonly durable: string[];
}

function startWriter(name: string, count: number): Writer {
  const script = join(import.meta.dirname, "../support/audit-writer.ts");
  const child = spawn(process.execPath, [script, path, name, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  const durable: string[] = [];
  let rest = "";
  child.stdout?.on("data", (piece: Buffer) => {
    const lines = (rest + piece.toString()).split("\n");
    rest = lines.pop() ?? "";
    durable.push(...lines.map((number) => `${name}-${number}`));
  });
  return { child, durable };
}

async function written(): Promise<readonly string[]> {
  const rows = await store.audit.list({ action: "test.write", after: 0, limit: 100_000 });
  return rows.map(({ body }) => (JSON.parse(body) as AuditEntry).target?.id ?? "");
}

async function verified() {
  const masterKey = new Uint8Array(32).fill(1);
  const trail = await openTrail({ store, masterKey, clock: systemClock, alerts: null, onError: () => {} });
  return verifyStore(store.audit, trail.signer);
}

test("two processes that write at once make one chain, each entry once, checkpoints and all", async () => {
  const writers = [startWriter("a", 200), startWriter("b", 200)];
  await Promise.all(writers.map(({ child }) => once(child, "exit")));
  const names = await written();
  expect(names).toHaveLength(400);
  expect(new Set(names).size).toBe(400);
  const result = await verified();
  expect(result).toMatchObject({ ok: true, problem: null });
  expect(result.checkpoints).toBeGreaterThan(2);
});

test("what was durable before kill -9 is there, and the chain is whole, again and again", async () => {
  const durable: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const writer = startWriter(`turn${turn}`, 100_000);
    await once(writer.child.stdout ?? writer.child, "data");
    await new Promise((resolve) => setTimeout(resolve, 20 + turn * 37));
    writer.child.kill("SIGKILL");
    await once(writer.child, "close");
    durable.push(...writer.durable);
    expect(await verified()).toMatchObject({ ok: true });
  }
  const names = new Set(await written());
  expect(durable.filter((name) => !names.has(name))).toEqual([]);
  expect(durable.length).toBeGreaterThan(20);
});
