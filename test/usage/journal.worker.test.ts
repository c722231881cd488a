// The Worker's journal over a real database: what is written when, and what holds the request.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { workerJournal } from "../../src/usage/journal.worker.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

let folder: string;
let store: Store;
let saboteur: Client.Database;
let nowMs: number;
let held: Promise<unknown>[];
let errors: unknown[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-journal-"));
  store = await openSqlite(join(folder, "turnpike.db"));
  saboteur = new Client(join(folder, "turnpike.db"));
  nowMs = 0;
  held = [];
  errors = [];
});
afterEach(async () => {
  saboteur.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const journal = () =>
  workerJournal({
    calls: store.calls,
    clock: { now: () => nowMs, monotonic: () => nowMs },
    waitUntil: (promise) => held.push(promise),
    onError: (error) => errors.push(error),
  });
const call = sampleCall();
const settlement = sampleSettlement();

/** Makes every write to the ledger fail, until it is undone. */
const breakLedger = () => saboteur.exec("alter table calls rename to gone");
const mendLedger = () => saboteur.exec("alter table gone rename to calls");

describe("a Worker's journal", () => {
  test("has an admission in the database once it says so", async () => {
    const calls = journal();
    calls.open(call);
    await calls.opened(call.id);
    expect(await store.calls.get(call.id)).toEqual({ ...call, settlement: null });
    expect(calls.opened(call.id)).toBeNull();
  });

  test("holds the request from the admission until the settlement is in the database", async () => {
    const calls = journal();
    calls.open(call);
    expect(held).toHaveLength(1);
    await calls.opened(call.id);
    expect(await Promise.race([held[0], Promise.resolve("held")])).toBe("held");
    calls.settle(settlement);
    await held[0];
    expect(await store.calls.get(call.id)).toEqual({ ...call, settlement });
    expect(errors).toEqual([]);
  });

  test("writes a settlement after its admission, however fast the call was", async () => {
    const calls = journal();
    calls.open(call);
    calls.settle(settlement);
    await held[0];
    expect((await store.calls.get(call.id))?.settlement).toEqual(settlement);
  });

  test("brings along with the settlement an admission that could not be written", async () => {
    const calls = journal();
    breakLedger();
    calls.open(call);
    await calls.opened(call.id);
    expect(errors).toHaveLength(1);
    mendLedger();
    calls.settle(settlement);
    await held[0];
    expect(await store.calls.get(call.id)).toEqual({ ...call, settlement });
  });

  test("tries again to write a settlement", async () => {
    const calls = journal();
    calls.open(call);
    await calls.opened(call.id);
    breakLedger();
    calls.settle(settlement);
    await expect.poll(() => errors.length).toBe(1);
    mendLedger();
    await held[0];
    expect((await store.calls.get(call.id))?.settlement).toEqual(settlement);
  });

  test("admits nothing for five seconds after a record could not be written", async () => {
    const calls = journal();
    expect(calls.healthy).toBe(true);
    breakLedger();
    calls.open(call);
    await calls.opened(call.id);
    expect(calls.healthy).toBe(false);
    nowMs = 5_001;
    expect(calls.healthy).toBe(true);
    calls.settle(settlement);
    mendLedger();
    await held[0];
  });
});
