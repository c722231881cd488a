// What the store sums up of settled calls, as the rooms above see it.
import type { AdminScope } from "./port-admins.ts";

/** `metadata.team`: what the key's metadata say of its team. Of a key that was removed, nothing is known but its id. */
export type UsageGroup =
  | "key"
  | "customer"
  | "project"
  | "model"
  | "provider"
  | "endpoint"
  | "environment"
  | "hour"
  | "day"
  | "month"
  | `metadata.${string}`;

export interface UsageQuery {
  /** Only calls of these customers and projects. */
  readonly within?: AdminScope;
  readonly groupBy: readonly UsageGroup[];
  /**
   * Calls opened from this time (inclusive) to `toMs` (exclusive), settled ones only. Of hours whose calls were removed, only those
   * that lie wholly within.
   */
  readonly fromMs: number;
  readonly toMs: number;
  readonly customer?: string;
  readonly project?: string;
  readonly keyId?: string;
  /** Of all keys that this rule gave. */
  readonly ruleId?: string;
}

export interface UsageRow {
  /** The group's values, by group name; a day is `YYYY-MM-DD` (UTC), an hour `YYYY-MM-DDTHH:00Z`; empty where nobody served. */
  readonly group: Readonly<Partial<Record<UsageGroup, string>>>;
  readonly requests: number;
  /** Told an error, broken off by the provider, or by the death of the gateway. */
  readonly failedRequests: number;
  /** All input, cached included (OpenAI's sense). */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Pictures made. */
  readonly images: number;
  /** Sound listened to, in seconds; to the millisecond. */
  readonly audioSeconds: number;
  /** Characters spoken. */
  readonly characters: number;
  /** Searches, as providers of reranking bill them. */
  readonly queries: number;
  readonly webSearches: number;
  readonly costNanos: bigint;
  /** What customers were charged for them. */
  readonly chargedNanos: bigint;
  /** What of it was taken from prepaid credits. */
  readonly prepaidNanos: bigint;
  /** Calls whose price is unknown: their cost is not in `costNanos`. */
  readonly unpricedRequests: number;
  readonly estimatedRequests: number;
}
