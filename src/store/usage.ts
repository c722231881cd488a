// Sums over settled calls, grouped as the caller asks: from roll-ups where the range has whole hours and days, from the calls at its
// edges. Both are summed by the same measures, so that it makes no difference but of time.
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./driver.ts";
import {
  type Dimension,
  dimensionNames,
  dimensions,
  listed,
  type Measure,
  measureNames,
  measures,
} from "./measures.ts";
import type { UsageGroup, UsageQuery, UsageRow } from "./port.ts";
import { dayMs, hourMs, rolledFrom } from "./rollups.ts";
import { calls, keys } from "./schema.sqlite.ts";
import { usageDaily, usageHourly } from "./schema-rollups.sqlite.ts";
import { ruleKeys } from "./schema-rules.sqlite.ts";
import { within } from "./within.ts";

interface Group {
  /** Of `used`, sums of calls that are alike, whose key is `keys`, where it is there still. */
  readonly value: SQL;
  /** The column of `used` that it is told by. */
  readonly by: "at_ms" | Dimension;
  /** As it is shown. */
  text(value: unknown): string;
}

const plain = (by: Dimension): Group => ({ value: sql.raw(`used.${by}`), by, text: String });
const ofKey = (value: SQL): Group => ({ value: sql`coalesce(${value}, '')`, by: "key_id", text: String });
const ofTime = (value: SQL, text: Group["text"]): Group => ({ value, by: "at_ms", text });
const iso = (ms: number): string => new Date(ms).toISOString();

const groups: Readonly<Record<Exclude<UsageGroup, `metadata.${string}`>, Group>> = {
  key: plain("key_id"),
  customer: plain("customer"),
  project: plain("project"),
  model: plain("model"),
  provider: plain("provider"),
  endpoint: plain("operation"),
  environment: ofKey(sql`${keys.environment}`),
  hour: ofTime(sql.raw(`used.at_ms / ${hourMs}`), (hour) => `${iso(Number(hour) * hourMs).slice(0, 13)}:00Z`),
  day: ofTime(sql.raw(`used.at_ms / ${dayMs}`), (day) => iso(Number(day) * dayMs).slice(0, 10)),
  month: ofTime(sql`strftime('%Y-%m', used.at_ms / 1000, 'unixepoch')`, String),
};

function groupOf(name: UsageGroup): Group {
  return isMetadata(name)
    ? ofKey(sql`${keys.metadata} ->> ${`$.${JSON.stringify(name.slice("metadata.".length))}`}`)
    : groups[name];
}

function isMetadata(name: UsageGroup): name is `metadata.${string}` {
  return name.startsWith("metadata.");
}

/** Money is text: a double can't hold every 64-bit integer. */
const money = new Set<Measure>(["cost_nanos", "charged_nanos", "prepaid_nanos"]);
const sums = listed(
  measureNames.map((name) => {
    const sum = `coalesce(sum(${name}), 0)`;
    return `${money.has(name) ? `cast(${sum} as text)` : sum} as ${name}`;
  }),
);

/** Usage by any combination of groups, ordered by them; one row of totals when there are none. */
export async function readUsage(db: Database, query: UsageQuery): Promise<readonly UsageRow[]> {
  const names = [...new Set(query.groupBy)];
  const by = names.map(groupOf);
  const columns = [...by.map(({ value }, at) => sql`${value} as ${sql.raw(`group_${at}`)}`), sums];
  const used = sql`(${sources(query, by, await rolledFrom(db))}) as used left join ${keys} on ${keys.id} = used.key_id`;
  const ordered = names.length === 0 ? sql`` : sql`group by ${ordinals(names)} order by ${ordinals(names)}`;
  const rows = await db.all<SumRow>(sql`select ${sql.join(columns, sql`, `)} from ${used} ${ordered}`);
  return rows.map((row) => toRow(row, names));
}

function ordinals(columns: readonly unknown[]): SQL {
  return listed(columns.map((_, at) => `${at + 1}`));
}

type Range = readonly [fromMs: number, toMs: number];

/**
 * The sums of the calls and of the roll-ups that together make the range up, each of its calls once: of each source for itself, for
 * in the order in which roll-ups lie nothing must be sorted.
 */
function sources(query: UsageQuery, by: readonly Group[], rolledFromMs: number): SQL {
  const { edges, hours, days } = divide(query, rolledFromMs);
  const wanted = conditions(query);
  const told = new Set(by.map((group) => group.by));
  const spanMs = query.groupBy.includes("hour") ? hourMs : dayMs;
  const select = (from: Source, range: Range): SQL => {
    const start = from.spanMs >= spanMs ? from.atMs : `${from.atMs} - ${from.atMs} % ${spanMs}`;
    const alike = [
      ...(told.has("at_ms") ? [start] : []),
      ...dimensionNames.filter((name) => told.has(name)).map((name) => from.dimensions[name]),
    ];
    const columns = [
      `${told.has("at_ms") ? start : "null"} as at_ms`,
      ...dimensionNames.map((name) => `${told.has(name) ? from.dimensions[name] : "null"} as ${name}`),
      ...measureNames.map((name) => `sum(${from.measures[name]}) as ${name}`),
    ];
    const where = sql.join([...from.wanted, ...during(range, from.atMs), ...wanted], sql` and `);
    const grouped = alike.length === 0 ? sql`` : sql`group by ${listed(alike)}`;
    return sql`select ${listed(columns)} from ${from.table} where ${where} ${grouped}`;
  };
  const parts = [
    ...edges.map((range) => select(ofCalls, range)),
    ...hours.map((range) => select(rolledUp(usageHourly, hourMs), range)),
    ...days.map((range) => select(rolledUp(usageDaily, dayMs), range)),
  ];
  return sql.join(parts, sql` union all `);
}

/** Where sums are taken from, and what they are made of there. */
interface Source {
  readonly table: typeof calls | typeof usageHourly | typeof usageDaily;
  readonly atMs: "opened_at_ms" | "at_ms";
  /** All of the same span are at its beginning; 0: each at its own time. */
  readonly spanMs: number;
  readonly dimensions: Readonly<Record<Dimension, string>>;
  readonly measures: Readonly<Record<Measure, string>>;
  readonly wanted: readonly SQL[];
}

const ofCalls: Source = {
  ...{ table: calls, atMs: "opened_at_ms", spanMs: 0, dimensions, measures },
  wanted: [sql`settled_at_ms is not null`],
};

function rolledUp(table: Source["table"], spanMs: number): Source {
  return {
    table,
    atMs: "at_ms",
    spanMs,
    dimensions: itself(dimensionNames),
    measures: itself(measureNames),
    wanted: [],
  };
}

function itself<Name extends string>(names: readonly Name[]): Record<Name, Name> {
  return Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;
}

interface Division {
  readonly edges: readonly Range[];
  readonly hours: readonly Range[];
  readonly days: readonly Range[];
}

function divide({ fromMs, toMs, groupBy }: UsageQuery, rolledFromMs: number): Division {
  const outer: Range = [fromMs, toMs];
  const hours = whole(outer, hourMs, rolledFromMs);
  if (hours === null) return { edges: [outer], hours: [], days: [] };
  const edges = around(outer, hours);
  const days = groupBy.includes("hour") ? null : whole(hours, dayMs, rolledFromMs);
  if (days === null) return { edges, hours: [hours], days: [] };
  return { edges, hours: around(hours, days), days: [days] };
}

/** The whole spans within a range, from a time on; null when there is none. */
function whole([fromMs, toMs]: Range, spanMs: number, sinceMs: number): Range | null {
  const first = Math.ceil(Math.max(fromMs, sinceMs) / spanMs) * spanMs;
  const end = Math.floor(toMs / spanMs) * spanMs;
  return first < end ? [first, end] : null;
}

/** What of a range lies before and after a part of it. */
function around([fromMs, toMs]: Range, [first, end]: Range): readonly Range[] {
  return [[fromMs, first] as const, [end, toMs] as const].filter(([from, to]) => from < to);
}

function during([fromMs, toMs]: Range, column: "opened_at_ms" | "at_ms"): SQL[] {
  const at = sql.raw(column);
  return [sql`${at} >= ${fromMs}`, sql`${at} < ${toMs}`];
}

function conditions({ within: scope, customer, project, keyId, ruleId }: UsageQuery): SQL[] {
  const wanted: SQL[] = [];
  if (scope !== undefined) wanted.push(within(scope, { customer: sql`customer`, project: sql`project` }));
  if (customer !== undefined) wanted.push(sql`customer = ${customer}`);
  if (project !== undefined) wanted.push(sql`project = ${project}`);
  if (keyId !== undefined) wanted.push(sql`key_id = ${keyId}`);
  if (ruleId !== undefined) wanted.push(sql`key_id in (select key_id from ${ruleKeys} where rule_id = ${ruleId})`);
  return wanted;
}

type Money = "cost_nanos" | "charged_nanos" | "prepaid_nanos";
type SumRow = { readonly [Name in Measure]: Name extends Money ? string : number } & Readonly<Record<string, unknown>>;

function toRow(row: SumRow, names: readonly UsageGroup[]): UsageRow {
  return {
    group: Object.fromEntries(names.map((name, at) => [name, groupOf(name).text(row[`group_${at}`])])),
    requests: row.requests,
    failedRequests: row.failed_requests,
    inputTokens: row.input_tokens,
    cachedInputTokens: row.cached_input_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    images: row.images,
    audioSeconds: row.audio_ms / 1000,
    characters: row.characters,
    queries: row.queries,
    webSearches: row.web_searches,
    costNanos: BigInt(row.cost_nanos),
    chargedNanos: BigInt(row.charged_nanos),
    prepaidNanos: BigInt(row.prepaid_nanos),
    unpricedRequests: row.unpriced_requests,
    estimatedRequests: row.estimated_requests,
  };
}
