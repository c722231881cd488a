// Usage as the admin surface and the command line show it.
import { z } from "@hono/zod-openapi";
import type { UsageRow } from "../store/port.ts";
import { formatUsd } from "../usage/price.ts";

export const usageGroups = [
  "key",
  "customer",
  "project",
  "model",
  "provider",
  "endpoint",
  "environment",
  "hour",
  "day",
  "month",
] as const;

const groupNames = z
  .object(
    Object.fromEntries(usageGroups.map((name) => [name, z.string().nullable().optional()])) as Record<
      (typeof usageGroups)[number],
      z.ZodOptional<z.ZodNullable<z.ZodString>>
    >,
  )
  .partial();

/** What usage and bills can be grouped by: one of the names, or what the metadata of keys say of something. */
const group = z.union(
  [z.enum(usageGroups), z.templateLiteral(["metadata.", z.string().regex(/^[\w.-]{1,64}$/)])],
  `expected ${usageGroups.join(", ")}, or metadata.<name>`,
);

/** Groups in a query: repeated, or separated by commas. */
export const groupBy = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((given) => [given].flat().flatMap((list) => list.split(",")))
  .pipe(z.array(group).max(10))
  .openapi({
    type: "array",
    items: { type: "string", example: "model" },
    param: { name: "group_by", in: "query", style: "form", explode: true },
    description: `Repeated, or separated by commas: ${usageGroups.join(", ")}, or \`metadata.\` and a name of what keys say.`,
  });

export const usageSchema = groupNames
  .extend({
    requests: z.int(),
    failed_requests: z.int().openapi({ description: "Calls that were told an error, or broken off." }),
    input_tokens: z.int().openapi({ description: "All input, cached included." }),
    cached_input_tokens: z.int(),
    cache_write_tokens: z.int(),
    output_tokens: z.int().openapi({ description: "All output, reasoning included." }),
    reasoning_tokens: z.int(),
    images: z.int().openapi({ description: "Pictures made." }),
    audio_seconds: z.number().openapi({ description: "Sound listened to, to the millisecond." }),
    characters: z.int().openapi({ description: "Characters spoken." }),
    queries: z.int().openapi({ description: "Searches, as providers of reranking bill them." }),
    web_searches: z.int().openapi({ description: "Searches of the web that providers made for their models." }),
    cost_usd: z.string().openapi({ description: "An exact decimal.", example: "12.0345" }),
    charged_usd: z.string().openapi({ description: "What customers are charged for it, at their percentages." }),
    unpriced_requests: z
      .int()
      .openapi({ description: "Calls whose price is unknown; their cost is not in `cost_usd`." }),
    estimated_requests: z.int().openapi({ description: "Calls whose tokens were counted here, not by the provider." }),
  })
  .openapi("Usage");

export type UsageView = z.infer<typeof usageSchema> & {
  readonly [name: `metadata.${string}`]: string | null;
};

/** What is counted beside tokens. */
export const unitColumns = [
  "images",
  "audio_seconds",
  "characters",
  "queries",
  "web_searches",
] as const satisfies readonly (keyof UsageView)[];

/** The columns that every row has, in the order of tables and CSV. */
export const usageColumns = [
  "requests",
  "failed_requests",
  "input_tokens",
  "cached_input_tokens",
  "cache_write_tokens",
  "output_tokens",
  "reasoning_tokens",
  ...unitColumns,
  "cost_usd",
  "charged_usd",
  "unpriced_requests",
  "estimated_requests",
] as const satisfies readonly (keyof UsageView)[];

/** A row of sums with its group's values; what is not known is null, as a model or provider where nobody served. */
export function usageView(row: UsageRow): UsageView {
  const groups = Object.entries(row.group).map(([name, value]) => [name, value === "" ? null : value]);
  return {
    ...Object.fromEntries(groups),
    requests: row.requests,
    failed_requests: row.failedRequests,
    input_tokens: row.inputTokens,
    cached_input_tokens: row.cachedInputTokens,
    cache_write_tokens: row.cacheWriteTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningTokens,
    images: row.images,
    audio_seconds: row.audioSeconds,
    characters: row.characters,
    queries: row.queries,
    web_searches: row.webSearches,
    cost_usd: formatUsd(row.costNanos),
    charged_usd: formatUsd(row.chargedNanos),
    unpriced_requests: row.unpricedRequests,
    estimated_requests: row.estimatedRequests,
  };
}
