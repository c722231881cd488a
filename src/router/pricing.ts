// Pricing: what a model's tokens cost, as numbers that planning compares. What is charged is computed exactly elsewhere.
import type { ModelFacts, TokenPrices } from "../../providers/catalog/facts.ts";

/** Nanodollars per token; `perCall` per request. */
interface Rates {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

export interface Pricing extends Rates {
  readonly perCall: number;
  readonly perImage: number;
  /** By ascending threshold of input tokens. */
  readonly tiers: readonly (Rates & { readonly aboveInputTokens: number })[];
}

/** USD per million tokens in nanodollars per token, and USD in nanodollars. */
const nanosPerToken = 1_000;
const nanosPerUsd = 1e9;

const known = new WeakMap<ModelFacts, Pricing | null>();

/** Null when the price is unknown, or 0/0 in a row that nobody vouches for. */
export function pricingOf(facts: ModelFacts | null): Pricing | null {
  if (facts === null) return null;
  let pricing = known.get(facts);
  if (pricing === undefined) {
    pricing = read(facts);
    known.set(facts, pricing);
  }
  return pricing;
}

/** The expected cost of a call in nanodollars. `cachedShare`: how much of the input the provider has in its cache, 0 to 1. */
export function expectedCost(
  pricing: Pricing,
  { inputTokens, outputTokens, cachedShare }: { inputTokens: number; outputTokens: number; cachedShare: number },
): number {
  let rates: Rates = pricing;
  for (const tier of pricing.tiers) if (inputTokens > tier.aboveInputTokens) rates = tier;
  const cached = inputTokens * cachedShare;
  return (
    pricing.perCall +
    pricing.perImage +
    (inputTokens - cached) * rates.input +
    cached * rates.cachedInput +
    outputTokens * rates.output
  );
}

function read(facts: ModelFacts): Pricing | null {
  const { prices, unitPrices, zeroPrice } = facts;
  if (zeroPrice && unitPrices === null) return null;
  if (prices === null && unitPrices === null) return null;
  const base = rates(prices ?? {}, null);
  return {
    ...base,
    perCall: nanosPerUsd * Number(unitPrices?.perQuery ?? 0),
    perImage: nanosPerUsd * Number(unitPrices?.perImage ?? 0),
    tiers: (prices?.tiers ?? []).map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, ...rates(tier, base) })),
  };
}

/** A counter that a set of prices is silent about costs what the base says, and cached input what input costs. */
function rates(prices: TokenPrices, base: Rates | null): Rates {
  const of = (price: string | undefined, fallback: number): number =>
    price === undefined ? fallback : Number(price) * nanosPerToken;
  const input = of(prices.input, base?.input ?? 0);
  return {
    input,
    cachedInput: of(prices.cacheRead, input),
    output: of(prices.output, base?.output ?? 0),
  };
}
