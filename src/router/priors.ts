// Priors: what a model that was never measured is taken for, from what the catalogue says of it.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { priorMsPerToken, priorTtftMs } from "./timing.ts";

export interface Prior {
  readonly ttftMs: number;
  readonly msPerToken: number;
}

/** A model that may think before it speaks is taken to begin so many times later. */
const thinkingFactor = 2;
/** The price of output at which a model is taken to be of usual speed, USD per million tokens. */
const usualPrice = 2;
/** How speed goes with price: a model ten times as dear takes some 40 % longer for a token. */
const priceExponent = 0.15;
/** Prices say little: no model is taken to be further from the usual than this. */
const largestFactor = 2;

/**
 * The prior of a model. It never gets shorter with a higher price or with reasoning, and stays within twice the usual; where
 * nothing is known, or nothing is charged, it is the usual. A few measurements outweigh it.
 */
export function priorOf(facts: ModelFacts | null): Prior {
  const price = Number(facts?.prices?.output ?? 0);
  const factor = price > 0 ? (price / usualPrice) ** priceExponent : 1;
  return {
    ttftMs: priorTtftMs * (facts?.capabilities.reasoning === true ? thinkingFactor : 1),
    msPerToken: priorMsPerToken * Math.min(largestFactor, Math.max(1 / largestFactor, factor)),
  };
}
