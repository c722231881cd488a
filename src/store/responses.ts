// Stored responses in SQL. A content is cut into pieces, because D1 takes no value above 2 MB.
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { ResponseRecord, ResponseStore } from "./port-responses.ts";
import { responsePieces, responses } from "./schema.sqlite.ts";

const pieceBytes = 1024 * 1024;
/** D1 binds at most 100 values to a statement. */
const mostIds = 90;

/** The repository of stored responses over one database. */
export function responseStore({ db, atomic }: Driver): ResponseStore {
  const prolong = ({ customer, expiresAtMs }: ResponseRecord, id: string) =>
    db
      .update(responses)
      .set({ expiresAtMs: sql`max(expires_at_ms, ${expiresAtMs})` })
      .where(sql`id in ${chainIds(customer, id, -1)}`);
  return {
    async put(record, sealed) {
      const known = await db.select({ id: responses.id }).from(responses).where(eq(responses.id, record.id));
      if (known.length > 0) return false;
      await atomic([
        db.insert(responses).values(record),
        ...piecesOf(record.id, sealed).map((piece) => db.insert(responsePieces).values(piece)),
        ...(record.previousId === null ? [] : [prolong(record, record.previousId)]),
      ]);
      return true;
    },
    async find(customer, ids) {
      const found: ResponseRecord[] = [];
      for (const some of groups(ids)) {
        const theirs = and(eq(responses.customer, customer), inArray(responses.id, some));
        found.push(...(await db.select().from(responses).where(theirs)));
      }
      return found;
    },
    async chain(customer, id, most) {
      const rows = await db
        .select()
        .from(responses)
        .where(sql`id in ${chainIds(customer, id, most)}`);
      return linked(rows, id);
    },
    async contents(ids) {
      const pieces = new Map<string, Uint8Array[]>();
      for (const some of groups(ids)) {
        const rows = await db
          .select()
          .from(responsePieces)
          .where(inArray(responsePieces.responseId, some))
          .orderBy(responsePieces.responseId, responsePieces.nth);
        for (const { responseId, sealed } of rows) {
          const before = pieces.get(responseId);
          if (before === undefined) pieces.set(responseId, [sealed]);
          else before.push(sealed);
        }
      }
      return new Map([...pieces].map(([id, parts]) => [id, Buffer.concat(parts)]));
    },
    async remove(customer, id) {
      const theirs = and(eq(responses.customer, customer), eq(responses.id, id));
      return (await db.delete(responses).where(theirs).returning({ id: responses.id })).length > 0;
    },
    async sweep(nowMs, most) {
      const expired = sql`(select id from responses where expires_at_ms <= ${nowMs} limit ${most})`;
      const swept = await db.delete(responses).where(sql`id in ${expired}`).returning({ id: responses.id });
      return swept.length;
    },
  };
}

/** The ids of a response and of those before it, the latest first; a negative limit is none. */
function chainIds(customer: string, id: string, most: number): SQL {
  return sql`(with recursive chain (id, previous_id) as (
    select id, previous_id from responses where id = ${id} and customer = ${customer}
    union select earlier.id, earlier.previous_id from responses earlier join chain on earlier.id = chain.previous_id
      where earlier.customer = ${customer}
  ) select id from chain limit ${most})`;
}

function linked(rows: readonly ResponseRecord[], latest: string): readonly ResponseRecord[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const chain: ResponseRecord[] = [];
  for (let row = byId.get(latest); row !== undefined; row = byId.get(row.previousId ?? "")) chain.push(row);
  return chain;
}

function piecesOf(responseId: string, sealed: Uint8Array | null): (typeof responsePieces.$inferInsert)[] {
  const pieces: (typeof responsePieces.$inferInsert)[] = [];
  for (let at = 0; at < (sealed?.length ?? 0); at += pieceBytes) {
    pieces.push({ responseId, nth: pieces.length, sealed: Buffer.from(sealed?.subarray(at, at + pieceBytes) ?? []) });
  }
  return pieces;
}

function* groups(ids: readonly string[]): Generator<string[]> {
  for (let at = 0; at < ids.length; at += mostIds) yield ids.slice(at, at + mostIds);
}
