// The dispatcher over a database file and real sockets, with a clock that the test moves: what it promises of retries and restarts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { workerLog } from "../../../src/observe/log.worker.ts";
import { createDeliver } from "../../../src/observe/webhooks/deliver.ts";
import { createDispatcher, type Dispatcher, retryWaitsMs } from "../../../src/observe/webhooks/dispatcher.ts";
import { undiciPost } from "../../../src/observe/webhooks/post.undici.ts";
import { newWebhookSecret } from "../../../src/observe/webhooks/sign.ts";
import type { Store } from "../../../src/store/port.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import { type ManualClock, manualClock } from "../../support/clock.ts";
import { type Receiver, startReceiver } from "../../support/receiver.ts";

const secret = newWebhookSecret();
let folder: string;
let store: Store;
let clock: ManualClock;
let receiver: Receiver;
let dispatcher: Dispatcher;
let told: string[];
let errors: unknown[];
let closeNetwork: () => Promise<void>;
let ids = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-webhooks-"));
  clock = manualClock();
  receiver = await startReceiver();
  await open();
});

afterEach(async () => {
  await close();
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<void> {
  store = await openSqlite(join(folder, "turnpike.db"));
  [told, errors] = [[], []];
  const network = undiciPost({ allowPrivate: true, timeoutMs: 2_000 });
  closeNetwork = network.close;
  dispatcher = createDispatcher({
    queue: store.webhooks,
    deliver: createDeliver({ post: network.post, allowPrivate: true, now: () => Date.now() }),
    open: (sealed) => Buffer.from(sealed).toString(),
    now: clock.now,
    random: () => 0.5,
    newId: (prefix) => `${prefix}_${String(ids++).padStart(4, "0")}`,
    log: workerLog("silent"),
    onTrouble: (id, message) => told.push(`${id}: ${message}`),
    onRecovered: (id) => told.push(`${id} recovered`),
    onError: (error) => errors.push(error),
  });
}

async function close(): Promise<void> {
  await dispatcher.close();
  await closeNetwork();
  await store.close();
}

async function webhook(id: string, events: readonly string[] = ["*"]): Promise<void> {
  await store.webhooks.create({
    id,
    url: `${receiver.url}/${id}`,
    description: "",
    events,
    status: "active",
    disabledReason: null,
    sealedSecret: Buffer.from(secret),
    previousSealedSecret: null,
    previousUntilMs: null,
    createdAtMs: clock.now(),
    updatedAtMs: clock.now(),
  });
}

const deliveries = async (id: string) => (await store.webhooks.deliveries({ webhookId: id, limit: 100 })).data;
const states = async (id: string) => (await deliveries(id)).map(({ state, tries }) => `${state} ${tries}`);

test("an event is delivered once to each webhook that wants its type, signed, in the recommended envelope", async () => {
  await webhook("whk_1", ["alert.*"]);
  await webhook("whk_2", ["other.*"]);
  await dispatcher.publish("alert.disk_full.opened", { subject: "data" });
  await dispatcher.run();
  expect(receiver.events).toHaveLength(1);
  const [event] = receiver.events;
  expect(event).toMatchObject({ path: "/whk_1", type: "alert.disk_full.opened", data: { subject: "data" } });
  expect(JSON.parse(event?.body ?? "").timestamp).toBe(new Date(clock.now()).toISOString());
  expect(event !== undefined && receiver.verifies(event, secret)).toBe(true);
  await dispatcher.run();
  expect(receiver.events).toHaveLength(1);
  expect([await states("whk_1"), await states("whk_2")]).toEqual([["delivered 1"], []]);
});

test("what is not taken is tried again after growing waits, with one id, and is a dead letter in the end", async () => {
  await webhook("whk_1");
  receiver.answer = 500;
  await dispatcher.publish("t", {});
  await dispatcher.run();
  for (const [nth, wait] of retryWaitsMs.entries()) {
    expect(receiver.events).toHaveLength(nth + 1);
    clock.advance(wait - 1);
    await dispatcher.run();
    expect(receiver.events).toHaveLength(nth + 1);
    clock.advance(1);
    await dispatcher.run();
  }
  expect(receiver.events).toHaveLength(retryWaitsMs.length + 1);
  expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(1);
  expect(await deliveries("whk_1")).toMatchObject([{ state: "dead", lastStatus: 500, nextAtMs: null }]);
  expect(told).toEqual([expect.stringMatching(/^whk_1: .*given up.*500/)]);

  receiver.answer = 200;
  clock.advance(1_000_000);
  const [{ id = "" } = {}] = await deliveries("whk_1");
  await store.webhooks.resend("whk_1", id, clock.now());
  await dispatcher.run();
  expect(await states("whk_1")).toEqual(["delivered 1"]);
  expect(told.at(-1)).toBe("whk_1 recovered");
});

test("what waits survives a restart, and what a dead process had claimed is taken up when its claim is over", async () => {
  await webhook("whk_1");
  receiver.answer = 503;
  await dispatcher.publish("first", {});
  await dispatcher.run();
  await store.webhooks.put({ id: "evt_x", type: "second", body: '{"type":"second"}', atMs: clock.now() }, [
    { id: "whd_x", webhookId: "whk_1" },
  ]);
  await store.webhooks.claim(clock.now(), clock.now() + 60_000, 10);
  await close();
  receiver.answer = 204;
  await open();
  clock.advance(30_000);
  await dispatcher.run();
  expect(receiver.events.map(({ type }) => type)).toEqual(["first", "first"]);
  clock.advance(30_000);
  await dispatcher.run();
  expect(receiver.events.map(({ type }) => type)).toEqual(["first", "first", "second"]);
});

test("two processes on one database deliver each event once", async () => {
  await webhook("whk_1");
  const first = dispatcher;
  const [firstStore, firstNetwork] = [store, closeNetwork];
  await open();
  for (let nth = 0; nth < 40; nth++)
    await store.webhooks.put({ id: `evt_${nth}`, type: `t${nth}`, body: `{"type":"t${nth}"}`, atMs: clock.now() }, [
      { id: `whd_${nth}`, webhookId: "whk_1" },
    ]);
  await Promise.all([first.run(), dispatcher.run()]);
  expect(new Set(receiver.events.map(({ type }) => type)).size).toBe(40);
  expect(receiver.events).toHaveLength(40);
  await first.close();
  await firstNetwork();
  await firstStore.close();
});

test("a receiver that says 410 is sent nothing more until an operator says so", async () => {
  await webhook("whk_1");
  receiver.answer = 410;
  await dispatcher.publish("t", {});
  await dispatcher.run();
  expect(await store.webhooks.get("whk_1")).toMatchObject({ status: "disabled" });
  expect(told).toEqual([expect.stringMatching(/^whk_1: .*410/)]);
  receiver.answer = 204;
  await dispatcher.publish("t", {});
  await dispatcher.run();
  expect(receiver.events).toHaveLength(1);
});

test("what can't be queued is sent at once, and nobody who publishes fails", async () => {
  await webhook("whk_1");
  const full = { ...store.webhooks, put: () => Promise.reject(new Error("database or disk is full")) };
  Object.assign(store.webhooks, full);
  await dispatcher.publish("alert.disk_full.opened", {});
  expect(receiver.events.map(({ type }) => type)).toEqual(["alert.disk_full.opened"]);
  expect(errors).toHaveLength(1);
  await store.close();
  await dispatcher.publish("t", {});
  await dispatcher.run();
  expect(errors).toHaveLength(3);
  store = await openSqlite(join(folder, "turnpike.db"));
});
