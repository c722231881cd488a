// Customer keys in SQL. Every change of a key moves the epoch in the same transaction, so that other processes see it.
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch, readEpoch } from "./epoch.ts";
import { grantedToCustomer } from "./ledger.ts";
import type { KeyQuery, KeyRecord, KeyStore, Page } from "./port.ts";
import { customers, keySecrets, keys, meta, projects } from "./schema.sqlite.ts";
import { ruleKeys, rules } from "./schema-rules.sqlite.ts";
import { within } from "./within.ts";

const EPOCH = "keys_epoch";
/** The epoch in which a key was last removed: one that is gone has no row to bear it. */
const REMOVAL = "keys_removal_epoch";

/** What a KeyRecord is made of. */
const { changedInEpoch: _, ...record } = getTableColumns(keys);

/** The key repository over one database. */
export function keyStore({ db, atomic }: Driver): KeyStore {
  const byDigest = db
    .select({
      key: record,
      secret: keySecrets,
      customer: {
        status: customers.status,
        policy: customers.policy,
        pricePercent: customers.pricePercent,
        creditNanos: sql<string | null>`case when ${customers.prepaid} then ${grantedToCustomer} end`,
      },
      project: { status: projects.status, policy: projects.policy },
      rule: { id: rules.id, status: rules.status, policy: rules.policy },
    })
    .from(keySecrets)
    .innerJoin(keys, eq(keys.id, keySecrets.keyId))
    .leftJoin(customers, eq(customers.id, keys.customer))
    .leftJoin(projects, and(eq(projects.customer, keys.customer), eq(projects.id, keys.project)))
    .leftJoin(ruleKeys, eq(ruleKeys.keyId, keys.id))
    .leftJoin(rules, eq(rules.id, ruleKeys.ruleId))
    .where(eq(keySecrets.digest, sql.placeholder("digest")))
    .prepare();

  const removalEpoch = readEpoch(db, REMOVAL);
  const change = (...statements: readonly SQLWrapper[]) => atomic([nextEpoch(EPOCH), ...statements]);
  const get = async (id: string): Promise<KeyRecord | null> =>
    (await db.select(record).from(keys).where(eq(keys.id, id)))[0] ?? null;

  return {
    get,
    create: ({ key, secret }) =>
      change(db.insert(keys).values({ ...key, changedInEpoch: thisEpoch }), db.insert(keySecrets).values(secret)),
    async findByDigest(digest) {
      const [row] = await byDigest.all({ digest });
      if (row === undefined) return null;
      const { customer, rule, ...rest } = row;
      return {
        ...rest,
        ...(rule !== null && { rule }),
        customer: customer === null ? null : { ...customer, creditNanos: toNanos(customer.creditNanos) },
      };
    },
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
    async update(id, changes) {
      const standing = and(eq(keys.id, id), ne(keys.status, "revoked"));
      if ((await get(id)) === null) return false;
      await change(
        db
          .update(keys)
          .set({ ...changes, changedInEpoch: thisEpoch })
          .where(standing),
      );
      return true;
    },
    async rotate(id, secret, oldExpiresAtMs) {
      const key = await get(id);
      if (key === null || key.status === "revoked") return false;
      const working = or(isNull(keySecrets.expiresAtMs), gt(keySecrets.expiresAtMs, oldExpiresAtMs));
      const { createdAtMs: rotatedAtMs, hint } = secret;
      await change(
        db
          .update(keySecrets)
          .set({ expiresAtMs: oldExpiresAtMs })
          .where(and(eq(keySecrets.keyId, id), working)),
        db.insert(keySecrets).values(secret),
        db
          .update(keys)
          .set({ rotatedAtMs, changedInEpoch: thisEpoch, ...(hint !== null && { hint }) })
          .where(eq(keys.id, id)),
      );
      return true;
    },
    async endOverlap(id, atMs) {
      const old = and(eq(keySecrets.keyId, id), gt(keySecrets.expiresAtMs, atMs));
      await change(
        db.update(keySecrets).set({ expiresAtMs: atMs }).where(old),
        db.update(keys).set({ changedInEpoch: thisEpoch }).where(eq(keys.id, id)),
      );
    },
    secrets: (id) =>
      db.select().from(keySecrets).where(eq(keySecrets.keyId, id)).orderBy(desc(keySecrets.createdAtMs)).execute(),
    async remove(id) {
      if ((await get(id)) === null) return false;
      await change(
        rememberRemoval,
        db.delete(keySecrets).where(eq(keySecrets.keyId, id)),
        db.delete(keys).where(eq(keys.id, id)),
      );
      return true;
    },
    async touch(lastUsed) {
      if (lastUsed.size === 0) return;
      const uses = [...lastUsed].map(([digest, { keyId, atMs }]) => [keyId, atMs, digest]);
      await atomic([writeKeysUsed(JSON.stringify(uses)), writeSecretsUsed(JSON.stringify(uses))]);
    },
    epoch: readEpoch(db, EPOCH),
    async changedSince(epoch) {
      if ((await removalEpoch()) > epoch) return null;
      const changed = await db
        .select({ id: keys.id })
        .from(keys)
        .leftJoin(customers, eq(customers.id, keys.customer))
        .leftJoin(projects, and(eq(projects.customer, keys.customer), eq(projects.id, keys.project)))
        .leftJoin(ruleKeys, eq(ruleKeys.keyId, keys.id))
        .leftJoin(rules, eq(rules.id, ruleKeys.ruleId))
        .where(or(...[keys, customers, projects, rules].map(({ changedInEpoch }) => gt(changedInEpoch, epoch))));
      return changed.map(({ id }) => id);
    },
  };
}

function toNanos(digits: string | null): bigint | null {
  return digits === null ? null : BigInt(digits);
}

function conditions(query: KeyQuery): SQL[] {
  const wanted: SQL[] = [];
  if (query.within !== undefined) wanted.push(within(query.within, keys));
  if (query.customer !== undefined) wanted.push(eq(keys.customer, query.customer));
  if (query.project !== undefined) wanted.push(eq(keys.project, query.project));
  if (query.status !== undefined) wanted.push(eq(keys.status, query.status));
  if (query.environment !== undefined) wanted.push(eq(keys.environment, query.environment));
  if (query.search !== undefined) {
    const part = `%${query.search.replace(/[\\%_]/g, "\\$&")}%`;
    wanted.push(sql`(${keys.name} like ${part} escape '\\' or ${keys.hint} like ${part} escape '\\')`);
  }
  for (const [name, value] of Object.entries(query.metadata ?? {})) {
    wanted.push(
      sql`exists (select 1 from json_each(${keys.metadata}) as tag where tag.key = ${name} and tag.value = ${value})`,
    );
  }
  if (query.rotationDueAtMs !== undefined) {
    wanted.push(
      sql`coalesce(${keys.rotatedAtMs}, ${keys.createdAtMs}) + (${keys.rotation} ->> 'everyDays') * 86400000 <= ${query.rotationDueAtMs}`,
    );
  }
  if (query.overlapAtMs !== undefined) {
    wanted.push(
      isNotNull(keys.rotatedAtMs),
      sql`exists (select 1 from ${keySecrets} as old where old.key_id = ${keys.id} and old.expires_at_ms > ${query.overlapAtMs})`,
    );
  }
  if (query.unusedSinceMs !== undefined) {
    wanted.push(sql`coalesce(${keys.lastUsedAtMs}, ${keys.createdAtMs}) < ${query.unusedSinceMs}`);
  }
  if (query.expiresBeforeMs !== undefined) wanted.push(lt(keys.expiresAtMs, query.expiresBeforeMs));
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

const rememberRemoval = sql`insert into ${meta} (name, value) values (${REMOVAL}, ${thisEpoch})
  on conflict (name) do update set value = excluded.value`;

/** `uses`: JSON `[[keyId, epochMs, digest], …]`. The time only grows, whatever order processes write in. */
function writeKeysUsed(uses: string): SQL {
  return sql`update ${keys} set last_used_at_ms = max(coalesce(last_used_at_ms, 0), used.at)
    from (select value ->> 0 as id, max(value ->> 1) as at from json_each(${uses}) group by 1) as used
    where ${keys.id} = used.id`;
}

/** The same for the secrets themselves. */
function writeSecretsUsed(uses: string): SQL {
  return sql`update ${keySecrets} set last_used_at_ms = max(coalesce(last_used_at_ms, 0), used.value ->> 1)
    from json_each(${uses}) as used where ${keySecrets.digest} = used.value ->> 2`;
}
