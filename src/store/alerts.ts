// Alerts in SQL. An index keeps two of one kind and subject from being open together, whichever processes raise them.
import { and, desc, eq, isNotNull, isNull, lt, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { AlertQuery, AlertRecord, AlertStore } from "./port-operations.ts";
import { alerts } from "./schema.sqlite.ts";

/** How long one that is over is kept. */
export const keptMs = 90 * 24 * 60 * 60 * 1000;

/** The repository of alerts over one database. */
export function alertStore({ db, atomic }: Driver): AlertStore {
  return {
    async raise(alert) {
      await atomic([db.delete(alerts).where(lt(alerts.resolvedAtMs, alert.lastAtMs - keptMs))]);
      const [standing] = await db
        .insert(alerts)
        .values(alert)
        .onConflictDoUpdate({
          target: [alerts.kind, alerts.subject],
          targetWhere: sql`resolved_at_ms is null`,
          set: {
            message: alert.message,
            count: sql`${alerts.count} + ${alert.count}`,
            lastAtMs: sql`max(${alerts.lastAtMs}, ${alert.lastAtMs})`,
          },
        })
        .returning({ id: alerts.id });
      return standing?.id === alert.id;
    },
    async resolve(kind, subject, resolvedAtMs) {
      const open = and(eq(alerts.kind, kind), eq(alerts.subject, subject), isNull(alerts.resolvedAtMs));
      return (await db.update(alerts).set({ resolvedAtMs }).where(open).returning())[0] ?? null;
    },
    async acknowledge(id, by, atMs) {
      const unseen = and(eq(alerts.id, id), isNull(alerts.acknowledgedAtMs));
      await atomic([db.update(alerts).set({ acknowledgedAtMs: atMs, acknowledgedBy: by }).where(unseen)]);
      return (await db.select().from(alerts).where(eq(alerts.id, id)))[0] ?? null;
    },
    async list(query) {
      const rows: readonly AlertRecord[] = await db
        .select()
        .from(alerts)
        .where(and(...conditions(query)))
        .orderBy(desc(alerts.id))
        .limit(query.limit + 1);
      const data = rows.slice(0, query.limit);
      return { data, nextCursor: rows.length > query.limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}

function conditions({ open, kind, cursor }: AlertQuery): SQL[] {
  const wanted: SQL[] = [];
  if (open !== undefined) wanted.push(open ? isNull(alerts.resolvedAtMs) : isNotNull(alerts.resolvedAtMs));
  if (kind !== undefined) wanted.push(eq(alerts.kind, kind));
  // Ids begin with their time of creation.
  if (cursor !== undefined) wanted.push(lt(alerts.id, cursor));
  return wanted;
}
