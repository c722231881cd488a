// Retention by a real gateway: records of calls go, what was used and spent stays.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "../../src/store/sqlite.ts";
import { tendRecords } from "../../src/usage/retention.ts";
import { noon, sampleCall, sampleKey, sampleSettlement } from "../store/samples.ts";
import { manualClock } from "../support/clock.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

const day = 86_400_000;
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { TURNPIKE_RETENTION_DAYS: "30" } });
});
afterAll(() => gateway.close());

const admin: Gateway["manage"] = (...asked) => gateway.manage(...asked);

test("what is older than is kept goes, and the budget that it was spent from knows of it", async () => {
  const budget = { usd: "1", per: "total" };
  const { id, key } = await admin("POST", "/keys", { name: "k", customer: "acme", policy: { budget } });
  const nowMs = Date.now();
  const openedAtMs = { old: nowMs - 40 * day, young: nowMs - 20 * day };
  const store = await openSqlite(join(gateway.folder, "turnpike.db"));
  for (const [name, atMs] of Object.entries(openedAtMs)) {
    await store.calls.append({
      opened: [sampleCall({ id: name, keyId: id as string, openedAtMs: atMs })],
      settled: [sampleSettlement({ id: name, costNanos: 250_000_000n })],
    });
  }
  gateway = await gateway.restart();
  await expect.poll(() => store.calls.get("old"), { timeout: 10_000 }).toBeNull();
  expect((await store.calls.get("young"))?.settlement?.outcome).toBe("completed");
  await store.close();
  const from = new Date(nowMs - 60 * day).toISOString().slice(0, 10);
  const { data } = (await admin("GET", `/usage?customer=acme&from=${from}&group_by=month`)) as {
    data: { requests: number }[];
  };
  expect(data.reduce((sum, { requests }) => sum + requests, 0)).toBe(2);
  const own = await fetch(`${gateway.url}/v1/key`, { headers: { authorization: `Bearer ${key}` } });
  expect(await own.json()).toMatchObject({ budgets: [{ spent_usd: "0.5", left_usd: "0.5" }] });
});

test("nothing goes where nobody says how long it is kept, and no more once it is to stop", async () => {
  const store = await openSqlite(":memory:");
  await store.keys.create(sampleKey());
  const ids = Array.from({ length: 600 }, (_, at) => `req_${at}`);
  await store.calls.append({
    opened: ids.map((id) => sampleCall({ id, openedAtMs: noon - 3 * day })),
    settled: ids.map((id) => sampleSettlement({ id })),
  });
  const left = async () =>
    (await Promise.all(ids.map((id) => store.calls.get(id)))).filter((call) => call !== null).length;
  const { rollups } = store;
  const clock = manualClock(noon);
  await tendRecords({ rollups, clock, retentionDays: null }, () => true);
  expect(await left()).toBe(600);
  await tendRecords({ rollups, clock, retentionDays: 3 }, () => true);
  expect(await left(), "the third day before today is kept whole").toBe(600);
  let steps = 0;
  await tendRecords({ rollups, clock, retentionDays: 2 }, () => steps++ < 2);
  expect(await left(), "one step to fill, one to remove").toBe(550);
  await tendRecords({ rollups, clock, retentionDays: 2 }, () => true);
  expect(await left()).toBe(0);
  await store.close();
});
