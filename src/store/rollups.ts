// The roll-ups in SQL: what a settlement adds to its hour and its day, how hours of earlier versions are rolled up, and what may go then.
import { and, asc, eq, inArray, isNotNull, lt, type SQL, sql } from "drizzle-orm";
import type { Database, Driver } from "./driver.ts";
import { dimensionNames, dimensions, listed, measureNames, measures } from "./measures.ts";
import type { RollupStore } from "./port-rollups.ts";
import { calls, meta } from "./schema.sqlite.ts";
import { usageDaily, usageHourly } from "./schema-rollups.sqlite.ts";

export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** Among the facts of the installation: the hour from which on all calls are rolled up; absent where all are. */
const ROLLED_FROM = "usage_rolled_from";

const columns = listed(["at_ms", ...dimensionNames, ...measureNames]);
const key = listed(["at_ms", ...dimensionNames]);
const added = listed(measureNames.map((name) => `${name} = ${name} + excluded.${name}`));
const ofCall = listed([...Object.values(dimensions), ...Object.values(measures)]);
const sumsOfCalls = listed([...Object.values(dimensions), ...Object.values(measures).map((each) => `sum(${each})`)]);
const sumsOfHours = listed([...dimensionNames, ...measureNames.map((name) => `sum(${name})`)]);
/** The columns that make a cell, as `group by` counts them: names could mean those of the calls. */
const cells = listed(["at_ms", ...dimensionNames].map((_, at) => `${at + 1}`));

/**
 * The statements by which a call that is still open is added to its hour and its day; they stand before the one that settles it.
 * @param settled the columns of the call that its settlement fills, each with its value.
 */
export function rollUp(settled: Readonly<Record<string, SQL>>, id: SQL): readonly SQL[] {
  const values = Object.entries(settled).map(([name, value]) => sql`${value} as ${sql.raw(name)}`);
  const call = sql`select opened_at_ms, customer, project, key_id, operation, ${sql.join(values, sql`, `)}
    from ${calls} where id = ${id} and settled_at_ms is null`;
  return [add(call, usageHourly, hourMs), add(call, usageDaily, dayMs)];
}

function add(call: SQL, table: typeof usageHourly | typeof usageDaily, spanMs: number): SQL {
  return sql`insert into ${table} (${columns})
    select ${startOf(spanMs)}, ${ofCall} from (${call}) where true
    on conflict (${key}) do update set ${added}`;
}

function startOf(spanMs: number): SQL {
  return sql.raw(`opened_at_ms - opened_at_ms % ${spanMs}`);
}

/** The time from which on roll-ups hold all settled calls, the beginning of an hour. */
export async function rolledFrom(db: Database): Promise<number> {
  const [row] = await db.select({ value: meta.value }).from(meta).where(eq(meta.name, ROLLED_FROM));
  return row === undefined ? 0 : Number(row.value);
}

export function rollupStore({ db, atomic }: Driver): RollupStore {
  /** The time is written only if it is still what was read: of two processes that fill, one is ahead. */
  const move = (fromMs: number, toMs: number) =>
    db
      .update(meta)
      .set({ value: `${toMs}` })
      .where(and(eq(meta.name, ROLLED_FROM), eq(meta.value, `${fromMs}`)));
  return {
    async fill(nowMs) {
      const fromMs = await rolledFrom(db);
      if (fromMs === 0) return "complete";
      const nextHourMs = nowMs - (nowMs % hourMs) + hourMs;
      if (fromMs > nextHourMs) await atomic([move(fromMs, nextHourMs)]);
      if (nowMs < fromMs + hourMs) return "waiting";
      const [latest] = await db
        .select({ atMs: sql<number | null>`max(${calls.openedAtMs})` })
        .from(calls)
        .where(lt(calls.openedAtMs, fromMs));
      const atMs = latest?.atMs ?? null;
      if (atMs === null) {
        await atomic([db.delete(meta).where(and(eq(meta.name, ROLLED_FROM), eq(meta.value, `${fromMs}`)))]);
        return "complete";
      }
      const hour = atMs - (atMs % hourMs);
      const day = atMs - (atMs % dayMs);
      await atomic([...again({ hour, day, fromMs }), move(fromMs, hour)]);
      return "filled";
    },
    async removeCalls(beforeMs, limit) {
      if ((await rolledFrom(db)) !== 0) return 0;
      const old = db
        .select({ id: calls.id })
        .from(calls)
        .where(and(lt(calls.openedAtMs, beforeMs), isNotNull(calls.settledAtMs)))
        .orderBy(asc(calls.openedAtMs))
        .limit(limit);
      const found = await old;
      if (found.length > 0) await atomic([db.delete(calls).where(inArray(calls.id, old))]);
      return found.length;
    },
  };
}

/**
 * Rolls up an hour from its calls, whatever is there of it, and its day from its hours: while `fromMs` stands, for later the calls
 * may be gone.
 */
function again({ hour, day, fromMs }: { hour: number; day: number; fromMs: number }): readonly SQL[] {
  const stands = sql`(select value from ${meta} where name = ${ROLLED_FROM}) = ${`${fromMs}`}`;
  return [
    sql`delete from ${usageHourly} where at_ms = ${hour} and ${stands}`,
    sql`insert into ${usageHourly} (${columns}) select ${startOf(hourMs)}, ${sumsOfCalls} from ${calls}
      where settled_at_ms is not null and opened_at_ms >= ${hour} and opened_at_ms < ${hour + hourMs} and ${stands}
      group by ${cells}`,
    sql`delete from ${usageDaily} where at_ms = ${day} and ${stands}`,
    sql`insert into ${usageDaily} (${columns}) select ${sql.raw(`${day}`)}, ${sumsOfHours} from ${usageHourly}
      where at_ms >= ${day} and at_ms < ${day + dayMs} and ${stands} group by ${cells}`,
  ];
}
