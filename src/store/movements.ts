// The ledger read forwards: entries are only ever added, so a reader that knows its place reads each of them once.
import { and, eq, gt, lte, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { MovementStore } from "./port-movements.ts";
import { ledgerEntries as entries } from "./schema.sqlite.ts";

/** Some tens of milliseconds' worth. */
const rowsAtATime = 50_000;

const row = sql<number>`${entries}.rowid`;
const nanos = sql<string>`cast(${entries.amountNanos} as text)`;

export function movementStore({ db }: Driver): MovementStore {
  return {
    async since(from) {
      const [last] = await db.select({ row: sql<number | null>`max(${row})` }).from(entries);
      const end = last?.row ?? 0;
      const to = Math.min(end, from + rowsAtATime);
      const within = and(gt(row, from), lte(row, to));
      const moved = await db
        .select({ customer: entries.customer, nanos: sql<string>`cast(sum(${entries.amountNanos}) as text)` })
        .from(entries)
        .where(within)
        .groupBy(entries.customer);
      const topUps = await db
        .select({ customer: entries.customer, nanos })
        .from(entries)
        .where(and(within, eq(entries.kind, "top_up")))
        .orderBy(row);
      return { row: Math.max(from, to), more: to < end, moved: moved.map(inNanos), topUps: topUps.map(inNanos) };
    },
  };
}

function inNanos({ customer, nanos }: { readonly customer: string; readonly nanos: string }) {
  return { customer, nanos: BigInt(nanos) };
}
