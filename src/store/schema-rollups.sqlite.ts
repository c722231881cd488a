// The roll-ups of settled calls: one row for each hour (day) and each of what usage is grouped by that had any call in it. What
// settles calls adds to them (sums.ts). By day and model they are summed up in the order in which they lie.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

const cell = () => ({
  /** Where the hour or day begins in which the calls were opened, UTC. */
  atMs: integer("at_ms").notNull(),
  /** Empty where nobody served, as the provider. */
  model: text("model").notNull(),
  provider: text("provider").notNull(),
  operation: text("operation").notNull(),
  customer: text("customer").notNull(),
  project: text("project").notNull(),
  keyId: text("key_id").notNull(),
});

/** What `measures.ts` says of them. */
const sums = () => ({
  requests: integer("requests").notNull(),
  failedRequests: integer("failed_requests").notNull(),
  inputTokens: integer("input_tokens").notNull(),
  cachedInputTokens: integer("cached_input_tokens").notNull(),
  cacheWriteTokens: integer("cache_write_tokens").notNull(),
  outputTokens: integer("output_tokens").notNull(),
  reasoningTokens: integer("reasoning_tokens").notNull(),
  images: integer("images").notNull(),
  audioMs: integer("audio_ms").notNull(),
  characters: integer("characters").notNull(),
  queries: integer("queries").notNull(),
  webSearches: integer("web_searches").notNull(),
  costNanos: integer("cost_nanos").notNull(),
  chargedNanos: integer("charged_nanos").notNull(),
  prepaidNanos: integer("prepaid_nanos").notNull(),
  unpricedRequests: integer("unpriced_requests").notNull(),
  estimatedRequests: integer("estimated_requests").notNull(),
});

export const usageHourly = sqliteTable("usage_hourly", { ...cell(), ...sums() }, (table) => [
  primaryKey({
    columns: [table.atMs, table.model, table.provider, table.operation, table.customer, table.project, table.keyId],
  }),
]);

/** By days, for months and years; with what budgets of one customer or key look for. */
export const usageDaily = sqliteTable("usage_daily", { ...cell(), ...sums() }, (table) => [
  primaryKey({
    columns: [table.atMs, table.model, table.provider, table.operation, table.customer, table.project, table.keyId],
  }),
  index("usage_daily_customer").on(table.customer, table.atMs),
  index("usage_daily_key").on(table.keyId, table.atMs),
]);
