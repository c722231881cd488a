// Order: which of the candidates of a group is tried first, and in which order the others stand by.
import type { AttemptReason } from "../store/port.ts";
import { isOwn } from "../vault/pools.ts";
import type { Weights } from "./ask.ts";
import type { Candidate } from "./candidates.ts";
import { type Expected, type Score, scores } from "./score.ts";

/** Scores so close to the best are as good: their deployments share the load. In logarithms, like the scores. */
const nearlyEqual = Math.log(1.1);
/** Fewer measurements than these are not enough to judge by. */
const fewMeasurements = 3;
/** How often a call tries out what has too few measurements, and what has none at all. */
const exploreFew = 0.03;
const exploreNone = 0.1;
/** A deployment is worth trying out only if it would be the best, were it so many times as fast as it is taken for. */
const hopedFactor = Math.log(2.5);
/** A cache that holds so much of the prompt is not given up for sharing the load. */
const worthStaying = 0.2;
/** Comes after everything that keeps what the caller would like kept. */
const undesired = 100;

/** Why a deployment stands where it does. */
export type Reason = Exclude<AttemptReason, "failover" | "retry" | "hedge">;

export interface Ranked {
  readonly candidate: Candidate;
  readonly score: Score;
  readonly reason: Reason;
}

export interface Ordering {
  /** Null: by the fewest calls under way. */
  readonly weights: Weights | null;
  readonly expected: Expected;
  /** Provider ids that come first, in this order. */
  readonly order: readonly string[];
  /** Each candidate's share among near-equals. */
  share(candidate: Candidate): number;
  readonly minThroughput: number | null;
  readonly maxLatencyS: number | null;
  random(): number;
}

/** Candidates in the order in which they are to be tried. */
export function ordered(candidates: readonly Candidate[], ordering: Ordering): readonly Ranked[] {
  const { weights, expected, order } = ordering;
  const scored = scores(candidates, weights ?? busyness, expected).map((score, at): [Candidate, Score] => [
    candidates[at] as Candidate,
    score,
  ]);
  for (const [candidate, score] of scored) {
    if (weights === null) score.value = (candidate.statistics.inFlight + 1) / ordering.share(candidate);
    if (misses(score, ordering)) score.value += undesired;
  }
  scored.sort(([, a], [, b]) => a.value - b.value);
  if (order.length > 0) return byCaller(scored, order);
  const ranked = scored.map(([candidate, score]): Ranked => ({ candidate, score, reason: "stands_by" }));
  const [only] = ranked;
  if (only === undefined) return ranked;
  const chosen: Ranked = ranked.length === 1 ? { ...only, reason: "best" } : choose(ranked, ordering);
  const first: Ranked = halfOpen(chosen, expected.nowMs) ? { ...chosen, reason: "probes" } : chosen;
  return [first, ...ranked.filter(({ candidate }) => candidate !== first.candidate)];
}

/** The deployments of a customer's own keys, and then the installation's. */
export function ownFirst(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const own = candidates.filter(isOwned);
  if (own.length === 0 || own.length === candidates.length) return [candidates];
  return [own, candidates.filter((one) => !isOwned(one))];
}

function isOwned({ deployment }: Candidate): boolean {
  return isOwn(deployment.connection);
}

/** The credentials of one deployment in the order of their priorities, in the places that they have among the others. */
export function byPriority(ranked: readonly Ranked[]): readonly Ranked[] {
  if (ranked.every(({ candidate }) => priorityOf(candidate) === 0)) return ranked;
  const sorted = new Map(
    [...Map.groupBy(ranked, ({ candidate }) => siblings(candidate))].map(([key, some]) => [
      key,
      some.toSorted((a, b) => priorityOf(a.candidate) - priorityOf(b.candidate)).values(),
    ]),
  );
  return ranked.map((one) => sorted.get(siblings(one.candidate))?.next().value ?? one);
}

function priorityOf({ deployment }: Candidate): number {
  return deployment.connection.terms?.priority ?? 0;
}

/** The same for the credentials that stand for one another. */
function siblings(candidate: Candidate): string {
  const { connection, model } = candidate.deployment;
  return `${isOwned(candidate) ? "own" : "shared"} ${connection.provider.id}/${model}`;
}

/** What `least_busy` is scored by, for those who look: the fewest calls under way decide. */
const busyness: Weights = { price: 1, latency: 0, throughput: 0, time: 1 };

function misses({ ttftMs, msPerToken }: Score, { minThroughput, maxLatencyS }: Ordering): boolean {
  return (
    (minThroughput !== null && 1000 / msPerToken < minThroughput) ||
    (maxLatencyS !== null && ttftMs > 1000 * maxLatencyS)
  );
}

function byCaller(scored: readonly [Candidate, Score][], order: readonly string[]): readonly Ranked[] {
  const place = (candidate: Candidate): number => {
    const at = order.indexOf(candidate.deployment.connection.provider.id);
    return at === -1 ? order.length : at;
  };
  return scored
    .map(
      ([candidate, score]): Ranked => ({
        candidate,
        score,
        reason: place(candidate) < order.length ? "caller_order" : "stands_by",
      }),
    )
    .sort((a, b) => place(a.candidate) - place(b.candidate));
}

/** The one that is tried first. */
function choose(ranked: readonly Ranked[], ordering: Ordering): Ranked {
  const { weights, random } = ordering;
  const [best] = ranked as [Ranked];
  if (weights === null) return { ...best, reason: "least_busy" };
  if (best.score.cachedShare > worthStaying) return { ...best, reason: "keeps_cache" };
  const explored = weights.latency + weights.throughput + weights.time > 0 ? toExplore(ranked, ordering) : null;
  if (explored !== null) return { ...explored, reason: "explores" };
  const near = ranked.filter((one) => sharesWith(best, one, weights));
  if (near.length === 1) return { ...best, reason: "best" };
  // Power of two choices: all calls that are planned at one moment see the same scores, and must not all go to one place.
  const one = pick(near, ordering, random());
  const other = pick(near, ordering, random());
  return { ...(load(other, ordering) < load(one, ordering) ? other : one), reason: "shares_load" };
}

/**
 * Whether a deployment is as good as the best. Where the price alone decides, so close means equal, and providers keep their
 * order: only the credentials of one share the load.
 */
function sharesWith(best: Ranked, one: Ranked, { price }: Weights): boolean {
  const behind = one.score.value - best.score.value;
  if (price < 2) return behind <= nearlyEqual;
  const { provider } = best.candidate.deployment.connection;
  return behind <= 1e-9 && one.candidate.deployment.connection.provider === provider;
}

function halfOpen({ candidate }: Ranked, nowMs: number): boolean {
  return candidate.statistics.breaker.state(nowMs) === "half_open";
}

/** The least measured of those that could be better than the best, now and then. */
function toExplore(ranked: readonly Ranked[], { weights, random }: Ordering): Ranked | null {
  if (weights === null) return null;
  const [best] = ranked as [Ranked];
  const hope = (weights.latency + weights.throughput + weights.time) * hopedFactor;
  let least: Ranked | null = null;
  for (const one of ranked) {
    if (one === best || one.score.measurements >= fewMeasurements || one.candidate.statistics.inFlight > 0) continue;
    if (one.score.value - hope > best.score.value) continue;
    if (least === null || one.score.measurements < least.score.measurements) least = one;
  }
  if (least === null) return null;
  return random() < (least.score.measurements === 0 ? exploreNone : exploreFew) ? least : null;
}

function load({ candidate }: Ranked, { share }: Ordering): number {
  return (candidate.statistics.inFlight + 1) / share(candidate);
}

/** One of them, each as often as its share says. */
function pick(near: readonly Ranked[], { share }: Ordering, at: number): Ranked {
  let left = at * near.reduce((sum, { candidate }) => sum + share(candidate), 0);
  for (const one of near) {
    left -= share(one.candidate);
    if (left < 0) return one;
  }
  return near[near.length - 1] as Ranked;
}
