// What a provider's headers say of how much may still be asked.
import type { HeaderLookup } from "./dialect.ts";

export interface Allowance {
  readonly limit: number | null;
  readonly remaining: number;
  readonly resetAtMs: number | null;
}

export interface Limits {
  readonly requests: Allowance | null;
  readonly tokens: Allowance | null;
}

/** Null when the headers say nothing. */
export function readLimits(_header: HeaderLookup, _nowMs: number): Limits | null {
  return null;
}
