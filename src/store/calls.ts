// The ledger of calls in SQL: admissions and settlements, written in groups, each call settled at most once.
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import {
  type CallRow,
  callColumns,
  type EndedCall,
  hasRare,
  insertEnded,
  insertEndedRare,
  insertOpened,
  settle,
  settleRare,
  toOpenCall,
  toRecord,
} from "./call-rows.ts";
import type { Driver } from "./driver.ts";
import { chargeCall } from "./ledger.ts";
import type { CallStore, OpenCall } from "./port.ts";
import { calls } from "./schema.sqlite.ts";
import { addToDay, addToHour, type Counted, rowsOf } from "./sums.ts";
import { readUsage } from "./usage.ts";

type Batch = Parameters<CallStore["append"]>[0];

/** A call that the database has. */
interface Known extends Readonly<Counted["call"]> {
  readonly id: string;
  readonly settledAtMs: number | null;
}

/** Those of a list of ids in JSON. */
const knownOf = sql`select id, key_id as "keyId", customer, project, operation, opened_at_ms as "openedAtMs",
  settled_at_ms as "settledAtMs" from ${calls} where id in (select value from json_each(${sql.placeholder("ids")}))`;

/** What of a batch the database does not have. */
interface News {
  readonly opened: readonly OpenCall[];
  /** Opened and settled by this batch. */
  readonly ended: readonly EndedCall[];
  /** Settled by this batch, opened by an earlier one. */
  readonly settled: readonly Counted[];
}

/** The call repository over one database. */
export function callStore({ db, atomic, read }: Driver): CallStore {
  /** Fails, and nothing is written, where the database has come to have any of it, or had it: it was not looked for among `ids`. */
  const write = async (batch: Batch, ids: readonly string[]): Promise<void> => {
    const known: readonly Known[] = ids.length === 0 ? [] : await read(knownOf, [JSON.stringify(ids)]);
    const { opened, ended, settled } = newsOf(batch, known);
    if (opened.length + ended.length + settled.length === 0) return;
    const [rarely, usually] = parted(ended, ({ settlement }) => hasRare(settlement));
    const endings = settled.map(({ settlement }) => settlement);
    const [endingRarely, endingUsually] = parted(endings, hasRare);
    const all = [...ended, ...settled];
    const { hours, days } = rowsOf(all);
    const prepaid = all.filter(({ settlement }) => settlement.prepaid === true);
    await atomic([
      { statement: insertOpened.statement, rows: opened.map(insertOpened.row) },
      { statement: insertEnded.statement, rows: usually.map(insertEnded.row) },
      { statement: insertEndedRare.statement, rows: rarely.map(insertEndedRare.row) },
      { statement: settle.statement, rows: endingUsually.map(settle.row) },
      { statement: settleRare.statement, rows: endingRarely.map(settleRare.row) },
      { statement: addToHour, rows: hours },
      { statement: addToDay, rows: days },
      { statement: chargeCall, rows: prepaid.map(({ settlement }) => [settlement.id]) },
    ]);
  };

  return {
    async append(batch) {
      const { opened, settled } = batch;
      const ids = new Set(opened.map(({ id }) => id));
      const before = settled.flatMap(({ id }) => (ids.has(id) ? [] : [id]));
      try {
        // Nearly always, what a batch opens is new: it need not be looked for.
        await write(batch, before);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await write(batch, [...ids, ...before]);
      }
    },
    async listOpen(beforeMs) {
      const open = and(isNull(calls.settledAtMs), lt(calls.openedAtMs, beforeMs));
      const rows: CallRow[] = await db.select(callColumns).from(calls).where(open).orderBy(calls.openedAtMs);
      return rows.map(toOpenCall);
    },
    async get(id) {
      const rows: CallRow[] = await db.select(callColumns).from(calls).where(eq(calls.id, id));
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
    usage: (query) => readUsage(db, query),
  };
}

/** The first settlement wins: a call that is settled already keeps what it has. One of a call that nobody has opened is nothing. */
function newsOf({ opened, settled }: Batch, known: readonly Known[]): News {
  const there = new Map(known.map((call) => [call.id, call]));
  const fresh = new Map<string, OpenCall>();
  for (const call of opened) if (!there.has(call.id) && !fresh.has(call.id)) fresh.set(call.id, call);
  const news = { ended: [] as EndedCall[], settled: [] as Counted[] };
  const done = new Set<string>();
  for (const settlement of settled) {
    const { id } = settlement;
    if (done.has(id)) continue;
    done.add(id);
    const call = fresh.get(id);
    const row = there.get(id);
    if (call !== undefined) {
      news.ended.push({ call, settlement });
      fresh.delete(id);
    } else if (row?.settledAtMs === null) news.settled.push({ call: row, settlement });
  }
  return { opened: [...fresh.values()], ...news };
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): readonly [those: readonly T[], others: readonly T[]] {
  const those = all.filter(is);
  return [those, those.length === 0 ? all : all.filter((one) => !is(one))];
}

/** Whether a statement failed because of what the database has: both drivers say so in SQLite's own words. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && error.message.includes("constraint failed");
}
