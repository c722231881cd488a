// The journal: grouped, in order, patient with a failing database, and truthful about what is durable.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { CallStore, Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { createJournal, queueLimit } from "../../src/usage/journal.ts";
import { recover } from "../../src/usage/recovery.ts";
import { noon, sampleCall, sampleSettlement } from "../store/samples.ts";
import { manualClock } from "../support/clock.ts";

describe("a journal", () => {
  let folder: string;
  let store: Store;
  /** A second connection, to break the database under the journal's feet and mend it. */
  let hand: Client.Database;
  let errors: unknown[];
  /** The sizes of the groups that reached the store: admissions, settlements. */
  let groups: [number, number][];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-journal-"));
    store = await openSqlite(join(folder, "turnpike.db"));
    hand = new Client(join(folder, "turnpike.db"));
    errors = [];
    groups = [];
  });
  afterEach(async () => {
    hand.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const make = (clock = systemClock) => {
    const calls: CallStore = {
      ...store.calls,
      append: (group) => {
        groups.push([group.opened.length, group.settled.length]);
        return store.calls.append(group);
      },
    };
    return createJournal({ calls, clock, log: null, onError: (error) => errors.push(error) });
  };
  const breakDatabase = () => hand.exec("alter table calls rename to hidden");
  const mendDatabase = () => hand.exec("alter table hidden rename to calls");

  it("says when an admission is durable", async () => {
    const journal = make();
    journal.open(sampleCall());
    const durable = journal.opened("req_1");
    expect(durable).toBeInstanceOf(Promise);
    expect(await store.calls.get("req_1")).toBeNull();
    await durable;
    expect(await store.calls.get("req_1")).toEqual({ ...sampleCall(), settlement: null });
    expect(journal.opened("req_1")).toBeNull();
    expect(journal.opened("req_unknown")).toBeNull();
  });

  it("writes what comes together as one group, settlements of the same calls included", async () => {
    const journal = make();
    for (const id of ["req_1", "req_2", "req_3"]) journal.open(sampleCall({ id }));
    journal.settle(sampleSettlement({ id: "req_2" }));
    await journal.flush();
    expect(groups).toEqual([[3, 1]]);
    expect((await store.calls.get("req_2"))?.settlement).toEqual(sampleSettlement({ id: "req_2" }));
    expect((await store.calls.get("req_3"))?.settlement).toBeNull();
  });

  it("writes by itself, without being asked", async () => {
    const journal = make();
    journal.open(sampleCall());
    await journal.opened("req_1");
    journal.settle(sampleSettlement());
    await expect.poll(async () => (await store.calls.get("req_1"))?.settlement).toEqual(sampleSettlement());
  });

  it("makes groups of at most five hundred, in order", async () => {
    const journal = make();
    const ids = Array.from({ length: 700 }, (_, index) => `req_${index}`);
    for (const id of ids) journal.open(sampleCall({ id }));
    for (const id of ids) journal.settle(sampleSettlement({ id }));
    await journal.flush();
    expect(groups).toEqual([
      [500, 0],
      [200, 300],
      [0, 400],
    ]);
    expect((await store.calls.usage({ groupBy: [], fromMs: 0, toMs: noon + 1 }))[0]?.requests).toBe(700);
  });

  it("has nothing to do when there is nothing", async () => {
    const journal = make();
    await journal.flush();
    await journal.close();
    expect(groups).toEqual([]);
  });

  it("keeps what a failing database refuses, and writes it when it is well again", async () => {
    const journal = make();
    breakDatabase();
    journal.open(sampleCall());
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    journal.open(sampleCall({ id: "req_2" }));
    journal.settle(sampleSettlement());
    mendDatabase();
    await Promise.all([journal.opened("req_1"), journal.opened("req_2")]);
    await journal.flush();
    expect(await store.calls.get("req_1")).toEqual({ ...sampleCall(), settlement: sampleSettlement() });
    expect(await store.calls.get("req_2")).not.toBeNull();
    expect(errors[0]).toMatchObject({ message: expect.stringContaining("no such table") });
  });

  it("is unhealthy when the database has failed for two seconds, and healthy when it is well again", async () => {
    const clock = manualClock();
    const journal = make(clock);
    breakDatabase();
    journal.open(sampleCall());
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    expect(journal.healthy).toBe(true);
    clock.advance(2_001);
    expect(journal.healthy).toBe(false);
    mendDatabase();
    await journal.flush();
    expect(journal.healthy).toBe(true);
  });

  it("admits no call beyond its limit, still takes settlements, and loses none of either", async () => {
    const journal = make();
    breakDatabase();
    for (let index = 0; index < queueLimit; index++) journal.open(sampleCall({ id: `req_${index}` }));
    expect(journal.healthy).toBe(false);
    expect(() => journal.open(sampleCall({ id: "req_more" }))).toThrow(
      expect.objectContaining({ code: "gateway_overloaded", status: 503 }),
    );
    journal.settle(sampleSettlement({ id: "req_0" }));
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    mendDatabase();
    await journal.flush();
    expect(journal.healthy).toBe(true);
    expect(hand.prepare("select count(*) as n, count(settled_at_ms) as s from calls").get()).toEqual({
      n: queueLimit,
      s: 1,
    });
  });

  it("that closes before a database that stays broken says what was lost", async () => {
    const clock = manualClock();
    const journal = make(clock);
    breakDatabase();
    journal.open(sampleCall());
    const durable = journal.opened("req_1");
    const closing = journal.close();
    clock.advance(5_000);
    await expect(closing).rejects.toThrow("The records of calls could not be written.");
    await expect(durable).rejects.toThrow("The records of calls could not be written.");
  });
});

describe("recovery", () => {
  it("settles what a dead process left open, once, with its estimate, and nothing that came after", async () => {
    const store = await openSqlite(":memory:");
    const clock = manualClock(noon + 5_000);
    const opened = [
      sampleCall(),
      sampleCall({ id: "req_2" }),
      sampleCall({ id: "req_late", openedAtMs: noon + 4_000 }),
    ];
    await store.calls.append({ opened, settled: [sampleSettlement({ id: "req_2" })] });
    const options = { calls: store.calls, clock, beforeMs: noon + 4_000, price: () => 7n };
    expect(await recover(options)).toBe(1);
    expect((await store.calls.get("req_1"))?.settlement).toEqual({
      id: "req_1",
      outcome: "interrupted",
      httpStatus: null,
      errorCode: null,
      provider: null,
      model: null,
      canonicalModel: null,
      finishReason: null,
      usage: { inputTokens: 12, outputTokens: 0, estimated: true },
      costNanos: 7n,
      attempts: [],
      settledAtMs: noon + 5_000,
      ttftMs: null,
      durationMs: 0,
    });
    expect((await store.calls.get("req_2"))?.settlement?.outcome).toBe("completed");
    expect((await store.calls.get("req_late"))?.settlement).toBeNull();
    expect(await recover(options)).toBe(0);
    await store.close();
  });

  it("settles thousands", async () => {
    const store = await openSqlite(":memory:");
    const opened = Array.from({ length: 1_234 }, (_, index) => sampleCall({ id: `req_${index}` }));
    await store.calls.append({ opened, settled: [] });
    const options = { calls: store.calls, clock: manualClock(), beforeMs: noon + 1, price: () => null };
    expect(await recover(options)).toBe(1_234);
    expect(await store.calls.listOpen(noon + 1)).toEqual([]);
    await store.close();
  });
});
