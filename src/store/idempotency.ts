// Remembered answers in SQL: who may run a POST, and what a repetition is told.
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { IdempotencyStore } from "./port.ts";
import { idempotency } from "./schema.sqlite.ts";

/** How long an answer is remembered. */
export const retentionMs = 24 * 60 * 60 * 1000;

/** After this a first try that never ended (its process died) no longer blocks a repetition. */
export const abandonedAfterMs = 60_000;

/** The repository of remembered answers over one database. */
export function idempotencyStore({ db, atomic }: Driver): IdempotencyStore {
  const at = (scope: string, key: string) => and(eq(idempotency.scope, scope), eq(idempotency.key, key));
  return {
    async claim(scope, key, requestHash, nowMs) {
      await atomic([db.delete(idempotency).where(lt(idempotency.createdAtMs, nowMs - retentionMs))]);
      // One statement decides between racers: the row comes back only to the one that made it or took it over.
      const claimed = await db.all(sql`insert into ${idempotency} (scope, key, request_hash, created_at_ms)
        values (${scope}, ${key}, ${requestHash}, ${nowMs})
        on conflict (scope, key) do update set created_at_ms = excluded.created_at_ms
        where idempotency.status is null and idempotency.request_hash = excluded.request_hash
          and idempotency.created_at_ms < ${nowMs - abandonedAfterMs}
        returning key`);
      if (claimed.length === 1) return { kind: "new" };
      const standing = (await db.select().from(idempotency).where(at(scope, key)))[0];
      // Gone between the two statements: the first try failed just now, and the caller should come again.
      if (standing === undefined) return { kind: "pending" };
      if (standing.requestHash !== requestHash) return { kind: "mismatch" };
      if (standing.status === null || standing.body === null) return { kind: "pending" };
      return { kind: "done", status: standing.status, body: standing.body };
    },
    complete: (scope, key, status, body) =>
      atomic([db.update(idempotency).set({ status, body }).where(at(scope, key))]),
    release: (scope, key) => atomic([db.delete(idempotency).where(and(at(scope, key), isNull(idempotency.status)))]),
  };
}
