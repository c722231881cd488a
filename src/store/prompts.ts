// Logged prompts and answers in SQL.
import { and, desc, eq, getTableColumns, gt, gte, lt, or, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { PromptLogQuery, PromptLogStore } from "./port-prompts.ts";
import { promptLogs } from "./schema-prompts.sqlite.ts";
import { within } from "./within.ts";

const { sealed: _, ...record } = getTableColumns(promptLogs);

/** The repository of logged prompts over one database. */
export function promptLogStore({ db }: Driver): PromptLogStore {
  return {
    async put(one, sealed) {
      await db
        .insert(promptLogs)
        .values({ ...one, sealed: Buffer.from(sealed) })
        .onConflictDoNothing();
    },
    async list(query, nowMs) {
      const rows = await db
        .select(record)
        .from(promptLogs)
        .where(and(gt(promptLogs.expiresAtMs, nowMs), ...conditions(query)))
        .orderBy(desc(promptLogs.createdAtMs), desc(promptLogs.id))
        .limit(query.limit + 1);
      const data = rows.slice(0, query.limit);
      const last = data.at(-1);
      return { data, nextCursor: rows.length > query.limit && last ? `${last.createdAtMs}.${last.id}` : null };
    },
    async get(id, nowMs) {
      const living = and(eq(promptLogs.id, id), gt(promptLogs.expiresAtMs, nowMs));
      const [row] = await db.select().from(promptLogs).where(living);
      if (row === undefined) return null;
      const { sealed, ...rest } = row;
      return { record: rest, sealed };
    },
    remove: async (id) =>
      (await db.delete(promptLogs).where(eq(promptLogs.id, id)).returning({ id: promptLogs.id })).length > 0,
    async sweep(nowMs, most) {
      const expired = sql`(select id from ${promptLogs} where expires_at_ms <= ${nowMs} limit ${most})`;
      const swept = await db.delete(promptLogs).where(sql`id in ${expired}`).returning({ id: promptLogs.id });
      return swept.length;
    },
  };
}

function conditions({ customer, project, keyId, fromMs, toMs, cursor, ...query }: PromptLogQuery): SQL[] {
  const wanted: (SQL | undefined)[] = [];
  if (query.within !== undefined) wanted.push(within(query.within, promptLogs));
  if (customer !== undefined) wanted.push(eq(promptLogs.customer, customer));
  if (project !== undefined) wanted.push(eq(promptLogs.project, project));
  if (keyId !== undefined) wanted.push(eq(promptLogs.keyId, keyId));
  if (fromMs !== undefined) wanted.push(gte(promptLogs.createdAtMs, fromMs));
  if (toMs !== undefined) wanted.push(lt(promptLogs.createdAtMs, toMs));
  const [, atMs, id] = /^(\d{1,15})\.(.{1,100})$/.exec(cursor ?? "") ?? [];
  if (id !== undefined) {
    const at = Number(atMs);
    wanted.push(or(lt(promptLogs.createdAtMs, at), and(eq(promptLogs.createdAtMs, at), lt(promptLogs.id, id))));
  }
  return wanted.filter((one): one is SQL => one !== undefined);
}
