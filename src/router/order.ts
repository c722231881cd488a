// Order: which of the candidates of a group is tried first, and in which order the others stand by.
import type { AttemptReason } from "../store/port.ts";
import { isOwn } from "../vault/pools.ts";
import type { Weights } from "./ask.ts";
import type { Candidate } from "./candidates.ts";
import type { Deployment } from "./deployment.ts";
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

/** One deployment of a plan. */
export interface Step {
  readonly candidate: Candidate;
  readonly deployment: Deployment;
  /** As the caller or an alias wrote the model. */
  readonly name: string;
  readonly score: Score;
  readonly reason: Reason;
  /** When it may be asked, epoch milliseconds: in the future after its provider refused for a rate limit. */
  readonly readyAtMs: number;
}

/** A step while it is being put into its place. */
type Ranked = { -readonly [Member in keyof Step]: Step[Member] };

export interface Ordering {
  /** What the candidates were called. */
  readonly name: string;
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
export function ordered(candidates: readonly Candidate[], ordering: Ordering): Step[] {
  const { name, weights, expected, order } = ordering;
  const made = scores(candidates, weights ?? busyness, expected);
  const ranked = candidates.map((candidate, at): Ranked => {
    const score = made[at] as Score;
    if (weights === null) score.value = (candidate.statistics.inFlight + 1) / ordering.share(candidate);
    if (misses(score, ordering)) score.value += undesired;
    const { deployment, statistics } = candidate;
    return { candidate, deployment, name, score, reason: "stands_by", readyAtMs: statistics.headroom.pausedUntilMs };
  });
  if (!isInOrder(ranked)) ranked.sort((a, b) => a.score.value - b.score.value);
  if (order.length > 0) return byCaller(ranked, order);
  const [only] = ranked;
  if (only === undefined) return ranked;
  const first = ranked.length === 1 ? because(only, "best") : choose(ranked, ordering);
  if (halfOpen(first, expected.nowMs)) because(first, "probes");
  const at = ranked.indexOf(first);
  if (at > 0) ranked.copyWithin(1, 0, at)[0] = first;
  return ranked;
}

function because(one: Ranked, reason: Reason): Ranked {
  one.reason = reason;
  return one;
}

/** Often they are: credentials of one provider differ in nothing. */
function isInOrder(ranked: readonly Step[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const { score } of ranked) {
    if (score.value < last) return false;
    last = score.value;
  }
  return true;
}

/** The deployments of a customer's own keys, and then the installation's. */
export function ownFirst(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  return isOwnMixed(candidates)
    ? [candidates.filter(isOwned), candidates.filter((one) => !isOwned(one))]
    : [candidates];
}

/** Whether some are of a customer's own keys, and some are not. */
export function isOwnMixed(candidates: readonly Candidate[]): boolean {
  const [first] = candidates;
  return first !== undefined && candidates.some((one) => isOwned(one) !== isOwned(first));
}

function isOwned({ deployment }: Candidate): boolean {
  return isOwn(deployment.connection);
}

/** The credentials of one deployment in the order of their priorities, in the places that they have among the others. */
export function byPriority(ranked: readonly Step[]): readonly Step[] {
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

function byCaller(ranked: Ranked[], order: readonly string[]): Ranked[] {
  const place = ({ deployment }: Ranked): number => {
    const at = order.indexOf(deployment.connection.provider.id);
    return at === -1 ? order.length : at;
  };
  for (const one of ranked) if (place(one) < order.length) because(one, "caller_order");
  return ranked.sort((a, b) => place(a) - place(b));
}

/** The one that is tried first. */
function choose(ranked: readonly Ranked[], ordering: Ordering): Ranked {
  const { weights, random } = ordering;
  const [best] = ranked as [Ranked];
  if (weights === null) return because(best, "least_busy");
  if (best.score.cachedShare > worthStaying) return because(best, "keeps_cache");
  const explored = weights.latency + weights.throughput + weights.time > 0 ? toExplore(ranked, ordering) : null;
  if (explored !== null) return because(explored, "explores");
  const near = ranked.filter((one) => sharesWith(best, one, weights));
  if (near.length === 1) return because(best, "best");
  // Power of two choices: all calls that are planned at one moment see the same scores, and must not all go to one place.
  const one = pick(near, ordering, random());
  const other = pick(near, ordering, random());
  return because(load(other, ordering) < load(one, ordering) ? other : one, "shares_load");
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
  let whole = 0;
  for (const { candidate } of near) whole += share(candidate);
  let left = at * whole;
  for (const one of near) {
    left -= share(one.candidate);
    if (left < 0) return one;
  }
  return near[near.length - 1] as Ranked;
}
