import { beforeEach, describe, expect, test } from "vitest";
import { type Alerts, createAlerts } from "../../src/observe/alerts.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";

let store: Store;
let clock: ManualClock;
let errors: unknown[];
let alerts: Alerts;
let ids: number;

beforeEach(async () => {
  store = await openSqlite(":memory:");
  clock = manualClock();
  errors = [];
  ids = 0;
  alerts = createAlerts({
    sink: store.alerts,
    now: clock.now,
    newId: () => `alert_${ids++}`,
    onError: (error) => errors.push(error),
  });
});

const kept = async () =>
  (await store.alerts.list({ limit: 100 })).data.map(({ kind, subject, count, message, resolvedAtMs }) => [
    kind,
    subject,
    count,
    message,
    resolvedAtMs === null,
  ]);

describe("alerts", () => {
  test("are written behind whoever raises them, and counted while they are open", async () => {
    alerts.raise("refused", "one", "first");
    alerts.raise("refused", "two", "other");
    await alerts.flush();
    alerts.raise("refused", "one", "second");
    await alerts.flush();
    expect(await kept()).toEqual([
      ["refused", "two", 1, "other", true],
      ["refused", "one", 2, "second", true],
    ]);
  });

  test("that are raised ten thousand times in a burst are written a few times, and all counted", async () => {
    const start = clock.now();
    for (let time = 0; time < 10_000; time++) {
      alerts.raise("misuse", "key_1", `call ${time}`);
      clock.advance(1);
    }
    await alerts.flush();
    expect(await kept()).toEqual([["misuse", "key_1", 10_000, "call 9999", true]]);
    expect((await store.alerts.list({ limit: 1 })).data[0]).toMatchObject({
      firstAtMs: start,
      lastAtMs: start + 9_999,
    });
    expect(ids).toBeLessThan(5);
  });

  test("are over when they are resolved, and open anew when they are raised again, in that order", async () => {
    alerts.resolve("refused", "one");
    alerts.raise("refused", "one", "first");
    alerts.resolve("refused", "one");
    alerts.resolve("refused", "one");
    alerts.raise("refused", "one", "again");
    alerts.raise("refused", "one", "again and again");
    await alerts.flush();
    expect(await kept()).toEqual([
      ["refused", "one", 2, "again and again", true],
      ["refused", "one", 1, "first", false],
    ]);
  });

  test("are announced once when they begin and once when they are over, also those that can't be written", async () => {
    const told: string[] = [];
    alerts = createAlerts({
      sink: store.alerts,
      now: clock.now,
      newId: () => `alert_${ids++}`,
      onError: (error) => errors.push(error),
      announce: async ({ change, alert }) => void told.push(`${change} ${alert.subject} ${alert.count}`),
    });
    alerts.raise("refused", "one", "first");
    await alerts.flush();
    alerts.raise("refused", "one", "second");
    await alerts.flush();
    alerts.resolve("refused", "one");
    alerts.resolve("refused", "never");
    await alerts.flush();
    expect(told).toEqual(["opened one 1", "resolved one 2"]);
    await store.close();
    alerts.raise("disk_full", "data", "no room");
    for (let time = 0; time < 5; time++) await alerts.flush();
    expect(told.slice(2)).toEqual(["opened data 1"]);
  });

  test("never fail whoever raises them: a database that takes no write is reported, and given up after three tries", async () => {
    await store.close();
    alerts.raise("refused", "one", "lost");
    for (let time = 0; time < 5; time++) await alerts.flush();
    expect(errors).toHaveLength(3);
    alerts.raise("refused", "two", "lost too");
    await alerts.flush();
    expect(errors.length).toBeGreaterThan(3);
  });
});
