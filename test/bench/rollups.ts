// What roll-ups gain and what they cost: usage of a month by day and model, from them and from the calls of the same database, and what
// the writes of a call cost over so many: `node test/bench/rollups.ts [calls] [days]`, by default 10 million over 365 days.
import { mkdtempSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { callStore } from "../../src/store/calls.ts";
import type { Driver } from "../../src/store/driver.ts";
import type { UsageQuery } from "../../src/store/port.ts";
import { rollupStore } from "../../src/store/rollups.ts";
import { openSqliteDriver } from "../../src/store/sqlite.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const [amount = 10_000_000, days = 365] = process.argv.slice(2).map(Number);
const dayMs = 86_400_000;
const beginMs = Date.UTC(2026, 0, 1);
const endMs = beginMs + days * dayMs;
/** 400 keys of 100 customers, a tenth of which have half of the calls; each calls 3 of 24 models, one of them most of the time. */
const [keys, models] = [400, 24];
const bytesPerCall = 800;

const folder = mkdtempSync(join(tmpdir(), "turnpike-rollups-"));
try {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < 2 * amount * bytesPerCall)
    throw new Error("There is not room enough in the folder for temporary files.");
  await measure(join(folder, "turnpike.db"));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(path: string): Promise<void> {
  const driver = await openSqliteDriver(path);
  const [, madeMs] = await timed(async () => makeCalls(path));
  console.log(`${amount} calls over ${days} days: ${gigabytes(path)} GB, made in ${seconds(madeMs)} s`);
  await fill(driver);
  console.log(
    `roll-ups: ${count(path, "usage_hourly")} cells of hours, ${count(path, "usage_daily")} of days, ${gigabytes(path)} GB in all`,
  );
  const month = { fromMs: beginMs, toMs: Math.min(endMs, beginMs + 31 * dayMs) };
  await compare(driver, path, "a month by day and model", { ...month, groupBy: ["day", "model"] });
  await compare(driver, path, "a month by hour and model", { ...month, groupBy: ["hour", "model"] });
  await compare(driver, path, "a month by customer, hours at its edges", {
    ...{ fromMs: month.fromMs + 1_800_000, toMs: month.toMs - 1_800_000, groupBy: ["customer"] },
  });
  await compare(driver, path, "what a key has spent, ever", {
    ...{ groupBy: [], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, keyId: "key_7" },
  });
  await appending(driver);
  await driver.close();
}

/** Rows as `append` leaves them, written by SQLite itself. */
function makeCalls(path: string): void {
  const client = new Client(path);
  client.pragma("synchronous = OFF");
  client.pragma("cache_size = -1000000");
  client.exec(`
    with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${amount}),
    r as (select i, ${scattered(2654435761)} a, ${scattered(2246822519)} b, ${scattered(3266489917)} c, ${scattered(668265263)} d from n),
    k as (select *, cast(${keys} * pow(a / 16777216.0, 3) as integer) key, min(b % 10 / 7, 1) + min(b % 10 / 9, 1) nth,
      cast(${endMs - beginMs} * (i + 0.0) / ${amount} as integer) at from r)
    insert into calls (id, key_id, customer, project, operation, dialect, requested_model, stream, opened_at_ms,
      estimated_input_tokens, outcome, http_status, provider, model, canonical_model, finish_reason, input_tokens, output_tokens,
      cached_input_tokens, estimated, cost_nanos, charged_nanos, prepaid, attempts, settled_at_ms, ttft_ms, duration_ms)
    select printf('req_%08x%022x', i * 2654435761 % 4294967296, i), 'key_' || key, 'customer_' || (key / 4), 'project_' || (key % 2),
      'chat', 'openai-chat', 'gpt-5-mini', d % 2, ${beginMs} + at, c % 900, 'completed', 200, 'provider_' || ((key + nth) % 3),
      'model-' || ((key * 7 + nth) % ${models}), 'vendor/model-' || ((key * 7 + nth) % ${models}), 'stop', c % 1000, d % 700, c % 300, 0,
      (c % 1000) * 250 + (d % 700) * 2000, (c % 1000) * 300 + (d % 700) * 2400, 0,
      '[{"provider":"openai","model":"gpt-5-mini","result":"ok","status":200,"startedAtMs":1795521600000,"durationMs":812.5,"ttftMs":300.25,"reason":"best"}]',
      ${beginMs} + at + 900, 301.5, 900.75
    from k`);
  client.prepare("insert into meta (name, value) values ('usage_rolled_from', ?)").run(`${Number.MAX_SAFE_INTEGER}`);
  client.pragma("wal_checkpoint(TRUNCATE)");
  client.close();
}

/** A number of 24 bits for each row, the same wherever it is asked for. */
function scattered(factor: number): string {
  return `(i * ${factor} % 4294967296 >> 8)`;
}

/** As the upkeep of a start over an earlier version's database does. */
async function fill(driver: Driver): Promise<void> {
  const rollups = rollupStore(driver);
  const steps: number[] = [];
  const [, ms] = await timed(async () => {
    for (;;) {
      const [filled, stepMs] = await timed(() => rollups.fill());
      steps.push(stepMs);
      if (!filled) return;
    }
  });
  const longest = Math.max(...steps).toFixed(1);
  console.log(`rolled up in ${seconds(ms)} s, in ${steps.length} steps, the longest of ${longest} ms`);
}

async function compare(driver: Driver, path: string, what: string, query: UsageQuery): Promise<void> {
  const calls = callStore(driver);
  const rolled = await timed(() => calls.usage(query), 7);
  const client = new Client(path);
  client.prepare("insert into meta (name, value) values ('usage_rolled_from', ?)").run(`${Number.MAX_SAFE_INTEGER}`);
  const raw = await timed(() => calls.usage(query), 3);
  client.exec("delete from meta where name = 'usage_rolled_from'");
  client.close();
  if (show(rolled[0]) !== show(raw[0])) throw new Error(`${what}: roll-ups say otherwise than the calls.`);
  const times = `${rolled[1].toFixed(2)} ms from roll-ups, ${raw[1].toFixed(0)} ms from the calls`;
  console.log(`${what} (${rolled[0].length} rows): ${times}: 1/${(raw[1] / rolled[1]).toFixed(0)}`);
}

/** What a call's two writes cost over so many calls, roll-ups included, in groups of several sizes (`journal.ts` measures all of it). */
async function appending(driver: Driver): Promise<void> {
  for (const [size, spent] of await eachSize(driver)) {
    console.log(`append, groups of ${size}: ${spent.toFixed(1)} µs of CPU a call`);
  }
}

/** Microseconds of CPU a call: the least of some rounds. */
async function eachSize(driver: Driver): Promise<ReadonlyMap<number, number>> {
  const store = callStore(driver);
  const least = new Map<number, number>();
  for (const size of [1, 20, 200]) {
    for (let round = 0; round < 8; round++) {
      const groups = Array.from({ length: Math.ceil(4_000 / size) }, (_, group) =>
        Array.from({ length: size }, (_, at) => {
          const id = `req_${size}_${round}_${group}_${at}`;
          return sampleCall({ id, keyId: `key_${(group + at * 7) % keys}`, openedAtMs: endMs });
        }),
      );
      const before = process.cpuUsage();
      for (const opened of groups) {
        await store.append({ opened, settled: [] });
        await store.append({ opened: [], settled: opened.map(({ id }) => sampleSettlement({ id })) });
      }
      const { user, system } = process.cpuUsage(before);
      least.set(size, Math.min(least.get(size) ?? Number.POSITIVE_INFINITY, (user + system) / (groups.length * size)));
    }
  }
  return least;
}

/** The last result, and the median of the times, milliseconds. */
async function timed<T>(work: () => Promise<T>, times = 1): Promise<readonly [T, number]> {
  const taken: number[] = [];
  let result: T | undefined;
  for (let time = 0; time < times; time++) {
    const begun = performance.now();
    result = await work();
    taken.push(performance.now() - begun);
  }
  return [result as T, taken.sort((a, b) => a - b)[times >> 1] ?? 0];
}

function count(path: string, table: string): unknown {
  const client = new Client(path, { readonly: true });
  const found = client.prepare(`select count(*) from ${table}`).pluck().get();
  client.close();
  return found;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each));
}

function gigabytes(path: string): string {
  return (statSync(path).size / 1e9).toFixed(2);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
