// Invoices: what each customer used in a month and what it is charged for it, and how its credits have moved meanwhile.
import type { CallStore, UsageGroup, UsageRow } from "../store/port.ts";
import type { LedgerStore, Statement } from "../store/port-ledger.ts";

/** A calendar month in UTC. */
export interface Month {
  /** `2026-11` */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Invoice {
  readonly customer: string;
  readonly month: Month;
  /** `closed`: nothing of it will change any more. */
  readonly status: "draft" | "closed";
  readonly lines: readonly UsageRow[];
  readonly total: Charges;
  /** Null for a customer whose credits never moved. */
  readonly account: Statement | null;
}

/** Sums of lines. */
export type Charges = Pick<UsageRow, "requests" | "unpricedRequests" | "costNanos" | "chargedNanos" | "prepaidNanos">;

export interface InvoiceQuery {
  readonly month: Month;
  /** By what a customer's calls are told apart; one line for all of them when there is nothing. */
  readonly groupBy: readonly UsageGroup[];
  readonly customer?: string;
}

interface Deps {
  readonly calls: Pick<CallStore, "usage" | "listOpen">;
  readonly ledger: Pick<LedgerStore, "statements">;
  readonly nowMs: number;
}

/** How long after its end a month may still be closed: what was recorded at its end must have reached the database. */
const settlingMs = 3_600_000;

/** The month of a name, `2026-11`. */
export function monthOf(name: string): Month {
  const [year = 0, month = 1] = name.split("-").map(Number);
  return { name, fromMs: Date.UTC(year, month - 1), toMs: Date.UTC(year, month) };
}

/**
 * The invoices of all customers that used anything in a month or whose credits moved in it, by customer. A call belongs to the month
 * in which it was opened; a movement of credits, charges included, to the one in which it was made.
 */
export async function drawInvoices({ calls, ledger, nowMs }: Deps, query: InvoiceQuery): Promise<readonly Invoice[]> {
  const { month, customer } = query;
  const { fromMs, toMs } = month;
  const of = customer === undefined ? {} : { customer };
  const groupBy: readonly UsageGroup[] = ["customer", ...query.groupBy];
  const rows = Map.groupBy(await calls.usage({ groupBy, fromMs, toMs, ...of }), ({ group }) => group.customer ?? "");
  const accounts = new Map((await ledger.statements({ fromMs, toMs, ...of })).map((one) => [one.customer, one]));
  const open = nowMs < toMs + settlingMs ? null : new Set((await calls.listOpen(toMs)).map((call) => call.customer));
  const moved = [...accounts.values()].filter(({ movedNanos }) => Object.keys(movedNanos).length > 0);
  const customers = new Set([...rows.keys(), ...moved.map((account) => account.customer)]);
  return [...customers].sort().map((name) => {
    const lines = rows.get(name) ?? [];
    return {
      customer: name,
      month,
      status: open === null || open.has(name) ? "draft" : "closed",
      lines,
      total: lines.reduce(plus, nothing),
      account: accounts.get(name) ?? null,
    };
  });
}

/** What is charged for each 100 of cost, a decimal of two places; null where nothing has a cost. */
export function percentCharged({
  costNanos,
  chargedNanos,
}: Pick<Charges, "costNanos" | "chargedNanos">): string | null {
  if (costNanos === 0n) return null;
  const hundredths = (chargedNanos * 20_000n + costNanos) / (2n * costNanos);
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")}`.replace(/\.?0+$/, "");
}

/** What the account holds at the end of its time. */
export function closing({ openingNanos, movedNanos }: Statement): bigint {
  return Object.values(movedNanos).reduce((sum, nanos) => sum + nanos, openingNanos);
}

const nothing: Charges = { requests: 0, unpricedRequests: 0, costNanos: 0n, chargedNanos: 0n, prepaidNanos: 0n };

function plus(sum: Charges, line: Charges): Charges {
  return {
    requests: sum.requests + line.requests,
    unpricedRequests: sum.unpricedRequests + line.unpricedRequests,
    costNanos: sum.costNanos + line.costNanos,
    chargedNanos: sum.chargedNanos + line.chargedNanos,
    prepaidNanos: sum.prepaidNanos + line.prepaidNanos,
  };
}
