// What operators are told of that no single event shows: over a real database, with a clock that the test moves.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAlerting } from "../src/alerting.ts";
import { type Alerts, createAlerts } from "../src/observe/alerts.ts";
import type { KeyChanges, Store } from "../src/store/port.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import { sampleCall, sampleKey, sampleSettlement } from "./store/samples.ts";
import { type ManualClock, manualClock } from "./support/clock.ts";

const hour = 3_600_000;
const day = 24 * hour;
const usual = { newNetworks: 3, spendingFactor: 5, refusals: 100, failedKeys: 50, creditPercent: 10 };

let store: Store;
let clock: ManualClock;
let alerts: Alerts;
let look: () => Promise<void>;
let errors: unknown[];
let ids: number;

beforeEach(async () => {
  store = await openSqlite(":memory:");
  clock = manualClock();
  errors = [];
  ids = 0;
  const onError = (error: unknown) => void errors.push(error);
  alerts = createAlerts({
    sink: store.alerts,
    now: clock.now,
    newId: () => `alert_${String(ids++).padStart(9, "0")}`,
    onError,
  });
  const looking = createAlerting({ store, alerts, config: { alertAt: usual }, clock, onError });
  look = async () => {
    await looking();
    await alerts.flush();
  };
});

afterEach(async () => {
  expect(errors).toEqual([]);
  await store.close();
});

const open = async () =>
  (await store.alerts.list({ open: true, limit: 1_000 })).data
    .map(({ kind, subject, count }) => `${kind} ${subject} ${count}`)
    .sort();

async function key(id: string, changes: KeyChanges = {}): Promise<void> {
  const { key, secret } = sampleKey();
  await store.keys.create({
    key: { ...key, id, createdAtMs: clock.now(), ...changes },
    secret: { ...secret, keyId: id, digest: `digest of ${id}` },
  });
}

let nth = 0;
async function spend(keyId: string, costNanos: bigint): Promise<void> {
  const id = `req_${nth++}`;
  const at = { openedAtMs: clock.now() };
  const settled = { ...sampleSettlement(), id, costNanos, settledAtMs: clock.now() };
  await store.calls.append({ opened: [{ ...sampleCall(), ...at, id, keyId }], settled: [settled] });
}

test("keys that expire or are to be rotated within a week are told of, once, until it is done", async () => {
  await key("key_ends", { expiresAtMs: clock.now() + 20 * day });
  await key("key_turns", { rotation: { everyDays: 10, overlapHours: 1 } });
  await key("key_stays");
  await look();
  expect(await open()).toEqual([]);
  clock.advance(4 * day);
  await look();
  await look();
  expect(await open()).toEqual(["rotation_due key_turns 1"]);
  clock.advance(10 * day);
  await look();
  expect(await open()).toEqual(["key_expiring key_ends 1", "rotation_overdue key_turns 1"]);
  await store.keys.update("key_ends", { expiresAtMs: clock.now() + 90 * day });
  const secret = {
    digest: "new",
    keyId: "key_turns",
    createdAtMs: clock.now(),
    expiresAtMs: null,
    hint: null,
    lastUsedAtMs: null,
  };
  await store.keys.rotate("key_turns", secret, clock.now() + hour);
  await look();
  expect(await open()).toEqual([]);
});

test("thousands of keys are told of in two hundred alerts and one for the rest", async () => {
  for (let nth = 0; nth < 250; nth++) await key(`key_${nth}`, { expiresAtMs: clock.now() + day });
  await look();
  const told = await open();
  expect(told).toHaveLength(201);
  expect(told[0]).toBe("key_expiring * 1");
  expect((await store.alerts.list({ limit: 1_000 })).data.find(({ subject }) => subject === "*")?.message).toContain(
    "50 more",
  );
});

test("credit is low at a tenth of the latest top-up, however much there was before, and no more after the next one", async () => {
  const move = (id: string, dollars: number, kind: "top_up" | "adjustment" = "top_up") =>
    store.ledger.add({
      id,
      atMs: clock.now(),
      customer: "acme",
      kind,
      amountNanos: BigInt(dollars) * 1_000_000_000n,
      counterAccount: "cash",
      reason: null,
      actor: null,
      expiresAtMs: null,
    });
  await move("1", 1_000);
  await move("2", 100);
  await move("3", -1_089, "adjustment");
  await look();
  expect(await open()).toEqual([]);
  await move("4", -1, "adjustment");
  await look();
  await look();
  expect(await open()).toEqual(["credit_low acme 1"]);
  await move("5", 100);
  await look();
  expect(await open()).toEqual([]);
});

test("a key that comes from many new networks at once is told of; one that is new, popular or made for browsers is not", async () => {
  for (const id of ["key_stolen", "key_new", "key_popular"]) await key(id);
  await key("key_browser", { policy: { origins: ["https://shop.example"] } });
  const note = (keyId: string, from: number, count: number) =>
    store.networks.note(
      Array.from({ length: count }, (_, at) => ({ keyId, network: `n${from + at}`, atMs: clock.now() })),
    );
  await note("key_stolen", 0, 1);
  await note("key_popular", 0, 5);
  await note("key_browser", 0, 1);
  clock.advance(2 * hour);
  for (const id of ["key_stolen", "key_new", "key_popular", "key_browser"]) await note(id, 100, 4);
  await look();
  expect(await open()).toEqual(["unusual_use key_stolen networks 1"]);
  clock.advance(2 * hour);
  await look();
  expect(await open()).toEqual([]);
});

test("a day's spending that is five times the week's average is told of, where it is worth a dollar", async () => {
  await key("key_jumps");
  await key("key_small");
  for (let at = 0; at < 7; at++) {
    await spend("key_jumps", 1_000_000_000n);
    await spend("key_small", 1_000n);
    clock.advance(day);
  }
  clock.advance(hour);
  await look();
  expect(await open()).toEqual([]);
  await spend("key_jumps", 5_100_000_000n);
  await spend("key_small", 900_000_000n);
  clock.advance(hour);
  await look();
  expect(await open()).toEqual(["unusual_use key_jumps spending 1"]);
});

test("many refusals of a key, and many unknown keys, are told of until an hour after they ended", async () => {
  await key("key_loops");
  const refuse = (keyId: string, code: string, count: number) =>
    store.refusals.add([{ keyId, customer: "", project: "", hourMs: clock.now() - (clock.now() % hour), code, count }]);
  await refuse("key_loops", "budget_exceeded", 60);
  await refuse("", "invalid_api_key", 49);
  await look();
  expect(await open()).toEqual([]);
  await refuse("key_loops", "model_not_allowed", 40);
  await refuse("", "invalid_api_key", 1);
  await look();
  expect(await open()).toEqual(["authentication_failures customers 1", "unusual_use key_loops refusals 1"]);
  clock.advance(hour);
  await look();
  expect(await open()).toHaveLength(2);
  clock.advance(hour);
  await look();
  expect(await open()).toEqual([]);
});

test("marks of budgets close with their period, and a leaked key after a month", async () => {
  alerts.raise("budget_reached", "key:key_1 day 2026-11-24 80%", "80 %");
  alerts.raise("key_leaked", "key_1", "found");
  await alerts.flush();
  clock.advance(11 * hour);
  await look();
  expect(await open()).toHaveLength(2);
  clock.advance(hour);
  await look();
  expect(await open()).toEqual(["key_leaked key_1 1"]);
  clock.advance(30 * day);
  await look();
  expect(await open()).toEqual([]);
});

describe("the mark of a budget in total", () => {
  const budget = (usd: string) => ({ budget: { usd, alert_at: [80] } });
  const reached = (key: string, usd: string) =>
    alerts.raise(
      "budget_reached",
      `key:${key} total ever 80%`,
      `80 % of the budget of $${usd} of key:${key} is spent.`,
    );

  test("stays as long as it is true, and closes when its budget is raised or gone, or its key is", async () => {
    for (const id of ["key_stays", "key_raised", "key_freed", "key_gone", "key_revoked"]) {
      await key(id, { policy: budget("1") });
      await spend(id, 900_000_000n);
      reached(id, "1");
    }
    await alerts.flush();
    clock.advance(400 * day);
    await look();
    expect(await open()).toHaveLength(5);
    await store.keys.update("key_raised", { policy: budget("2") });
    await store.keys.update("key_freed", { policy: {} });
    await store.keys.remove("key_gone");
    await store.keys.revoke("key_revoked", clock.now());
    await look();
    expect(await open()).toEqual(["budget_reached key:key_stays total ever 80% 1"]);
  });

  test("tells of another budget that is as far spent", async () => {
    await key("key_1", { policy: budget("1.1") });
    await spend("key_1", 900_000_000n);
    reached("key_1", "1");
    await alerts.flush();
    await look();
    await look();
    const [alert] = (await store.alerts.list({ open: true, limit: 1 })).data;
    expect(alert).toMatchObject({
      message: "80 % of the budget of $1.1 of key:key_1 is spent.",
      count: 2,
      subject: "key:key_1 total ever 80%",
    });
  });
});
