// What a call costs: exact integer arithmetic from decimal prices to nanodollars, rounded once.
import type { Decimal, ModelFacts, Prices, TokenPrices } from "../../providers/catalog/facts.ts";
import type { ToolPrices } from "../../providers/catalog/tools.ts";
import { type OtherUsage, totalInput, totalOutput, type Usage } from "../../providers/dialects/usage.ts";
import { hasPricedUnit, unitCost, unitsCost } from "./unit-price.ts";

/** The part of a model's facts that decides its price. */
export type Priced = Pick<ModelFacts, "prices" | "unitPrices">;

/** How a call was (or will be) served, where that has a price of its own. The words are those of the wire. */
export interface PriceTerms {
  /** `service_tier`: what the provider says that it served, else what was asked. */
  readonly serviceTier?: string | null;
  /** `speed` of Anthropic's fast mode. */
  readonly speed?: string | null;
}

/** Prices at the provider beside the model's own; absent ones are unknown. */
export interface PricesBeside {
  readonly tools?: ToolPrices;
  /** The facts of another of its models, by its name there; null when it is unknown. */
  factsOf?(model: string): Priced | null;
}

/** What a call could still do that makes it dearer. Absent: it could. */
export interface Possible {
  readonly cacheWrites?: boolean;
  readonly hourCacheWrites?: boolean;
  readonly audioInput?: boolean;
  readonly audioOutput?: boolean;
  /** The terms asked for; absent: any of the row's modes but batches. */
  readonly terms?: PriceTerms;
}

/**
 * Cost of a call in nanodollars, rounded half up once at the end; null when the price is unknown, never 0 for that reason.
 * Tiers go by the call's total input, and price all of it. A counter without a price of its own takes the dearest one that
 * can apply to it: cached input and cache writes the input price, audio the text price of its direction, reasoning the
 * output price; in a tier or mode that is silent about it, no less than the row's own price. Terms that the row has no
 * prices for cost the plain price. Rows that are billed by another unit (images, queries, seconds, characters) cost what their
 * units do, and null when those were not counted. In rows that price both, units are billed beside the input's tokens where
 * no output was counted in tokens. Searches of the web, and what other models did for the answer (`Usage.billing`), are
 * billed on top, and make the cost unknown where their price is.
 * @param asked how the call asked to be served: it holds where the provider does not say how it did.
 */
export function costOf(usage: Usage, facts: Priced, asked: PriceTerms = {}, beside: PricesBeside = {}): bigint | null {
  const { billing } = usage;
  const terms = {
    serviceTier: billing?.serviceTier ?? asked.serviceTier ?? null,
    speed: billing?.speed ?? asked.speed ?? null,
  };
  let cost = sum(ownCost(usage, facts, terms), searchCost(usage, beside));
  for (const other of billing?.others ?? nobody) cost = sum(cost, otherCost(other, terms, beside));
  return cost;
}

const nobody: readonly OtherUsage[] = [];

/** A service tier is the call's; a speed is the model's that it was asked of. */
function otherCost({ model, usage }: OtherUsage, { serviceTier }: PriceTerms, beside: PricesBeside): bigint | null {
  const facts = model === null ? null : (beside.factsOf?.(model) ?? null);
  return facts === null ? null : ownCost(usage, facts, { serviceTier: serviceTier ?? null });
}

function searchCost({ webSearches = 0 }: Usage, { tools }: PricesBeside): bigint | null {
  if (webSearches === 0) return 0n;
  return tools?.webSearch === undefined ? null : unitsCost(webSearches, tools.webSearch);
}

function sum(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b;
}

function ownCost(usage: Usage, facts: Priced, terms: PriceTerms): bigint | null {
  const { unitPrices } = facts;
  const tokens = tokenCost(usage.billing?.tokens ?? usage, facts, terms);
  if (unitPrices === null) return tokens;
  if (compile(facts) === null) return unitCost(usage, unitPrices);
  if (totalOutput(usage) > 0) return tokens;
  // Sound that was made is billed, and no answer says how long it is.
  if (usage.characters !== undefined && Number(unitPrices.perSecondOut ?? 0) > 0) return null;
  const more = hasPricedUnit(usage, unitPrices) ? unitCost(usage, unitPrices) : 0n;
  return sum(tokens, more);
}

function tokenCost(usage: Usage, facts: Priced, terms: PriceTerms): bigint | null {
  const compiled = compile(facts);
  if (compiled === null) return null;
  const input = totalInput(usage);
  let rates = compiled.base;
  for (const tier of compiled.tiers) if (input > tier.aboveInputTokens) rates = tier.rates;
  for (const mode of compiled.modes) {
    if (!applies(mode, terms)) continue;
    rates = rates === compiled.base ? mode.rates : dearer(rates, mode.rates);
    break;
  }
  let sum = charged(0n, usage.inputTokens, rates.input);
  sum = charged(sum, usage.cachedInputTokens, rates.cacheRead);
  sum = charged(sum, usage.cacheWriteTokens, rates.cacheWrite);
  sum = charged(sum, usage.cacheWrite1hTokens, rates.cacheWrite1h);
  sum = charged(sum, usage.inputAudioTokens, rates.inputAudio);
  sum = charged(sum, usage.outputTokens, rates.output);
  sum = charged(sum, usage.reasoningTokens, rates.reasoning);
  sum = charged(sum, usage.outputAudioTokens, rates.outputAudio);
  return sum === null ? null : (2n * sum + compiled.perNano) / (2n * compiled.perNano);
}

/**
 * The most that a call of at most so many input and output tokens can cost, in nanodollars rounded up: every token at the
 * dearest counter, tier and mode that is possible. Null when the price is unknown. For reservations.
 */
export function worstCost(
  inputTokens: number,
  maxOutputTokens: number,
  facts: Priced,
  possible: Possible = {},
): bigint | null {
  const compiled = compile(facts);
  if (compiled === null) return null;
  let rates = compiled.base;
  for (const tier of compiled.tiers) if (inputTokens > tier.aboveInputTokens) rates = dearer(rates, tier.rates);
  for (const mode of compiled.modes) {
    if (!possible.terms || applies(mode, possible.terms)) rates = dearer(rates, mode.rates);
  }
  // Whether something is possible is asked only where it makes a difference: it may have to be looked for in a long text.
  let input = greater(rates.input, rates.cacheRead);
  if (rates.cacheWrite !== input && possible.cacheWrites !== false) input = greater(input, rates.cacheWrite);
  if (rates.cacheWrite1h !== input && possible.cacheWrites !== false && possible.hourCacheWrites !== false) {
    input = greater(input, rates.cacheWrite1h);
  }
  if (rates.inputAudio !== input && possible.audioInput !== false) input = greater(input, rates.inputAudio);
  let output = greater(rates.output, rates.reasoning);
  if (rates.outputAudio !== output && possible.audioOutput !== false) output = greater(output, rates.outputAudio);
  const sum = charged(charged(0n, inputTokens, input), maxOutputTokens, output);
  return sum === null ? null : (sum + compiled.perNano - 1n) / compiled.perNano;
}

/** Nanodollars as a decimal of USD: no exponent, no trailing zeros (`25000000n` is `"0.025"`). */
export function formatUsd(nano: bigint): string {
  const digits = (nano < 0n ? -nano : nano).toString().padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  return `${nano < 0n ? "-" : ""}${digits.slice(0, -9)}${fraction === "" ? "" : `.${fraction}`}`;
}

type Counter = keyof TokenPrices;

/** Price of each counter for a token, `perNano` to a nanodollar; null is unknown. */
type Rates = Readonly<Record<Counter, bigint | null>>;

interface Compiled {
  /** The power of ten that makes every price of the row an integer. */
  readonly perNano: bigint;
  readonly base: Rates;
  readonly tiers: readonly { readonly aboveInputTokens: number; readonly rates: Rates }[];
  readonly modes: readonly Mode[];
}

interface Mode {
  readonly name: string;
  /** Members of a body that ask for it; null where its name does. */
  readonly asked: readonly (readonly [member: string, value: unknown])[] | null;
  readonly rates: Rates;
}

const counters = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "inputAudio",
  "outputAudio",
  "reasoning",
] as const satisfies readonly Counter[];

/** A USD per million tokens is 10 to this power nanodollars per token: so many places of a price are whole ones. */
const wholePlaces = 3;

const compiledPrices = new WeakMap<Prices, Compiled>();

function compile({ prices, unitPrices }: Priced): Compiled | null {
  if (prices === null) return null;
  if (unitPrices !== null && Number(prices.input ?? 0) === 0 && Number(prices.output ?? 0) === 0) return null;
  let compiled = compiledPrices.get(prices);
  if (compiled === undefined) {
    compiled = compilePrices(prices);
    compiledPrices.set(prices, compiled);
  }
  return compiled;
}

function compilePrices(prices: Prices): Compiled {
  const modes = Object.entries(prices.modes).filter(([name]) => name !== "batches");
  const sets: readonly TokenPrices[] = [prices, ...prices.tiers, ...modes.map(([, mode]) => mode)];
  const places = Math.max(
    wholePlaces,
    ...sets.flatMap((set) => counters.map((counter) => decimalPlaces(set[counter] ?? "0"))),
  );
  const base = scaled(prices, places);
  return {
    perNano: 10n ** BigInt(places - wholePlaces),
    base: withFallbacks(base),
    tiers: prices.tiers.map((tier) => ({
      aboveInputTokens: tier.aboveInputTokens,
      rates: withFallbacks(scaled(tier, places), base),
    })),
    modes: modes.map(([name, mode]) => ({
      name,
      asked: mode.body === undefined ? null : Object.entries(mode.body),
      rates: withFallbacks(scaled(mode, places), base),
    })),
  };
}

/**
 * Fills in the counters that a set of prices is silent about; `base` is the row's plain set, where this is another one.
 * An hour's cache write costs twice the input where a 5-minute write costs 1.25 times: Anthropic's documented pair of
 * multipliers ("Prompt caching", Pricing), which its resellers keep. Elsewhere it costs what any cache write does.
 */
function withFallbacks(own: Rates, base?: Rates): Rates {
  const input = own.input ?? base?.input ?? null;
  const output = own.output ?? base?.output ?? null;
  const or = (counter: Counter, fallback: bigint | null) =>
    own[counter] ?? greater(fallback, base?.[counter] ?? fallback);
  const cacheWrite = or("cacheWrite", input);
  const anthropic = input !== null && cacheWrite !== null && cacheWrite * 4n === input * 5n;
  return {
    input,
    output,
    cacheRead: or("cacheRead", input),
    cacheWrite,
    cacheWrite1h: or("cacheWrite1h", anthropic ? input * 2n : greater(input, cacheWrite)),
    inputAudio: or("inputAudio", input),
    outputAudio: or("outputAudio", output),
    reasoning: or("reasoning", output),
  };
}

function applies({ name, asked }: Mode, { serviceTier, speed }: PriceTerms): boolean {
  if (asked === null) return name === serviceTier;
  return asked.every(
    ([member, value]) =>
      (member === "service_tier" && serviceTier === value) || (member === "speed" && speed === value),
  );
}

/** The greater price of each counter of two sets. */
function dearer(a: Rates, b: Rates): Rates {
  return {
    input: greater(a.input, b.input),
    output: greater(a.output, b.output),
    cacheRead: greater(a.cacheRead, b.cacheRead),
    cacheWrite: greater(a.cacheWrite, b.cacheWrite),
    cacheWrite1h: greater(a.cacheWrite1h, b.cacheWrite1h),
    inputAudio: greater(a.inputAudio, b.inputAudio),
    outputAudio: greater(a.outputAudio, b.outputAudio),
    reasoning: greater(a.reasoning, b.reasoning),
  };
}

/** The greater of two prices; unknown when one of them is. */
function greater(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return null;
  return a > b ? a : b;
}

/** A sum with so many tokens at a rate more; unknown when the rate of any token is. */
function charged(sum: bigint | null, tokens: number | undefined, rate: bigint | null): bigint | null {
  if (tokens === undefined || tokens === 0 || sum === null) return sum;
  return rate === null ? null : sum + BigInt(tokens) * rate;
}

function scaled(prices: TokenPrices, places: number): Rates {
  const rate = (counter: Counter): bigint | null => {
    const price = prices[counter];
    if (price === undefined) return null;
    const [whole = "", fraction = ""] = price.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  };
  return {
    input: rate("input"),
    output: rate("output"),
    cacheRead: rate("cacheRead"),
    cacheWrite: rate("cacheWrite"),
    cacheWrite1h: rate("cacheWrite1h"),
    inputAudio: rate("inputAudio"),
    outputAudio: rate("outputAudio"),
    reasoning: rate("reasoning"),
  };
}

function decimalPlaces(price: Decimal): number {
  const point = price.indexOf(".");
  return point < 0 ? 0 : price.length - point - 1;
}
