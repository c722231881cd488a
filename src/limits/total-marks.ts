// Alerts of budgets that never begin anew: they stand as long as they are true, and only who changes the budget ends them.
import type { Alerts } from "../observe/alerts.ts";
import type { PolicyJson } from "../store/policy.ts";
import type { AlertRecord } from "../store/port-operations.ts";
import { budgetMessage, budgetReached, totalMarkOf } from "./budget-alert.ts";
import { compilePolicy } from "./policy-json.ts";

export interface TotalMarks {
  readonly alerts: Pick<Alerts, "raise" | "resolve">;
  /** What stands of a scope; null where it is there no more, or nobody can call by it. */
  policyOf(scope: string): Promise<PolicyJson | null>;
  /** What a scope has spent since its beginning. */
  spent(scope: string): Promise<bigint>;
}

/**
 * Keeps an open alert of a budget in `total`, or closes it. What is spent never becomes less: as long as the budget is the one that the
 * alert tells of, nothing need be summed up.
 */
export async function keepTotalMark({ subject, message }: AlertRecord, marks: TotalMarks): Promise<void> {
  const mark = totalMarkOf(subject);
  if (mark === null) return;
  const { scope, percent } = mark;
  const policy = await marks.policyOf(scope);
  const budgets = policy === null ? [] : compilePolicy(policy).budgets;
  const marked = budgets.filter(({ per, alertAt }) => per === "total" && alertAt.includes(percent));
  if (marked.some((budget) => budgetMessage(scope, budget, percent) === message)) return;
  const spent = marked.length === 0 ? 0n : await marks.spent(scope);
  const reached = marked.find(({ nanos }) => spent >= (nanos * BigInt(percent)) / 100n);
  if (reached === undefined) marks.alerts.resolve(budgetReached, subject);
  else marks.alerts.raise(budgetReached, subject, budgetMessage(scope, reached, percent));
}
