// Counters of refusals and networks over a real database: counted in memory, written in groups, and nothing lost by a write that fails.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNetworkWatch } from "../../src/observe/networks.ts";
import { createRefusalCounter } from "../../src/observe/refusals.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 24, 12);
const key = { id: "key_1", customer: "acme", project: "shop" };
let store: Store;

beforeEach(async () => {
  store = await openSqlite(":memory:");
});
afterEach(() => store.close());

const counts = async () =>
  (await store.refusals.list({ groupBy: ["key", "code"], fromMs: 0, toMs: noon + hour })).map(
    ({ group, refused }) => `${group.key} ${group.code} ${refused}`,
  );

test("refusals are counted for a key and hour, and nothing is lost when the database takes no write for a while", async () => {
  let failing = true;
  const counter = createRefusalCounter({
    add: (rows) => (failing ? Promise.reject(new Error("locked")) : store.refusals.add(rows)),
  });
  for (let nth = 0; nth < 5; nth++) counter.count("budget_exceeded", key, noon + nth);
  await expect(counter.flush()).rejects.toThrow("locked");
  counter.count("budget_exceeded", key, noon + hour / 2);
  counter.count("invalid_api_key", null, noon);
  failing = false;
  await counter.flush();
  await counter.flush();
  expect(await counts()).toEqual(["key_1 budget_exceeded 6", " invalid_api_key 1"]);
});

test("refusals of more keys than memory is kept for are counted as nobody's", async () => {
  const counter = createRefusalCounter({ add: (rows) => store.refusals.add(rows) });
  for (let nth = 0; nth < 20_500; nth++) counter.count("key_expired", { ...key, id: `key_${nth}` }, noon);
  await counter.flush();
  const all = await store.refusals.list({ groupBy: [], fromMs: 0, toMs: noon + 1 });
  expect(all).toEqual([{ group: {}, refused: 20_500 }]);
  const nobody = await store.refusals.list({ groupBy: [], fromMs: 0, toMs: noon + 1, keyId: "" });
  expect(nobody).toEqual([{ group: {}, refused: 500 }]);
});

test("a network is noted once an hour for each key, by a name that does not show it", async () => {
  const noted: string[] = [];
  const watch = createNetworkWatch({
    nameOf: (address) => `digest of ${address.length}`,
    note: async (uses) => {
      noted.push(...uses.map(({ keyId, network, atMs }) => `${keyId} ${network} ${atMs - noon}`));
      await store.networks.note(uses);
    },
  });
  for (let nth = 0; nth < 100; nth++) watch.came("key_1", "203.0.113.7", noon + nth);
  watch.came("key_2", "203.0.113.7", noon);
  await watch.flush();
  watch.came("key_1", "203.0.113.7", noon + hour);
  await watch.flush();
  await watch.flush();
  expect(noted).toEqual(["key_1 digest of 11 0", "key_2 digest of 11 0", `key_1 digest of 11 ${hour}`]);
  expect(await store.networks.fresh(noon, 1)).toHaveLength(2);
});
