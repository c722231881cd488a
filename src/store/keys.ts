// Customer keys in SQL. Every change of a key moves the epoch in the same transaction, so that other processes see it.
import { and, desc, eq, getTableColumns, gt, lt, ne, or, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch, readEpoch } from "./epoch.ts";
import type { KeyQuery, KeyRecord, KeyStore, Page } from "./port.ts";
import { customers, keySecrets, keys, meta, projects } from "./schema.sqlite.ts";

const EPOCH = "keys_epoch";

/** What a KeyRecord is made of. */
const { changedInEpoch: _, ...record } = getTableColumns(keys);

/** The key repository over one database. */
export function keyStore({ db, atomic }: Driver): KeyStore {
  const byDigest = db
    .select({
      key: record,
      secret: keySecrets,
      customer: { status: customers.status, policy: customers.policy },
      project: { status: projects.status, policy: projects.policy },
    })
    .from(keySecrets)
    .innerJoin(keys, eq(keys.id, keySecrets.keyId))
    .leftJoin(customers, eq(customers.id, keys.customer))
    .leftJoin(projects, and(eq(projects.customer, keys.customer), eq(projects.id, keys.project)))
    .where(eq(keySecrets.digest, sql.placeholder("digest")))
    .prepare();

  const change = (...statements: readonly SQLWrapper[]) => atomic([nextEpoch(EPOCH), ...statements]);
  const get = async (id: string): Promise<KeyRecord | null> =>
    (await db.select(record).from(keys).where(eq(keys.id, id)))[0] ?? null;

  return {
    get,
    create: ({ key, secret }) =>
      change(db.insert(keys).values({ ...key, changedInEpoch: thisEpoch }), db.insert(keySecrets).values(secret)),
    findByDigest: async (digest) => (await byDigest.all({ digest }))[0] ?? null,
    async list(query) {
      const rows = await db
        .select(record)
        .from(keys)
        .where(and(...conditions(query)))
        .orderBy(desc(keys.id))
        .limit(query.limit + 1);
      return page(rows, query.limit);
    },
    async revoke(id, atMs) {
      if ((await get(id)) === null) return false;
      const standing = and(eq(keys.id, id), ne(keys.status, "revoked"));
      const revoked = { status: "revoked", revokedAtMs: atMs, changedInEpoch: thisEpoch } as const;
      await change(db.update(keys).set(revoked).where(standing));
      return true;
    },
    async touch(lastUsed) {
      if (lastUsed.size === 0) return;
      await atomic([writeLastUsed(JSON.stringify([...lastUsed]))]);
    },
    epoch: readEpoch(db, EPOCH),
    async changedSince(epoch) {
      const changed = await db
        .select({ id: keys.id })
        .from(keys)
        .leftJoin(customers, eq(customers.id, keys.customer))
        .leftJoin(projects, and(eq(projects.customer, keys.customer), eq(projects.id, keys.project)))
        .where(
          or(gt(keys.changedInEpoch, epoch), gt(customers.changedInEpoch, epoch), gt(projects.changedInEpoch, epoch)),
        );
      return changed.map(({ id }) => id);
    },
  };
}

function conditions(query: KeyQuery): SQL[] {
  const wanted: SQL[] = [];
  if (query.customer !== undefined) wanted.push(eq(keys.customer, query.customer));
  if (query.project !== undefined) wanted.push(eq(keys.project, query.project));
  if (query.status !== undefined) wanted.push(eq(keys.status, query.status));
  // Ids begin with their time of creation: newest first, and a key made while a caller pages never shifts a page.
  if (query.cursor !== undefined) wanted.push(lt(keys.id, query.cursor));
  return wanted;
}

function page(rows: readonly KeyRecord[], limit: number): Page<KeyRecord> {
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}

/** The epoch that a transaction has begun with `nextEpoch`. */
const thisEpoch = sql<number>`(select cast(value as integer) from ${meta} where name = ${EPOCH})`;

/** `pairs`: JSON `[[keyId, epochMs], …]`. The time only grows, whatever order processes write in. */
function writeLastUsed(pairs: string): SQL {
  return sql`update ${keys} set last_used_at_ms = max(coalesce(last_used_at_ms, 0), used.value ->> 1)
    from json_each(${pairs}) as used where ${keys.id} = used.value ->> 0`;
}
