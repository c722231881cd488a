// Makes the limiter of an installation: what was spent comes from the ledger, and marks that are reached are told of.
import type { Clock } from "./clock.ts";
import { type Config, ConfigError } from "./config.ts";
import { type Addresses, addresses, addressProblem } from "./limits/addresses.ts";
import { budgetAlert } from "./limits/budget-alert.ts";
import { Limiter } from "./limits/limiter.ts";
import type { Alerts } from "./observe/alerts.ts";
import type { Log } from "./observe/log.ts";
import type { PolicyJson } from "./store/policy.ts";
import type { CallStore, Store, UsageQuery } from "./store/port.ts";
import type { LedgerStore } from "./store/port-ledger.ts";
import type { ExpiryDeps } from "./usage/expiry.ts";
import { formatUsd } from "./usage/price.ts";

export interface LimitingOptions {
  readonly calls: CallStore;
  readonly ledger: LedgerStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: Alerts;
  /** Resolves when all that has been recorded can be read. */
  flush(): Promise<void>;
}

/** The scope of a customer's credits begins with it (see keys/scopes.ts). */
const credits = "credits:";

export function createLimiter({ calls, ledger, clock, log, alerts, flush }: LimitingOptions): Limiter {
  return new Limiter({
    now: () => clock.now(),
    spent: async (scope, fromMs) => {
      await flush();
      if (scope.startsWith(credits)) return (await ledger.balance(scope.slice(credits.length))).chargedNanos;
      return spentBy(calls, scope, fromMs);
    },
    onReached: (scope, purse, percent) => {
      const { nanos, per } = purse.budget;
      log.warn("a budget has reached a mark", { scope, percent, budget_usd: formatUsd(nanos), per });
      const { kind, subject, message } = budgetAlert(scope, purse, percent, clock.now());
      alerts.raise(kind, subject, message);
    },
  });
}

/** What the calls of a scope, no credits, have cost since a time. */
export async function spentBy(calls: Pick<CallStore, "usage">, scope: string, fromMs: number): Promise<bigint> {
  const rows = await calls.usage({ groupBy: [], fromMs, toMs: Number.MAX_SAFE_INTEGER, ...whose(scope) });
  return rows.reduce((sum, { costNanos }) => sum + costNanos, 0n);
}

/** Takes credit that expires from the calls of a limiter. */
export function withdrawalsFrom(limiter: Limiter): NonNullable<ExpiryDeps["withdraw"]> {
  return (customer, credit) => limiter.withdraw(credits + customer, credit);
}

/** The policy of a scope, no credits; null where it is there no more, or no call is let in by it any more. */
export async function policyOfScope(
  { keys, rules, customers, projects }: Pick<Store, "keys" | "rules" | "customers" | "projects">,
  scope: string,
): Promise<PolicyJson | null> {
  const { keyId, ruleId, customer = "", project } = whose(scope);
  if (keyId !== undefined) {
    const key = await keys.get(keyId);
    return key === null || key.status === "revoked" ? null : key.policy;
  }
  if (ruleId !== undefined) return (await rules.get(ruleId))?.policy ?? null;
  const level = project === undefined ? await customers.get(customer) : await projects.get(customer, project);
  return level?.policy ?? null;
}

/** The calls of a scope, by its id (see keys/scopes.ts). */
function whose(scope: string): Pick<UsageQuery, "keyId" | "ruleId" | "customer" | "project"> {
  const [, kind, id = ""] = /^(\w+):(.*)$/s.exec(scope) ?? [];
  if (kind === "key") return { keyId: id };
  if (kind === "rule") return { ruleId: id };
  if (kind === "customer") return { customer: id };
  const [of = "", project = ""] = id.split("/").map(decodeURIComponent);
  return { customer: of, project };
}

/** Whose `x-forwarded-for` is believed; null for nobody's. Throws ConfigError for what is no address. */
export function trustedProxies({ trustedProxies: listed }: Config): Addresses | null {
  if (listed === null) return null;
  for (const text of listed) {
    const problem = addressProblem(text);
    if (problem !== null) throw new ConfigError(`TURNPIKE_TRUSTED_PROXIES: ${text}: ${problem}`);
  }
  return addresses({ allow: listed, deny: [] });
}
