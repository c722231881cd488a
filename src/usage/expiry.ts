// Expiry of credits: what is left of a top-up when its time is over is taken back, once.
import type { Clock } from "../clock.ts";
import { expiryId } from "../store/ledger.ts";
import type { LedgerStore } from "../store/port-ledger.ts";

/**
 * Writes the expiry of every top-up whose time is over. Calls are taken to have spent what expires first: so much of a top-up is
 * left as the balance exceeds all else that was granted. Resolves to how many have expired.
 */
export async function expireCredits({ ledger, clock }: { ledger: LedgerStore; clock: Clock }): Promise<number> {
  const nowMs = clock.now();
  const over = await ledger.expired(nowMs);
  for (const topUp of over) {
    const { grantedNanos, chargedNanos } = await ledger.balance(topUp.customer);
    const beyond = grantedNanos - chargedNanos - (await ledger.grantedBeside(topUp, nowMs));
    const left = between(0n, beyond, topUp.amountNanos);
    await ledger.add({
      id: expiryId(topUp.id),
      atMs: nowMs,
      customer: topUp.customer,
      kind: "expiry",
      amountNanos: -left,
      counterAccount: "expired",
      reason: null,
      actor: null,
      expiresAtMs: null,
    });
  }
  return over.length;
}

function between(least: bigint, amount: bigint, most: bigint): bigint {
  if (amount < least) return least;
  return amount > most ? most : amount;
}
