// What the store keeps of prepaid credits, as the rooms above see it.

import type { Page } from "./port.ts";
import type { AdminScope } from "./port-admins.ts";

/** `charge`: of a call. `fee`: of anything else, by an operator. */
export type LedgerKind = "top_up" | "charge" | "fee" | "refund" | "adjustment" | "expiry";

/** Where the money of an entry comes from, or goes to. Its balance is the negated sum of its entries. */
export type CounterAccount = "cash" | "revenue" | "adjustments" | "expired";

/** One movement between a customer's account and a counter account. */
export interface LedgerEntry {
  /** Of a charge, its call's id. */
  readonly id: string;
  readonly atMs: number;
  readonly customer: string;
  readonly kind: LedgerKind;
  /** Into the customer's account; negative out of it. */
  readonly amountNanos: bigint;
  readonly counterAccount: CounterAccount;
  readonly reason: string | null;
  /** The administrator who made it; null for what happens by itself. */
  readonly actor: string | null;
  /** Of a top-up: when what is left of it is no longer there. */
  readonly expiresAtMs: number | null;
}

/** A customer's account: always the sums of its entries. */
export interface Balance {
  readonly customer: string;
  /** What was put in, less what was taken out otherwise than by calls. */
  readonly grantedNanos: bigint;
  /** What calls were charged. */
  readonly chargedNanos: bigint;
}

export interface LedgerQuery {
  /** Only entries of these customers; who is limited to a project sees none of its customer's. */
  readonly within?: AdminScope;
  readonly customer?: string;
  readonly kind?: LedgerKind;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** How the account of a customer moved in some time. */
export interface Statement {
  readonly customer: string;
  /** The balance before it. */
  readonly openingNanos: bigint;
  /** Sums of the entries in it, of those kinds of which there are any. */
  readonly movedNanos: Readonly<Partial<Record<LedgerKind, bigint>>>;
}

export type StatementQuery = Pick<LedgerQuery, "within" | "customer"> & {
  readonly fromMs: number;
  readonly toMs: number;
};

export interface LedgerStore {
  /**
   * Writes an entry that is no charge (those come with their settlements), and has the customer's calls paid for from credits
   * from now on. False when there is one with this id.
   */
  add(entry: LedgerEntry): Promise<boolean>;
  /** Latest first. */
  list(query: LedgerQuery): Promise<Page<LedgerEntry>>;
  /** The accounts of all customers, or of one, that had moved by the end of this time. */
  statements(query: StatementQuery): Promise<readonly Statement[]>;
  /** Of one customer; nothing was moved: all 0. */
  balance(customer: string): Promise<Balance>;
  /** Top-ups that have expired, of which no expiry has been written. */
  expired(nowMs: number): Promise<readonly LedgerEntry[]>;
  /** What was put into an account by entries that hold at this time, that top-up aside. */
  grantedBeside(topUp: LedgerEntry, nowMs: number): Promise<bigint>;
}
