// Score: how good a deployment is for one call: expected cost, expected time and reliability on one scale, as the logarithm of
// their weighted product. Lower is better; a difference of 0.1 is some 10 % of cost times time.
import type { Objective, Weights } from "./ask.ts";
import type { Candidate } from "./candidates.ts";
import { expectedCost } from "./pricing.ts";

/** Weights of the named objectives. A pure one decides by one thing alone, and by reliability, which always counts. */
export const objectives: Readonly<Record<Objective, Weights>> = {
  balanced: { price: 1, latency: 0, throughput: 0, time: 1 },
  price: { price: 2, latency: 0, throughput: 0, time: 0 },
  latency: { price: 0, latency: 2, throughput: 0, time: 0 },
  throughput: { price: 0, latency: 0, throughput: 2, time: 0 },
};

/** Weights as they are reckoned with: their sum is 2, as that of `balanced` is, so that scores of all are on one scale. */
export function normalised(weights: Weights): Weights {
  const sum = weights.price + weights.latency + weights.throughput + weights.time;
  if (!(sum > 0)) return objectives.balanced;
  const by = 2 / sum;
  return {
    price: weights.price * by,
    latency: weights.latency * by,
    throughput: weights.throughput * by,
    time: weights.time * by,
  };
}

/** A failure costs the time of another try and some of the attempts that a call has: it weighs more than its share. */
const failureWeight = 4;
/** Nothing is certain: a deployment that failed every time lately is bad, not infinitely bad. */
const largestFailureShare = 0.95;
/** Below this share of its rate limit a deployment is spared, at most as if it were twice as dear. */
const scarceHeadroom = 0.05;
/** What costs nothing counts as so much of the dearest, so that being slow still counts against it. */
const freeShare = 0.01;
/** What has no known price counts as so many times the dearest that has one. */
const unknownPriceFactor = 1.5;

/** What is expected of a deployment for this call, and the score that it makes. */
export interface Score {
  /** The logarithm of the weighted product; lower is better. */
  value: number;
  /** Nanodollars; null when the price is unknown. */
  readonly costNanos: number | null;
  readonly ttftMs: number;
  readonly msPerToken: number;
  readonly timeMs: number;
  /** The recent share of failures, 0 to 1. */
  readonly failureShare: number;
  /** The share of its rate limit that is left, 0 to 1. */
  readonly headroom: number;
  /** The share of the prompt that its cache is expected to hold, 0 to 1. */
  readonly cachedShare: number;
  /** How many measurements stand behind the times. */
  readonly measurements: number;
}

/** What is expected of the call, wherever it goes. */
export interface Expected {
  readonly inputTokens: number;
  readonly maxOutputTokens: number | null;
  readonly nowMs: number;
  /** The share of the prompt that a candidate holds in its cache. */
  cachedShare(candidate: Candidate): number;
}

/** The scores of candidates for one call, in their order. */
export function scores(candidates: readonly Candidate[], weights: Weights, expected: Expected): Score[] {
  const made = candidates.map((candidate) => estimate(candidate, expected));
  let dearest = 0;
  for (const { costNanos } of made) if (costNanos !== null && costNanos > dearest) dearest = costNanos;
  const floor = Math.max(1, dearest * freeShare);
  const unknown = Math.max(1, dearest * unknownPriceFactor);
  for (const score of made) {
    const cost = score.costNanos === null ? unknown : Math.max(score.costNanos, floor);
    const { price, latency, throughput, time } = weights;
    let value = price === 0 ? 0 : price * Math.log(cost);
    if (latency !== 0) value += latency * Math.log(score.ttftMs);
    if (throughput !== 0) value += throughput * Math.log(score.msPerToken);
    if (time !== 0) value += time * Math.log(score.timeMs);
    if (score.failureShare > 0) {
      value -= failureWeight * Math.log(1 - Math.min(score.failureShare, largestFailureShare));
    }
    if (score.headroom < scarceHeadroom) value += Math.log(2 - score.headroom / scarceHeadroom);
    score.value = value;
  }
  return made;
}

function estimate(candidate: Candidate, { inputTokens, maxOutputTokens, nowMs, cachedShare }: Expected): Score {
  const { statistics, model, pricing } = candidate;
  const outputTokens = Math.min(model.outputTokens, maxOutputTokens ?? Infinity);
  const cached = cachedShare(candidate);
  const measurements = statistics.timing.measurements(nowMs);
  const ttftMs = believed(statistics.timing.ttftMs, model.ttftMs, measurements);
  const msPerToken = believed(statistics.timing.msPerToken, model.msPerToken, measurements);
  return {
    value: 0,
    costNanos: pricing === null ? null : expectedCost(pricing, { inputTokens, outputTokens, cachedShare: cached }),
    ttftMs,
    msPerToken,
    timeMs: ttftMs + outputTokens * msPerToken,
    failureShare: Math.max(statistics.failureShare(nowMs), suspicion(statistics.overdueMs(nowMs), ttftMs)),
    headroom: statistics.headroom.left(nowMs),
    cachedShare: cached,
    measurements,
  };
}

/** What was measured, the nearer to what the model does elsewhere the less there is of it. */
function believed(measured: number | null, elsewhere: number, measurements: number): number {
  if (measured === null) return elsewhere;
  if (measurements > 20) return measured;
  return elsewhere * (measured / elsewhere) ** (measurements / (measurements + 1));
}

/** Silence is taken for a failure the more, the longer it lasts beside the time that an answer usually takes to begin. */
function suspicion(overdueMs: number, ttftMs: number): number {
  return overdueMs === 0 ? 0 : overdueMs / (overdueMs + ttftMs);
}
