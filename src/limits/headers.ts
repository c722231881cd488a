// The headers by which a caller knows how its limits stand, as OpenAI writes them.
import type { Standing } from "./limiter.ts";

const names = {
  requests: {
    limit: "x-ratelimit-limit-requests",
    remaining: "x-ratelimit-remaining-requests",
    reset: "x-ratelimit-reset-requests",
  },
  tokens: {
    limit: "x-ratelimit-limit-tokens",
    remaining: "x-ratelimit-remaining-tokens",
    reset: "x-ratelimit-reset-tokens",
  },
} as const;

/**
 * `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the tightest limit of each unit (OpenAI, "Rate limits": the reset
 * as `1s` or `6m0s`); nothing for a unit without a limit.
 * @param standings one at most of each unit.
 */
export function limitHeaders(standings: readonly Standing[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { limit, remaining, resetAtMs } of standings) {
    const name = names[limit.unit];
    headers[name.limit] = String(limit.amount);
    headers[name.remaining] = String(remaining);
    headers[name.reset] = duration(resetAtMs - nowMs);
  }
  return headers;
}

/** `250ms`, `12s`, `6m0s`, `1h0m0s`. */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.ceil(ms))}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return h > 0 ? `${h}h${m}m${s}s` : m > 0 ? `${m}m${s}s` : `${s}s`;
}
