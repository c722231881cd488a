// A database of an earlier version: its calls are rolled up after the start, an hour at a time, whatever is settled meanwhile.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Client from "better-sqlite3";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "../../src/store/sqlite.ts";
import { noon, sampleCall, sampleSettlement } from "./samples.ts";

const hour = 3_600_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-rollups-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As the version before roll-ups has left it: three settled calls in two hours of two days, one of them prepaid, and an open one. */
function earlier(path: string): void {
  const client = new Client(path);
  client.exec("create table migrations (hash text primary key not null, made_at_ms integer not null)");
  const all = readMigrationFiles({ migrationsFolder: fileURLToPath(new URL("../../drizzle/sqlite", import.meta.url)) });
  const before = all.findIndex(({ sql }) => sql.some((statement) => statement.includes("usage_daily")));
  for (const { sql, hash, folderMillis } of all.slice(0, before)) {
    for (const statement of sql) client.exec(statement);
    client.prepare("insert into migrations values (?, ?)").run(hash, folderMillis);
  }
  const call =
    client.prepare(`insert into calls (id, key_id, customer, project, operation, dialect, requested_model, stream,
    opened_at_ms, estimated_input_tokens, outcome, provider, model, cost_nanos, charged_nanos, input_tokens, output_tokens, settled_at_ms)
    values (?, 'key_1', 'acme', 'shop', 'chat', 'openai-chat', 'm', 0, ?, 1, ?, 'openai', 'm', ?, ?, 1, 1, ?)`);
  call.run("a", noon, "completed", 10, 12, noon);
  call.run("b", noon + 1, "failed", 20, 24, noon);
  call.run("c", noon - 20 * hour, "completed", 40, 48, noon);
  call.run("open", noon + 2, null, null, null, null);
  client.exec(`insert into ledger_entries values ('b', ${noon}, 'acme', 'charge', -24, 'revenue', null, null, null)`);
  client.close();
}

test("usage is the same before, while and after it is rolled up, and what was open counts once", async () => {
  const path = join(folder, "turnpike.db");
  earlier(path);
  const store = await openSqlite(path);
  const usage = async () => {
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    return (await store.calls.usage({ ...all, groupBy: ["day"] })).map((row) => [
      row.group.day,
      row.requests,
      row.chargedNanos,
      row.prepaidNanos,
    ]);
  };
  const expected = [
    ["2026-11-23", 1, 48n, 0n],
    ["2026-11-24", 2, 36n, 24n],
  ];
  const client = new Client(path);
  const cells = () => client.prepare("select count(*) from usage_daily").pluck().get();
  expect([await usage(), cells()]).toEqual([expected, 0]);
  expect(await store.rollups.removeCalls(noon + hour, 100), "nothing goes before it is rolled up").toBe(0);
  await store.calls.append({
    opened: [],
    settled: [sampleSettlement({ id: "open", costNanos: 1n, chargedNanos: 1n })],
  });
  const [first, [day, , , prepaid] = []] = expected;
  const then = [first, [day, 3, 37n, prepaid]];
  expect(await usage()).toEqual(then);
  expect(await store.rollups.fill()).toBe(true);
  expect(await usage()).toEqual(then);
  await store.calls.append({
    opened: [sampleCall({ id: "late", openedAtMs: noon - 19 * hour })],
    settled: [sampleSettlement({ id: "late", costNanos: 2n, chargedNanos: 2n })],
  });
  const late = [["2026-11-23", 2, 50n, 0n], then[1]];
  expect(await usage()).toEqual(late);
  while (await store.rollups.fill()) expect(await usage()).toEqual(late);
  expect([await usage(), await store.rollups.fill()]).toEqual([late, false]);
  expect(await store.rollups.removeCalls(noon + hour, 100)).toBe(5);
  expect(await usage()).toEqual(late);
  client.close();
  await store.close();
});

test("a new database has nothing to be rolled up", async () => {
  const store = await openSqlite(":memory:");
  expect(await store.rollups.fill()).toBe(false);
  await store.close();
});
