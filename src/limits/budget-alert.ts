// The alert of a budget's mark: once a period, because the period is in its subject, whoever notices it and however often.
import type { PendingAlert } from "../observe/alerts.ts";
import { formatUsd } from "../usage/price.ts";
import { periodOf } from "./period.ts";
import type { Budget } from "./policy.ts";
import type { Purse } from "./purse.ts";

export const budgetReached = "budget_reached";

const periods = ["day", "week", "month"] as const;

/** The alert that a percentage of a budget is reached. Its subject: `customer:acme month 2026-03-01 80%`. */
export function budgetAlert(
  scope: string,
  purse: Purse,
  percent: number,
  nowMs: number,
): Pick<PendingAlert, "kind" | "subject" | "message"> {
  const { per } = purse.budget;
  const from = per === "total" ? "ever" : dayOf(purse.period(nowMs).fromMs);
  return {
    kind: budgetReached,
    subject: `${scope} ${per} ${from} ${percent}%`,
    message: budgetMessage(scope, purse.budget, percent),
  };
}

/** What the alert of a budget's mark says: the same as long as the budget is the same. */
export function budgetMessage(scope: string, { per, nanos, hard }: Budget, percent: number): string {
  const whole = `the budget of $${formatUsd(nanos)}${per === "total" ? "" : ` a ${per}`} of ${scope}`;
  const then = percent < 100 ? "" : hard ? " Its calls are refused." : " It is not a hard one: its calls go on.";
  return `${percent} % of ${whole} is spent.${then}`;
}

/** The mark that a subject of `budgetAlert` names, where its budget has no periods; null for others. */
export function totalMarkOf(subject: string): { readonly scope: string; readonly percent: number } | null {
  const [, scope, percent] = /^(.+) total ever (\d+)%$/s.exec(subject) ?? [];
  return scope === undefined ? null : { scope, percent: Number(percent) };
}

/** Whether the period that a subject of `budgetAlert` names is over. Of a budget without periods it never is. */
export function budgetPeriodOver(subject: string, nowMs: number): boolean {
  const [, named, day = ""] = / (\S+) (\d{4}-\d{2}-\d{2}) \d+%$/.exec(subject) ?? [];
  const per = periods.find((one) => one === named);
  return per !== undefined && periodOf(per, Date.parse(day)).toMs <= nowMs;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
