// Expiry of credits: what is left of a top-up when its time is over is taken back, but for what calls under way may still spend of it.
import type { Clock } from "../clock.ts";
import { expiryId } from "../store/ledger.ts";
import type { LedgerEntry, LedgerStore } from "../store/port-ledger.ts";

/** Credit that no call can take any more, before the ledger says so. */
export interface Withdrawal {
  readonly nanos: bigint;
  /** What calls under way hold of what is to go: it goes when they have ended, as far as they have not spent it. */
  readonly heldNanos: bigint;
  /** The ledger did not take it: calls may. */
  undo(): void;
}

export interface ExpiryDeps {
  readonly ledger: LedgerStore;
  readonly clock: Clock;
  /**
   * Takes out of a customer's credit what exceeds an amount that must stay, this much at the most. Null, or absent, where no call of
   * this process knows of the credit: then it is as the ledger has it.
   */
  withdraw?(customer: string, credit: { whole: bigint; most: bigint; stays: bigint }): Withdrawal | null;
}

/**
 * Writes the expiry of every top-up whose time is over. Calls, those under way too, are taken to have spent what expires first: so
 * much of a top-up is left as the balance exceeds all else that was granted. Resolves to how many are over for good.
 */
export async function expireCredits(deps: ExpiryDeps): Promise<number> {
  const { ledger, clock } = deps;
  const nowMs = clock.now();
  const over = await ledger.expired(nowMs);
  let done = 0;
  for (const topUp of over) if (await expire(deps, topUp, nowMs)) done += 1;
  return done;
}

/** False when calls under way hold some of it: the rest follows. */
async function expire({ ledger, withdraw }: ExpiryDeps, topUp: LedgerEntry, nowMs: number): Promise<boolean> {
  const { id, customer, amountNanos } = topUp;
  const { grantedNanos: whole, chargedNanos } = await ledger.balance(customer);
  // In this order: what is put in meanwhile is not taken for what is left.
  const stays = await ledger.grantedBeside(topUp, nowMs);
  const taken = withdraw?.(customer, { whole, most: amountNanos, stays }) ?? {
    nanos: between(0n, whole - chargedNanos - stays, amountNanos),
    heldNanos: 0n,
    undo() {},
  };
  const isDone = taken.heldNanos === 0n;
  if (!isDone && taken.nanos === 0n) return false;
  try {
    await ledger.add({
      // Of one top-up only one is the last.
      id: isDone ? expiryId(id) : `${expiryId(id)}:${nowMs}`,
      atMs: nowMs,
      customer,
      kind: "expiry",
      amountNanos: -taken.nanos,
      counterAccount: "expired",
      reason: null,
      actor: null,
      expiresAtMs: null,
    });
  } catch (error) {
    taken.undo();
    throw error;
  }
  return isDone;
}

function between(least: bigint, amount: bigint, most: bigint): bigint {
  if (amount < least) return least;
  return amount > most ? most : amount;
}
