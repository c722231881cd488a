// Sums over settled calls, grouped as the caller asks.
import { and, eq, gte, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Database } from "./driver.ts";
import type { UsageGroup, UsageQuery, UsageRow } from "./port.ts";
import { calls } from "./schema.sqlite.ts";
import { ruleKeys } from "./schema-rules.sqlite.ts";
import { within } from "./within.ts";

/** What each group is, in SQL. Nobody served: the empty string. */
const groups: Readonly<Record<UsageGroup, SQL<string>>> = {
  key: sql`${calls.keyId}`,
  customer: sql`${calls.customer}`,
  project: sql`${calls.project}`,
  model: sql`coalesce(${calls.canonicalModel}, ${calls.model}, '')`,
  provider: sql`coalesce(${calls.provider}, '')`,
  day: sql`strftime('%Y-%m-%d', ${calls.openedAtMs} / 1000, 'unixepoch')`,
};

/** Counters of all calls in a group; `total` reads an absent counter as nothing. Money is text: it must stay exact. */
const sums = {
  requests: sql<number>`count(*)`,
  inputTokens: total(
    calls.inputTokens,
    calls.cachedInputTokens,
    calls.cacheWriteTokens,
    calls.cacheWrite1hTokens,
    calls.inputAudioTokens,
  ),
  cachedInputTokens: total(calls.cachedInputTokens),
  cacheWriteTokens: total(calls.cacheWriteTokens, calls.cacheWrite1hTokens),
  outputTokens: total(calls.outputTokens, calls.reasoningTokens, calls.outputAudioTokens),
  reasoningTokens: total(calls.reasoningTokens),
  images: total(calls.images),
  audioSeconds: sql<number>`round(coalesce(sum(${calls.audioSeconds}), 0), 3)`,
  characters: total(calls.characters),
  queries: total(calls.queries),
  webSearches: total(calls.webSearches),
  costNanos: sql<string>`cast(coalesce(sum(${calls.costNanos}), 0) as text)`,
  // Before prices of customers' own there was only the cost.
  chargedNanos: sql<string>`cast(coalesce(sum(coalesce(${calls.chargedNanos}, ${calls.costNanos})), 0) as text)`,
  // A call that nobody served consumed nothing: that its cost is null says nothing about a price.
  unpricedRequests: sql<number>`coalesce(sum(${calls.costNanos} is null and
    (${calls.provider} is not null or ${calls.inputTokens} is not null)), 0)`,
  estimatedRequests: sql<number>`coalesce(sum(${calls.estimated} = 1), 0)`,
};

/** Usage by any combination of groups, ordered by them; one row of totals when there are none. */
export async function readUsage(db: Database, query: UsageQuery): Promise<readonly UsageRow[]> {
  const names = [...new Set(query.groupBy)];
  const by = names.map((name) => groups[name]);
  const rows = await db
    .select({ ...sums, ...Object.fromEntries(names.map((name) => [name, groups[name].as(`group_${name}`)])) })
    .from(calls)
    .where(and(...conditions(query)))
    .groupBy(...by)
    .orderBy(...by);
  return rows.map((row) => toRow(row, names));
}

function conditions(query: UsageQuery): SQL[] {
  const wanted: SQL[] = [
    isNotNull(calls.settledAtMs),
    gte(calls.openedAtMs, query.fromMs),
    lt(calls.openedAtMs, query.toMs),
  ];
  if (query.within !== undefined) wanted.push(within(query.within, calls));
  if (query.customer !== undefined) wanted.push(eq(calls.customer, query.customer));
  if (query.project !== undefined) wanted.push(eq(calls.project, query.project));
  if (query.keyId !== undefined) wanted.push(eq(calls.keyId, query.keyId));
  if (query.ruleId !== undefined) {
    wanted.push(sql`${calls.keyId} in (select key_id from ${ruleKeys} where rule_id = ${query.ruleId})`);
  }
  return wanted;
}

type SumRow = { readonly [Name in keyof typeof sums]: Name extends "costNanos" | "chargedNanos" ? string : number };

function toRow(row: SumRow & Readonly<Record<string, unknown>>, names: readonly UsageGroup[]): UsageRow {
  return {
    group: Object.fromEntries(names.map((name) => [name, String(row[name])])),
    requests: row.requests,
    inputTokens: row.inputTokens,
    cachedInputTokens: row.cachedInputTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    outputTokens: row.outputTokens,
    reasoningTokens: row.reasoningTokens,
    images: row.images,
    audioSeconds: row.audioSeconds,
    characters: row.characters,
    queries: row.queries,
    webSearches: row.webSearches,
    costNanos: BigInt(row.costNanos),
    chargedNanos: BigInt(row.chargedNanos),
    unpricedRequests: row.unpricedRequests,
    estimatedRequests: row.estimatedRequests,
  };
}

function total(...counters: readonly AnySQLiteColumn[]): SQL<number> {
  const terms = counters.map((counter) => sql`coalesce(sum(${counter}), 0)`);
  return sql<number>`(${sql.join(terms, sql` + `)})`;
}
