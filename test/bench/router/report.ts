// What a strategy's calls came to, beside the oracle's.
import type { CallResult } from "./simulate.ts";

export interface Report {
  readonly successShare: number;
  readonly meanCostNanos: number;
  readonly ttftP50Ms: number;
  readonly ttftP99Ms: number;
  readonly meanTimeMs: number;
  readonly attemptsPerCall: number;
  /** Mean cost times median time to the first token: what `balanced` is judged by. */
  readonly costTimesLatency: number;
  /** By how much the mean cost times time of a call exceeds the oracle's, as a share. */
  readonly regret: number;
}

export function report(results: readonly CallResult[], oracle: readonly CallResult[]): Report {
  const served = results.filter(({ ok }) => ok);
  const ttfts = served.map(({ ttftMs }) => ttftMs).sort((a, b) => a - b);
  const at = (q: number): number => ttfts[Math.min(ttfts.length - 1, Math.floor(q * ttfts.length))] ?? Number.NaN;
  const meanCostNanos = mean(served.map(({ costNanos }) => costNanos));
  return {
    successShare: served.length / results.length,
    meanCostNanos,
    ttftP50Ms: at(0.5),
    ttftP99Ms: at(0.99),
    meanTimeMs: mean(served.map(({ timeMs }) => timeMs)),
    attemptsPerCall: mean(results.map(({ attempts }) => attempts)),
    costTimesLatency: meanCostNanos * at(0.5),
    regret: Math.exp(logOf(served) - logOf(oracle.filter(({ ok }) => ok))) - 1,
  };
}

/** How long, in calls and in milliseconds, a site was still asked first after it had gone, probes aside. */
export function reaction(
  results: readonly CallResult[],
  { site, fromMs, toMs }: { readonly site: string; readonly fromMs: number; readonly toMs: number },
): { readonly calls: number; readonly ms: number } {
  const during = results.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const asked = during.filter(({ first, probe }) => first === site && !probe);
  return { calls: asked.length, ms: (asked.at(-1)?.atMs ?? fromMs) - fromMs };
}

function logOf(results: readonly CallResult[]): number {
  return mean(results.map(({ costNanos, timeMs }) => Math.log(costNanos * timeMs)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
