// A purse: one budget of one scope in its current period: what was spent, and what calls under way may still spend.
import { periodOf, type Span } from "./period.ts";
import type { Budget } from "./policy.ts";

/** Money that a call may spend; given back to the purse with what it really spent. */
export interface Reservation {
  readonly period: Span;
  readonly nanos: bigint;
}

/** A percentage of a budget, and how much that is. */
interface Mark {
  readonly percent: number;
  readonly nanos: bigint;
}

const none: readonly number[] = [];

export class Purse {
  #budget: Budget;
  #marks: readonly Mark[];
  #period: Span;
  #spent: bigint;
  #reserved = 0n;

  /** @param spent what was spent in the period of `nowMs` so far. */
  constructor(budget: Budget, spent: bigint, nowMs: number) {
    this.#budget = budget;
    this.#marks = marksOf(budget);
    this.#period = periodOf(budget.per, nowMs);
    this.#spent = spent;
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** Another budget of the same period takes its place: what was spent and what is held stays. */
  change(budget: Budget): void {
    this.#budget = budget;
    this.#marks = marksOf(budget);
  }

  period(nowMs: number): Span {
    this.#turn(nowMs);
    return this.#period;
  }

  spent(nowMs: number): bigint {
    this.#turn(nowMs);
    return this.#spent;
  }

  /** What may still be reserved; negative when more was spent than the budget has. */
  left(nowMs: number): bigint {
    this.#turn(nowMs);
    return this.#budget.nanos - this.#spent - this.#reserved;
  }

  /** @param nanos the most that a call can cost; null when nobody knows. */
  fits(nanos: bigint | null, nowMs: number): boolean {
    return !this.#budget.hard || (nanos !== null && nanos <= this.left(nowMs));
  }

  /** What calls under way hold. */
  get reserved(): bigint {
    return this.#reserved;
  }

  /** Whether no call under way holds any of it. */
  get unreserved(): boolean {
    return this.#reserved === 0n;
  }

  reserve(nanos: bigint, nowMs: number): Reservation {
    this.#turn(nowMs);
    this.#reserved += nanos;
    return { period: this.#period, nanos };
  }

  /**
   * Ends a reservation. What was spent counts for the period in which it was reserved, as the ledger has it by the time of
   * the call's beginning.
   * @returns the percentages of the budget that were reached by this.
   */
  settle({ period, nanos }: Reservation, spent: bigint): readonly number[] {
    if (period !== this.#period) return none;
    const before = this.#spent;
    const after = before + spent;
    this.#reserved -= nanos;
    this.#spent = after;
    const reached = this.#marks.filter((mark) => before < mark.nanos && after >= mark.nanos);
    return reached.length === 0 ? none : reached.map(({ percent }) => percent);
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#period.toMs) return;
    this.#period = periodOf(this.#budget.per, nowMs);
    this.#spent = 0n;
    this.#reserved = 0n;
  }
}

function marksOf({ nanos, alertAt }: Budget): readonly Mark[] {
  return alertAt.map((percent) => ({ percent, nanos: (nanos * BigInt(percent)) / 100n }));
}
