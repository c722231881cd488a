// What a customer is charged for a call: its cost at the customer's percentage, exact, rounded once.

/** A percentage as a fraction of integers. */
export interface Percent {
  readonly of: bigint;
  readonly whole: bigint;
}

/** How a customer pays. */
export interface Tariff {
  readonly percent: Percent;
  /** From credits that it has paid for before. */
  readonly prepaid: boolean;
}

/** Reads a decimal: `112.5` is 1125 of 1000. */
export function percentOf(decimal: string): Percent {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return { of: BigInt(whole + fraction), whole: 100n * 10n ** BigInt(fraction.length) };
}

/** Who is charged what it costs. */
export const atCost: Tariff = { percent: percentOf("100"), prepaid: false };

/** Nanodollars to be charged, rounded half up. */
export function chargeFor(costNanos: bigint, { of, whole }: Percent): bigint {
  return (costNanos * of + whole / 2n) / whole;
}

/** The most that can be charged for a call that costs so much at the most. */
export function mostChargeFor(costNanos: bigint, { of, whole }: Percent): bigint {
  return (costNanos * of + whole - 1n) / whole;
}
