// What of a settled call is summed up, and by what: the columns of the roll-ups, each in SQL over the columns of a call. What settles
// calls sums up the same in memory (sums.ts).
import { type SQL, sql } from "drizzle-orm";

/** What calls are told apart by, beside when they were opened. Nobody served: the empty string. */
export const dimensions = {
  model: "coalesce(canonical_model, model, '')",
  provider: "coalesce(provider, '')",
  operation: "operation",
  customer: "customer",
  project: "project",
  key_id: "key_id",
} as const;

/** What one call adds to each sum, an integer; a counter that was not reported adds nothing. */
export const measures = {
  requests: "1",
  /** Told an error, broken off by the provider, or by the death of the gateway. */
  failed_requests: "outcome in ('failed', 'cut', 'interrupted')",
  input_tokens: total(
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "input_audio_tokens",
  ),
  cached_input_tokens: total("cached_input_tokens"),
  cache_write_tokens: total("cache_write_tokens", "cache_write_1h_tokens"),
  output_tokens: total("output_tokens", "reasoning_tokens", "output_audio_tokens"),
  reasoning_tokens: total("reasoning_tokens"),
  images: total("images"),
  /** Whole milliseconds of each call: sums of fractions would depend on their order. */
  audio_ms: "cast(round(coalesce(audio_seconds, 0) * 1000) as integer)",
  characters: total("characters"),
  queries: total("queries"),
  web_searches: total("web_searches"),
  cost_nanos: total("cost_nanos"),
  /** Before prices of customers' own there was only the cost. */
  charged_nanos: "coalesce(charged_nanos, cost_nanos, 0)",
  /** What of it was taken from prepaid credits. */
  prepaid_nanos: "case when prepaid then coalesce(charged_nanos, 0) else 0 end",
  /** A call that nobody served consumed nothing: that its cost is null says nothing about a price. */
  unpriced_requests: "cost_nanos is null and (provider is not null or input_tokens is not null)",
  estimated_requests: "coalesce(estimated, 0)",
} as const;

export type Dimension = keyof typeof dimensions;
export type Measure = keyof typeof measures;

export const dimensionNames = Object.keys(dimensions) as readonly Dimension[];
export const measureNames = Object.keys(measures) as readonly Measure[];

/** SQL terms with commas between them. None of them may hold anything from outside. */
export function listed(terms: readonly string[]): SQL {
  return sql.raw(terms.join(", "));
}

function total(...counters: readonly string[]): string {
  return counters.map((counter) => `coalesce(${counter}, 0)`).join(" + ");
}
