// Alerting: what operators are told of that no single event shows. Looked at once a minute, in one process of an installation.
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { lookAtKeys } from "./keys/key-alerts.ts";
import { policyOfScope, spentBy } from "./limiting.ts";
import { budgetPeriodOver, budgetReached } from "./limits/budget-alert.ts";
import { keepTotalMark } from "./limits/total-marks.ts";
import type { Alerts } from "./observe/alerts.ts";
import { keepAlerts } from "./observe/keep-alerts.ts";
import type { Store } from "./store/port.ts";
import { createCreditLook } from "./usage/credit-alerts.ts";
import { lookForMisuse } from "./usage/misuse.ts";

export interface AlertingOptions {
  readonly store: Store;
  readonly alerts: Alerts;
  readonly config: Pick<Config, "alertAt">;
  readonly clock: Clock;
  onError(error: unknown): void;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const authenticationFailures = "authentication_failures";
/** Of what happened once and can't be over: so long after it was raised last, its alert closes. */
const passing: Readonly<Record<string, number>> = { key_leaked: 30 * dayMs };
const refusalsKeptMs = 90 * dayMs;
const networksKeptMs = 30 * dayMs;

/** Makes a look at everything; it never rejects. */
export function createAlerting({ store, alerts, config, clock, onError }: AlertingOptions): () => Promise<void> {
  const open = async (kind: string) => (await listOpen(store, kind)).map(({ subject }) => subject);
  const keeping = { alerts, open };
  const { newNetworks, spendingFactor, refusals, creditPercent, failedKeys } = config.alertAt;
  const lookAtCredits = createCreditLook({ movements: store.movements, percent: creditPercent, ...keeping });

  /** Whoever shows unknown keys: a fleet with a wrong setting, or somebody who guesses. */
  async function lookAtStrangers(nowMs: number): Promise<void> {
    const fromMs = nowMs - (nowMs % hourMs) - hourMs;
    const [unknown] = await store.refusals.list({
      groupBy: ["hour"],
      fromMs,
      toMs: nowMs + 1,
      code: "invalid_api_key",
    });
    const times = unknown?.refused ?? 0;
    const wanted = new Map<string, string>();
    if (failedKeys > 0 && times >= failedKeys) {
      wanted.set("customers", `Calls with unknown keys were refused ${times} times within an hour.`);
    }
    await keepAlerts(keeping, authenticationFailures, wanted);
  }

  /** Closes what nobody will: marks of budgets whose period is over, or that are no longer reached, and what happened long ago. */
  async function closePast(nowMs: number): Promise<void> {
    for (const [kind, afterMs] of Object.entries(passing)) {
      for (const { subject, lastAtMs } of await listOpen(store, kind)) {
        if (nowMs - lastAtMs > afterMs) alerts.resolve(kind, subject);
      }
    }
    for (const alert of await listOpen(store, budgetReached)) {
      if (budgetPeriodOver(alert.subject, nowMs)) alerts.resolve(budgetReached, alert.subject);
      else await keepTotalMark(alert, marks);
    }
  }

  async function forgetPast(nowMs: number): Promise<void> {
    await store.refusals.sweep(nowMs - refusalsKeptMs);
    await store.networks.sweep(nowMs - networksKeptMs);
  }

  const marks = {
    alerts,
    policyOf: (scope: string) => policyOfScope(store, scope),
    spent: (scope: string) => spentBy(store.calls, scope, 0),
  };
  const thresholds = { newNetworks, spendingFactor, refusals };
  const { keys, calls, networks } = store;
  const looks: readonly ((nowMs: number) => Promise<void>)[] = [
    (nowMs) => lookAtKeys({ keys, nowMs, ...keeping }),
    () => lookAtCredits(),
    (nowMs) => lookForMisuse({ keys, calls, networks, refusals: store.refusals, thresholds, nowMs, ...keeping }),
    lookAtStrangers,
    closePast,
    forgetPast,
  ];
  return async () => {
    for (const look of looks) await look(clock.now()).catch(onError);
  };
}

async function listOpen({ alerts }: Pick<Store, "alerts">, kind: string) {
  return (await alerts.list({ open: true, kind, limit: 1_000 })).data;
}
