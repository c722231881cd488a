// Alerts of customers whose prepaid credit runs low: the ledger is followed, so that no balance is summed twice.
import { type KeepingAlerts, keepAlerts } from "../observe/keep-alerts.ts";
import type { MovementStore } from "../store/port-movements.ts";
import { formatUsd } from "./price.ts";

export const creditLow = "credit_low";

export interface CreditAlertOptions extends KeepingAlerts {
  readonly movements: MovementStore;
  /** Of a customer's latest top-up: at this much and less, its credit is low. */
  readonly percent: number;
}

interface Account {
  left: bigint;
  lastTopUp: bigint;
}

/** Makes a look that remembers how far it has read. */
export function createCreditLook({ movements, percent, ...keeping }: CreditAlertOptions): () => Promise<void> {
  const accounts = new Map<string, Account>();
  let row = 0;

  function account(customer: string): Account {
    const known = accounts.get(customer) ?? { left: 0n, lastTopUp: 0n };
    accounts.set(customer, known);
    return known;
  }

  return async () => {
    for (let more = true; more; ) {
      const read = await movements.since(row);
      for (const { customer, nanos } of read.moved) account(customer).left += nanos;
      for (const { customer, nanos } of read.topUps) account(customer).lastTopUp = nanos;
      ({ row, more } = read);
    }
    const low = new Map<string, string>();
    for (const [customer, { left, lastTopUp }] of accounts) {
      if (lastTopUp === 0n || left * 100n > lastTopUp * BigInt(percent)) continue;
      const then = left > 0n ? "" : " Its calls are refused.";
      low.set(customer, `The prepaid credit of ${customer} is at $${formatUsd(left)}.${then}`);
    }
    await keepAlerts(keeping, creditLow, low);
  };
}
