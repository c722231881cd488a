// The trail in SQL. Who appends says after which entry: of two that say the same, the second one's transaction fails as a whole.
import { and, asc, desc, eq, gt, gte, lt, lte, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Driver } from "./driver.ts";
import type { AuditQuery, AuditRow, AuditStore } from "./port-audit.ts";
import {
  auditDeadLetters as dead,
  auditEntries as entries,
  auditExporters as exporters,
  auditHead as heads,
  auditIntents as intents,
  auditKeys as keys,
} from "./schema-audit.sqlite.ts";

/** The columns that read nothing off the body, which may be no JSON any more. */
const row = { seq: entries.seq, body: entries.body, hash: entries.hash, mac: entries.mac };
const insertRow = ["seq", "body", "hash", "mac"] as const;

export function auditStore({ db, atomic }: Driver): AuditStore {
  const insert = db
    .insert(entries)
    .values(Object.fromEntries(insertRow.map((name) => [name, sql.placeholder(name)])) as never);
  const last = async () => (await db.select(row).from(entries).orderBy(desc(entries.seq)).limit(1))[0] ?? null;
  const key = async () => (await db.select().from(keys).where(eq(keys.id, 1)))[0] ?? null;
  return {
    async end() {
      // One statement, so that both are of one moment.
      const [found] = await db.all<EndRow>(endQuery);
      if (found === undefined) return { head: null, last: null };
      const { headSeq, headHash, headMac, seq, body, hash, mac } = found;
      return {
        head: headSeq === null ? null : { seq: headSeq, hash: headHash, mac: headMac },
        last: seq === null ? null : { seq, body, hash, mac },
      };
    },
    async append({ after, rows, head, settled = [], cutThrough }) {
      try {
        await atomic([
          { statement: insert, rows: rows.map((one) => ({ ...one })) },
          db
            .insert(heads)
            .values({ id: 1, ...head })
            .onConflictDoUpdate({ target: heads.id, set: head }),
          ...settled.map((id) => db.delete(intents).where(eq(intents.id, id))),
          ...(cutThrough === undefined ? [] : [db.delete(entries).where(lte(entries.seq, cutThrough))]),
        ]);
        return true;
      } catch (error) {
        if (((await last())?.seq ?? 0) !== after) return false;
        throw error;
      }
    },
    scan: (afterSeq, limit) =>
      db.select(row).from(entries).where(gt(entries.seq, afterSeq)).orderBy(asc(entries.seq)).limit(limit).execute(),
    get: async (seq) => (await db.select(row).from(entries).where(eq(entries.seq, seq)))[0] ?? null,
    latest: async (action) =>
      (await db.select(row).from(entries).where(eq(entries.action, action)).orderBy(desc(entries.seq)).limit(1))[0] ??
      null,
    list: (query) =>
      db
        .select(row)
        .from(entries)
        .where(and(...conditions(query)))
        .orderBy(query.after === undefined ? desc(entries.seq) : asc(entries.seq))
        .limit(query.limit)
        .execute(),
    async actionsOf(actor, fromMs) {
      const rows = await db
        .selectDistinct({ action: entries.action })
        .from(entries)
        .where(and(...conditions({ actor, fromMs, outcome: "success", limit: 1 })));
      return rows.flatMap(({ action }) => action ?? []);
    },
    intend: (intent) => atomic([db.insert(intents).values(intent)]),
    forget: (id) => atomic([db.delete(intents).where(eq(intents.id, id))]),
    intents: (beforeMs, limit) =>
      db.select().from(intents).where(lt(intents.atMs, beforeMs)).orderBy(asc(intents.atMs)).limit(limit).execute(),
    key,
    async claimKey({ sealed, publicKey }, { seq, hash, mac }) {
      const made = { id: 1, sealed: Buffer.from(sealed), publicKey };
      const isKept = sql`exists (select 1 from ${keys} where ${keys.publicKey} = ${publicKey})`;
      await atomic([
        db.insert(keys).values(made).onConflictDoNothing(),
        db.insert(heads).select(sql`select 1, ${seq}, ${hash}, ${mac} where ${isKept}`).onConflictDoNothing(),
      ]);
      return (await key()) ?? made;
    },
    cursors: () => db.select().from(exporters).orderBy(asc(exporters.name)).execute(),
    delivered: (cursor, letters) =>
      atomic([
        ...letters.map((letter) => db.insert(dead).values(letter).onConflictDoNothing()),
        db.insert(exporters).values(cursor).onConflictDoUpdate({ target: exporters.name, set: cursor }),
      ]),
    deadLetters: (exporter, limit) =>
      db.select().from(dead).where(eq(dead.exporter, exporter)).orderBy(desc(dead.seq)).limit(limit).execute(),
  };
}

interface EndRow extends Omit<AuditRow, "seq"> {
  readonly seq: number | null;
  readonly headSeq: number | null;
  readonly headHash: string;
  readonly headMac: string;
}

const endQuery = sql`select h.seq as headSeq, h.hash as headHash, h.mac as headMac, e.seq, e.body, e.hash, e.mac
  from (select 1) left join ${heads} h on h.id = 1
  left join (select seq, body, hash, mac from ${entries} order by seq desc limit 1) e on true`;

function conditions({ action, actor, target, outcome, fromMs, toMs, search, before, after }: AuditQuery): SQL[] {
  const wanted: SQL[] = [];
  if (action !== undefined) wanted.push(named(entries.action, action));
  if (actor !== undefined) wanted.push(named(entries.actorId, actor));
  if (target !== undefined) wanted.push(named(entries.targetId, target));
  if (outcome !== undefined) wanted.push(eq(entries.outcome, outcome));
  // Times are written in one form (ISO 8601, UTC, milliseconds), which sorts as they do.
  if (fromMs !== undefined) wanted.push(gte(entries.at, new Date(fromMs).toISOString()));
  if (toMs !== undefined) wanted.push(lt(entries.at, new Date(toMs).toISOString()));
  if (search !== undefined) wanted.push(sql`instr(lower(${entries.body}), lower(${search})) > 0`);
  if (before !== undefined) wanted.push(lt(entries.seq, before));
  if (after !== undefined) wanted.push(gt(entries.seq, after));
  return wanted;
}

/** A name, or a pattern of `*`s. */
function named(column: SQLiteColumn, pattern: string): SQL {
  if (!pattern.includes("*")) return eq(column, pattern);
  return sql`${column} like ${escaped(pattern).replaceAll("*", "%")} escape '\\'`;
}

function escaped(text: string): string {
  return text.replace(/[%_\\]/g, "\\$&");
}
