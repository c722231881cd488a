// What units that are not tokens cost: pictures, searches, seconds, characters.
import type { Decimal, UnitPrices } from "../../providers/catalog/facts.ts";
import type { Usage } from "../../providers/dialects/usage.ts";

/** Each counter with its price. Sound that a model makes (`perSecondOut`) is in no answer, so nobody counts it. */
const units = [
  ["images", "perImage"],
  ["queries", "perQuery"],
  ["audioSeconds", "perSecondIn"],
  ["characters", "perCharacterIn"],
] as const satisfies readonly (readonly [keyof Usage, keyof UnitPrices])[];

/** A fraction of `scale`, nanodollars. */
const places = 18n;
/** Of a second: what counters may have after the point. */
const perUnit = 1000n;

/**
 * Nanodollars of the units of a call, rounded half up; null when a unit that has a price was not counted, and when nothing
 * that was counted has one.
 */
export function unitCost(usage: Usage, prices: UnitPrices): bigint | null {
  let sum = 0n;
  let priced = false;
  for (const [counter, price] of units) {
    const each = prices[price];
    if (each === undefined) continue;
    const counted = usage[counter];
    if (counted === undefined) {
      if (Number(each) === 0) continue;
      return null;
    }
    priced = true;
    sum += BigInt(Math.round(counted * Number(perUnit))) * scaled(each);
  }
  if (!priced) return null;
  return rounded(sum);
}

function rounded(sum: bigint): bigint {
  const divisor = (perUnit * 10n ** places) / 1_000_000_000n;
  return (2n * sum + divisor) / (2n * divisor);
}

/** Nanodollars of so many units at this price each, in USD, rounded half up. */
export function unitsCost(count: number, each: Decimal): bigint {
  return rounded(BigInt(Math.round(count * Number(perUnit))) * scaled(each));
}

/** Whether a call's units have a price of their own in a row that prices tokens too. */
export function hasPricedUnit(usage: Usage, prices: UnitPrices): boolean {
  return units.some(([counter, price]) => usage[counter] !== undefined && Number(prices[price] ?? 0) > 0);
}

function scaled(price: Decimal): bigint {
  const [whole = "", fraction = ""] = price.split(".");
  return BigInt(whole + fraction.padEnd(Number(places), "0").slice(0, Number(places)));
}
