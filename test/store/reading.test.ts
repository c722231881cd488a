// A store whose long reads are made in a thread: it answers as the other does, and tells who asks what can't be read.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/port.ts";
import { type ReadingStore, readingInThread } from "../../src/store/reading.node.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { sampleEntry } from "./contract-credits.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "./samples.ts";

const fail = (error: unknown): never => {
  throw error;
};

describe("a store that reads in a thread", () => {
  const usage = { groupBy: ["customer"], fromMs: noon - 1, toMs: noon + 1 } as const;
  let folder: string;
  let store: Store;
  let reading: ReadingStore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-reading-"));
    const path = join(folder, "turnpike.db");
    store = await openSqlite(path);
    reading = readingInThread(store, path, fail);
  });
  afterAll(async () => {
    await reading.leave();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it("reads what was just written, as the store itself does, while the loop goes on", async () => {
    await store.calls.append({ opened: [sampleCall()], settled: [sampleSettlement()] });
    await store.ledger.add(sampleEntry());
    await store.keys.create(sampleKey());
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    expect(await reading.calls.usage(usage)).toEqual(await store.calls.usage(usage));
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);
    const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    expect(await reading.ledger.statements(always)).toEqual(await store.ledger.statements(always));
    expect(await reading.keys.list({ limit: 1 })).toEqual(await store.keys.list({ limit: 1 }));
    expect(await reading.keys.list({ limit: 1 })).toEqual({ data: [sampleKey().key], nextCursor: null });
  });

  it("tells who asked of what can't be read, and answers the next one", async () => {
    const groupBy = ["nonsense"] as unknown as readonly ["customer"];
    await expect(reading.calls.usage({ ...usage, groupBy })).rejects.toThrow(/undefined/);
    expect(await reading.calls.usage(usage)).toHaveLength(1);
  });

  it("tells who still waits that the thread has ended, and starts another for the next one", async () => {
    await reading.leave();
    // A new thread, which has no time to answer.
    const waiting = expect(reading.calls.usage(usage)).rejects.toThrow("has ended");
    await reading.leave();
    await waiting;
    expect(await reading.calls.usage(usage)).toHaveLength(1);
  });

  it("reads on the spot in memory, where no thread could", async () => {
    const memory = await openSqlite(":memory:");
    await memory.calls.append({ opened: [sampleCall()], settled: [sampleSettlement()] });
    expect(await readingInThread(memory, null, fail).calls.usage(usage)).toHaveLength(1);
    await memory.close();
  });
});
