// The sums of calls that are settled together, made in memory: a row for each cell of the roll-ups that they fall into, so that a group
// of calls writes few. What is summed up is what `measures.ts` says of the rows of calls; a property test holds them to each other.
import { type SQL, sql } from "drizzle-orm";
import { totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { dimensionNames, listed, type Measure, measureNames } from "./measures.ts";
import type { OpenCall, Settlement } from "./port.ts";
import { dayMs, hourMs } from "./rollups.ts";
import { usageDaily, usageHourly } from "./schema-rollups.sqlite.ts";

/** What of a call decides which cells it falls into, and what it adds to them. */
export interface Counted {
  readonly call: Pick<OpenCall, "openedAtMs" | "operation" | "customer" | "project" | "keyId">;
  readonly settlement: Settlement;
}

type Money = "cost_nanos" | "charged_nanos" | "prepaid_nanos";

const failures: ReadonlySet<string> = new Set<Settlement["outcome"]>(["failed", "cut", "interrupted"]);
const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

const counts: Readonly<Record<Exclude<Measure, Money>, (settlement: Settlement, usage: Usage) => number>> = {
  requests: () => 1,
  failed_requests: ({ outcome }) => Number(failures.has(outcome)),
  input_tokens: (_, usage) => totalInput(usage),
  cached_input_tokens: (_, usage) => usage.cachedInputTokens ?? 0,
  cache_write_tokens: (_, usage) => (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0),
  output_tokens: (_, usage) => totalOutput(usage),
  reasoning_tokens: (_, usage) => usage.reasoningTokens ?? 0,
  images: (_, usage) => usage.images ?? 0,
  // Rounded as SQLite rounds.
  audio_ms: (_, usage) => Math.floor((usage.audioSeconds ?? 0) * 1000 + 0.5),
  characters: (_, usage) => usage.characters ?? 0,
  queries: (_, usage) => usage.queries ?? 0,
  web_searches: (_, usage) => usage.webSearches ?? 0,
  unpriced_requests: ({ costNanos, provider, usage }) =>
    Number(costNanos === null && (provider !== null || usage !== null)),
  estimated_requests: (_, usage) => Number(usage.estimated ?? false),
};
const money: Readonly<Record<Money, (settlement: Settlement) => bigint>> = {
  cost_nanos: ({ costNanos }) => costNanos ?? 0n,
  charged_nanos: ({ costNanos, chargedNanos }) => chargedNanos ?? costNanos ?? 0n,
  prepaid_nanos: ({ prepaid, chargedNanos }) => (prepaid === true ? (chargedNanos ?? 0n) : 0n),
};
const countNames = Object.keys(counts) as readonly (keyof typeof counts)[];
const moneyNames = Object.keys(money) as readonly Money[];
const [counting, paying] = [Object.values(counts), Object.values(money)];

/** The sums of the calls that were opened in one hour (or day) and are alike. */
interface Cell {
  readonly atMs: number;
  readonly dimensions: readonly string[];
  readonly counts: readonly number[];
  readonly money: readonly bigint[];
}

/** The rows that these calls add to the hours and to the days, for the statements below. */
export function rowsOf(
  settled: readonly Counted[],
): Readonly<Record<"hours" | "days", readonly (readonly unknown[])[]>> {
  const hours = summed(settled.map(cellOf));
  const days = hours.map((cell) => ({ ...cell, atMs: cell.atMs - (cell.atMs % dayMs) }));
  return { hours: hours.map(toRow), days: summed(days).map(toRow) };
}

/** What one call adds to its hour. */
function cellOf({ call, settlement }: Counted): Cell {
  const { openedAtMs, operation, customer, project, keyId } = call;
  const { model, canonicalModel, provider } = settlement;
  const usage = settlement.usage ?? noUsage;
  return {
    atMs: openedAtMs - (openedAtMs % hourMs),
    dimensions: [canonicalModel ?? model ?? "", provider ?? "", operation, customer, project, keyId],
    counts: counting.map((count) => count(settlement, usage)),
    money: paying.map((nanos) => nanos(settlement)),
  };
}

/** One cell for all that are at one place. */
function summed(cells: readonly Cell[]): readonly Cell[] {
  if (cells.length === 1) return cells;
  const sums = new Map<string, Cell>();
  for (const cell of cells) {
    const [model = "", ...others] = cell.dimensions;
    // A model's name may hold anything, so that it is last; the others are names of the operator's and the gateway's own.
    const key = `${cell.atMs}\0${others.join("\0")}\0${model}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? cell : plus(sum, cell));
  }
  return [...sums.values()];
}

function plus(sum: Cell, cell: Cell): Cell {
  const counts = sum.counts.map((count, at) => count + (cell.counts[at] ?? 0));
  const money = sum.money.map((nanos, at) => nanos + (cell.money[at] ?? 0n));
  return { ...sum, counts, money };
}

/** Money is text on its way: D1 takes no bigint. */
function toRow({ atMs, dimensions, counts, money }: Cell): readonly unknown[] {
  return [atMs, ...dimensions, ...counts, ...money.map(String)];
}

/** Adds a row of sums to the hours, to the days. */
export const addToHour = adding(usageHourly);
export const addToDay = adding(usageDaily);

function adding(table: typeof usageHourly | typeof usageDaily): SQL {
  const cell = ["at_ms", ...dimensionNames];
  const slots = [...cell, ...countNames].map((name) => sql`${sql.placeholder(name)}`);
  const paid = moneyNames.map((name) => sql`cast(${sql.placeholder(name)} as integer)`);
  return sql`insert into ${table} (${listed([...cell, ...countNames, ...moneyNames])}) values (${sql.join([...slots, ...paid], sql`, `)})
    on conflict (${listed(cell)}) do update set ${listed(measureNames.map((name) => `${name} = ${name} + excluded.${name}`))}`;
}
