// Sums over settled calls, grouped as the caller asks: from roll-ups where the range has whole hours and days, from the calls at its
// edges. Both are summed by the same measures, so that it makes no difference but of time.
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./driver.ts";
import { dimensions, listed, type Measure, measureNames, measures } from "./measures.ts";
import type { UsageGroup, UsageQuery, UsageRow } from "./port.ts";
import { dayMs, hourMs, rolledFrom } from "./rollups.ts";
import { calls, keys } from "./schema.sqlite.ts";
import { usageDaily, usageHourly } from "./schema-rollups.sqlite.ts";
import { ruleKeys } from "./schema-rules.sqlite.ts";
import { within } from "./within.ts";

interface Group {
  /** Of a call or a cell of a roll-up, `used`, whose key is `keys`, where it is there still. */
  readonly value: SQL;
  /** As it is shown. */
  text(value: unknown): string;
}

const plain = (column: string): Group => ({ value: sql.raw(`used.${column}`), text: String });

const groups: Readonly<Record<Exclude<UsageGroup, `metadata.${string}`>, Group>> = {
  key: plain("key_id"),
  customer: plain("customer"),
  project: plain("project"),
  model: plain("model"),
  provider: plain("provider"),
  endpoint: plain("operation"),
  environment: { value: sql`coalesce(${keys.environment}, '')`, text: String },
  hour: {
    value: sql.raw(`used.at_ms / ${hourMs}`),
    text: (hour) => `${new Date(Number(hour) * hourMs).toISOString().slice(0, "2026-11-24T12".length)}:00Z`,
  },
  day: {
    value: sql.raw(`used.at_ms / ${dayMs}`),
    text: (day) => new Date(Number(day) * dayMs).toISOString().slice(0, "2026-11-24".length),
  },
  month: { value: sql`strftime('%Y-%m', used.at_ms / 1000, 'unixepoch')`, text: String },
};

const ofKey = /^(environment$|metadata\.)/;

function groupOf(name: UsageGroup): Group {
  if (!isMetadata(name)) return groups[name];
  const path = `$.${JSON.stringify(name.slice("metadata.".length))}`;
  return { value: sql`coalesce(${keys.metadata} ->> ${path}, '')`, text: String };
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
  const by = names.map((name) => groupOf(name).value);
  const columns = [...by.map((value, at) => sql`${value} as ${sql.raw(`group_${at}`)}`), sums];
  const ordinals = sql.raw(names.map((_, at) => `${at + 1}`).join(", "));
  const rows = await db.all<SumRow>(
    sql`select ${sql.join(columns, sql`, `)} from (${sources(query, await rolledFrom(db))}) as used${
      names.some((name) => ofKey.test(name)) ? sql` left join ${keys} on ${keys.id} = used.key_id` : sql``
    }${names.length === 0 ? sql`` : sql` group by ${ordinals} order by ${ordinals}`}`,
  );
  return rows.map((row) => toRow(row, names));
}

const cell = ["at_ms", ...Object.keys(dimensions), ...measureNames];
const ofRollup = listed(cell);
const values = { at_ms: "opened_at_ms", ...dimensions, ...measures };
const ofCall = listed(Object.entries(values).map(([name, value]) => `${value} as ${name}`));

type Range = readonly [fromMs: number, toMs: number];

/** The rows of calls and roll-ups that together make the range up, each of its calls once. */
function sources(query: UsageQuery, rolledFromMs: number): SQL {
  const { edges, hours, days } = divide(query, rolledFromMs);
  const wanted = conditions(query);
  const parts = edges.map((edge) => {
    const settled = [sql`settled_at_ms is not null`, ...during(edge, "opened_at_ms"), ...wanted];
    return sql`select ${ofCall} from ${calls} where ${all(settled)}`;
  });
  for (const [table, ranges] of [
    [usageHourly, hours],
    [usageDaily, days],
  ] as const) {
    for (const range of ranges) {
      parts.push(sql`select ${ofRollup} from ${table} where ${all([...during(range, "at_ms"), ...wanted])}`);
    }
  }
  return sql.join(parts, sql` union all `);
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

function all(wanted: readonly SQL[]): SQL {
  return sql.join([...wanted], sql` and `);
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
