// Prepaid credits in SQL: entries that are only ever added, and their sums. Money is text on its way: a double can't hold it.
import {
  and,
  desc,
  eq,
  getTableColumns,
  gte,
  isNotNull,
  lt,
  lte,
  ne,
  notExists,
  notInArray,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Driver } from "./driver.ts";
import { nextEpoch } from "./epoch.ts";
import type { LedgerEntry, LedgerQuery, LedgerStore } from "./port-ledger.ts";
import { customers, ledgerEntries, meta } from "./schema.sqlite.ts";
import { within } from "./within.ts";

const EPOCH = "keys_epoch";
const thisEpoch = sql<number>`(select cast(value as integer) from ${meta} where name = ${EPOCH})`;
const entries = ledgerEntries;

const columns = { ...getTableColumns(entries), amountNanos: sql<string>`cast(${entries.amountNanos} as text)` };

/** What a customer was granted, as text; for queries of `customers`. */
export const grantedToCustomer = sql<string>`(select cast(coalesce(sum(${entries.amountNanos}), 0) as text)
  from ${entries} where ${entries.customer} = ${customers.id} and ${entries.kind} <> 'charge')`;

/** The statement that charges a settled call, from its own row: once, whatever is written again. */
export const chargeCall = sql`insert into ${entries} (id, at_ms, customer, kind, amount_nanos, counter_account)
  select id, settled_at_ms, customer, 'charge', -charged_nanos, 'revenue' from calls
  where id = ${sql.placeholder("id")} and charged_nanos > 0
  on conflict (id) do nothing`;

export function ledgerStore({ db, atomic }: Driver): LedgerStore {
  const total = (condition: SQL) =>
    sql<string>`cast(coalesce(sum(case when ${condition} then amount_nanos end), 0) as text)`;
  const get = async (id: string) => (await db.select(columns).from(entries).where(eq(entries.id, id)))[0];
  return {
    async add(entry) {
      if ((await get(entry.id)) !== undefined) return false;
      const { customer: id, atMs } = entry;
      const said = { id, name: id, status: "active", policy: {}, metadata: {}, createdAtMs: atMs } as const;
      // What expires by itself does not decide how the customer pays.
      const prepaid = {
        ...(entry.kind !== "expiry" && { prepaid: true }),
        updatedAtMs: atMs,
        changedInEpoch: thisEpoch,
      };
      await atomic([
        nextEpoch(EPOCH),
        db
          .insert(customers)
          .values({ ...said, ...prepaid })
          .onConflictDoUpdate({ target: customers.id, set: prepaid }),
        db
          .insert(entries)
          .values({ ...entry, amountNanos: sql`cast(${entry.amountNanos.toString()} as integer)` })
          .onConflictDoNothing(),
      ]);
      return true;
    },
    async list(query) {
      const rows = await db
        .select(columns)
        .from(entries)
        .where(and(...conditions(query)))
        .orderBy(desc(entries.atMs), desc(entries.id))
        .limit(query.limit + 1);
      const data = rows.slice(0, query.limit).map(toEntry);
      const last = data.at(-1);
      return { data, nextCursor: rows.length > query.limit && last !== undefined ? `${last.atMs}:${last.id}` : null };
    },
    async statements({ fromMs, ...query }) {
      const rows = await db
        .select({
          customer: entries.customer,
          kind: entries.kind,
          before: total(sql`${entries.atMs} < ${fromMs}`),
          moved: total(sql`${entries.atMs} >= ${fromMs}`),
          isMoved: sql<number>`max(${entries.atMs}) >= ${fromMs}`,
        })
        .from(entries)
        .where(and(...conditions({ ...query, limit: 0 })))
        .groupBy(entries.customer, entries.kind);
      return [...Map.groupBy(rows, ({ customer }) => customer)].map(([customer, sums]) => ({
        customer,
        openingNanos: sums.reduce((sum, { before }) => sum + BigInt(before), 0n),
        movedNanos: Object.fromEntries(
          sums.filter(({ isMoved }) => isMoved === 1).map(({ kind, moved }) => [kind, BigInt(moved)]),
        ),
      }));
    },
    async balance(customer) {
      const [row] = await db
        .select({ granted: total(sql`kind <> 'charge'`), charged: total(sql`kind = 'charge'`) })
        .from(entries)
        .where(eq(entries.customer, customer));
      return { customer, grantedNanos: BigInt(row?.granted ?? 0), chargedNanos: -BigInt(row?.charged ?? 0) };
    },
    async expired(nowMs) {
      const expiry = alias(entries, "expiry");
      const rows = await db
        .select(columns)
        .from(entries)
        .where(
          and(
            isNotNull(entries.expiresAtMs),
            lte(entries.expiresAtMs, nowMs),
            notExists(
              db
                .select()
                .from(expiry)
                .where(eq(expiry.id, sql`${expiryPrefix} || ${entries.id}`)),
            ),
          ),
        )
        .orderBy(entries.expiresAtMs);
      return rows.map(toEntry);
    },
    async grantedBeside({ id, customer }, nowMs) {
      const holds = and(
        eq(entries.customer, customer),
        ne(entries.id, id),
        notInArray(entries.kind, ["charge", "fee", "expiry"]),
        sql`(${entries.expiresAtMs} is null or ${entries.expiresAtMs} > ${nowMs})`,
      );
      const [row] = await db
        .select({ granted: total(sql`true`) })
        .from(entries)
        .where(holds);
      return BigInt(row?.granted ?? 0);
    },
  };
}

const expiryPrefix = "expiry:";

/** The id of the entry by which what was left of a top-up expires: at most one can be. */
export function expiryId(topUp: string): string {
  return expiryPrefix + topUp;
}

function conditions({ within: scope, customer, kind, fromMs, toMs, cursor }: LedgerQuery): SQL[] {
  const wanted: SQL[] = [];
  if (scope !== undefined) wanted.push(within(scope, { customer: entries.customer }));
  if (customer !== undefined) wanted.push(eq(entries.customer, customer));
  if (kind !== undefined) wanted.push(eq(entries.kind, kind));
  if (fromMs !== undefined) wanted.push(gte(entries.atMs, fromMs));
  if (toMs !== undefined) wanted.push(lt(entries.atMs, toMs));
  if (cursor !== undefined) {
    const atMs = Number.parseInt(cursor, 10);
    const id = cursor.slice(cursor.indexOf(":") + 1);
    const after = or(lt(entries.atMs, atMs), and(eq(entries.atMs, atMs), lt(entries.id, id)));
    if (after !== undefined) wanted.push(after);
  }
  return wanted;
}

function toEntry({
  amountNanos,
  ...row
}: { readonly amountNanos: string } & Omit<LedgerEntry, "amountNanos">): LedgerEntry {
  return { ...row, amountNanos: BigInt(amountNanos) };
}
