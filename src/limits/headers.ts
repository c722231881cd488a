// The headers by which a caller knows how its limits stand, as OpenAI writes them.
import type { Standing } from "./limiter.ts";

/**
 * `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the tightest limit of each unit (OpenAI, "Rate limits": the reset
 * as `1s` or `6m0s`); nothing for a unit without a limit.
 * @param standings the tightest limit of each unit.
 */
export function limitHeaders(standings: readonly Standing[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const unit of ["requests", "tokens"] as const) {
    const tightest = standings.find(({ limit }) => limit.unit === unit);
    if (tightest === undefined) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(tightest.limit.amount);
    headers[`x-ratelimit-remaining-${unit}`] = String(tightest.remaining);
    headers[`x-ratelimit-reset-${unit}`] = duration(tightest.resetAtMs - nowMs);
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
