// The roll-ups in SQL: how hours that an earlier version settled are rolled up, and which calls may go then. Settlements are rolled up
// in the transaction that writes them (sums.ts).
import { and, asc, eq, exists, inArray, isNotNull, lt, type SQL, sql } from "drizzle-orm";
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
const sumsOfCalls = listed([...Object.values(dimensions), ...Object.values(measures).map((each) => `sum(${each})`)]);
const sumsOfHours = listed([...dimensionNames, ...measureNames.map((name) => `sum(${name})`)]);
/** The columns that make a cell, as `group by` counts them: their names could mean those of the calls. */
const cells = listed(["at_ms", ...dimensionNames].map((_, at) => `${at + 1}`));

/** The time from which on roll-ups hold all settled calls, the beginning of an hour. */
export async function rolledFrom(db: Database): Promise<number> {
  const [row] = await db.select({ value: meta.value }).from(meta).where(eq(meta.name, ROLLED_FROM));
  return row === undefined ? 0 : Number(row.value);
}

export function rollupStore({ db, atomic }: Driver): RollupStore {
  return {
    async fill() {
      const fromMs = await rolledFrom(db);
      if (fromMs === 0) return false;
      const stands = and(eq(meta.name, ROLLED_FROM), eq(meta.value, `${fromMs}`));
      const [latest] = await db
        .select({ atMs: sql<number | null>`max(${calls.openedAtMs})` })
        .from(calls)
        .where(lt(calls.openedAtMs, fromMs));
      const atMs = latest?.atMs ?? null;
      if (atMs === null) {
        await atomic([db.delete(meta).where(stands)]);
        return false;
      }
      const toMs = atMs - (atMs % hourMs);
      await atomic([
        ...rollUp(atMs, exists(db.select().from(meta).where(stands))),
        db
          .update(meta)
          .set({ value: `${toMs}` })
          .where(stands),
      ]);
      return true;
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
 * Rolls up the hour of a time from its calls, whatever is there of it, and its day from its hours.
 * @param stands whether nobody has done so since: once all is rolled up, the calls may be gone.
 */
function rollUp(atMs: number, stands: SQL): readonly SQL[] {
  const hour = atMs - (atMs % hourMs);
  const day = sql.raw(`${atMs - (atMs % dayMs)}`);
  return [
    sql`delete from ${usageHourly} where at_ms = ${hour} and ${stands}`,
    sql`insert into ${usageHourly} (${columns}) select ${sql.raw(`${hour}`)}, ${sumsOfCalls} from ${calls}
      where settled_at_ms is not null and opened_at_ms >= ${hour} and opened_at_ms < ${hour + hourMs} and ${stands}
      group by ${cells}`,
    sql`delete from ${usageDaily} where at_ms = ${day} and ${stands}`,
    sql`insert into ${usageDaily} (${columns}) select ${day}, ${sumsOfHours} from ${usageHourly}
      where at_ms >= ${day} and at_ms < ${day} + ${dayMs} and ${stands} group by ${cells}`,
  ];
}
