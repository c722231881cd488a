// Calendar periods of budgets, in UTC.
import type { BudgetPeriod } from "./policy.ts";

export interface Span {
  readonly fromMs: number;
  /** Infinity for a budget without an end. */
  readonly toMs: number;
}

const dayMs = 86_400_000;

/** The period that a time lies in: a day from midnight, a week from Monday, a month from its first. */
export function periodOf(per: BudgetPeriod, nowMs: number): Span {
  const now = new Date(nowMs);
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  switch (per) {
    case "total":
      return { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
    case "day":
      return { fromMs: midnight, toMs: midnight + dayMs };
    case "week": {
      const monday = midnight - ((now.getUTCDay() + 6) % 7) * dayMs;
      return { fromMs: monday, toMs: monday + 7 * dayMs };
    }
    case "month":
      return {
        fromMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1),
        toMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1),
      };
  }
}
