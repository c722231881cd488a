// Checkpoints in a thread: what was committed comes into the database's file without a commit that writes it there.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { checkpointsInThread } from "../../src/store/checkpoint.node.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { sampleCall } from "./samples.ts";

const fail = (error: unknown): never => {
  throw error;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Whether a call is in the database's file, without its log. */
async function isInFile(path: string, id: string): Promise<boolean> {
  const copy = join(folder, "copy.db");
  copyFileSync(path, copy);
  const store = await openSqlite(copy);
  const found = await store.calls.get(id);
  await store.close();
  rmSync(copy);
  return found !== null;
}

it("moves what was committed into the file while the store is written to", async () => {
  const path = join(folder, "turnpike.db");
  const store = await openSqlite(path, checkpointsInThread(path, fail));
  const ids = Array.from({ length: 128 }, (_, at) => `req_${at}`);
  for (const id of ids) await store.calls.append({ opened: [sampleCall({ id })], settled: [] });
  await vi.waitFor(async () => expect(await isInFile(path, "req_0")).toBe(true), 5_000);
  await store.close();
  expect(await isInFile(path, "req_127")).toBe(true);
});

it("leaves the file alone until there is something to move", async () => {
  const path = join(folder, "turnpike.db");
  const store = await openSqlite(path, checkpointsInThread(path, fail));
  await store.calls.append({ opened: [sampleCall({ id: "req_1" })], settled: [] });
  expect(await isInFile(path, "req_1")).toBe(false);
  await store.close();
  expect(await isInFile(path, "req_1")).toBe(true);
});
