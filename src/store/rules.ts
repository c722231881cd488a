// Rules of workload identity in SQL. A change of one moves the keys' epoch: the keys that it gave out must keep to it.
import { and, asc, count, eq, getTableColumns, gt, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import { nextEpoch } from "./epoch.ts";
import type { RuleRecord, RuleStore } from "./port-rules.ts";
import { keySecrets, keys, meta } from "./schema.sqlite.ts";
import { ruleKeys, rules, spentTokens } from "./schema-rules.sqlite.ts";

const EPOCH = "keys_epoch";
const thisEpoch = sql<number>`(select cast(value as integer) from ${meta} where name = ${EPOCH})`;
const dayMs = 86_400_000;
/** How long keys that have expired are kept, for those who look at usage by what is known of keys. */
const keptMs = 30 * dayMs;
/** How long it is known which rule a key was from: longer than any budget's period but `total`. */
const rememberedMs = 400 * dayMs;

const { changedInEpoch: _, removedAtMs: __, ...record } = getTableColumns(rules);

/** The repository of rules over one database. */
export function ruleStore({ db, atomic }: Driver): RuleStore {
  const stands = isNull(rules.removedAtMs);
  const get = async (id: string): Promise<RuleRecord | null> =>
    (
      await db
        .select(record)
        .from(rules)
        .where(and(eq(rules.id, id), stands))
    )[0] ?? null;
  const free = (keyId: string) => db.delete(ruleKeys).where(eq(ruleKeys.keyId, keyId)).execute();
  return {
    get,
    create: (rule) => atomic([nextEpoch(EPOCH), db.insert(rules).values({ ...rule, changedInEpoch: thisEpoch })]),
    list: async () => db.select(record).from(rules).where(stands).orderBy(asc(rules.id)),
    ofIssuer: async (issuer) =>
      db
        .select(record)
        .from(rules)
        .where(and(eq(rules.issuer, issuer), eq(rules.status, "active"), stands))
        .orderBy(asc(rules.id)),
    async update(id, changes, atMs) {
      const set = { ...changes, updatedAtMs: atMs, changedInEpoch: thisEpoch };
      await atomic([
        nextEpoch(EPOCH),
        db
          .update(rules)
          .set(set)
          .where(and(eq(rules.id, id), stands)),
      ]);
      return get(id);
    },
    async remove(id, atMs, { revokeKeys }) {
      if ((await get(id)) === null) return false;
      const removed = { removedAtMs: atMs, updatedAtMs: atMs, changedInEpoch: thisEpoch };
      const refused = { status: "revoked", revokedAtMs: atMs, changedInEpoch: thisEpoch } as const;
      const given = sql`${keys.id} in (select key_id from ${ruleKeys} where rule_id = ${id})`;
      await atomic([
        nextEpoch(EPOCH),
        // Suspended too: a key that is being made in this moment is none that could be revoked.
        db
          .update(rules)
          .set(revokeKeys ? { ...removed, status: "suspended" } : removed)
          .where(eq(rules.id, id)),
        ...(revokeKeys
          ? [
              db
                .update(keys)
                .set(refused)
                .where(and(given, ne(keys.status, "revoked"))),
            ]
          : []),
      ]);
      return true;
    },
    async issue({ key, secret, ruleId, expiresAtMs }, most) {
      const room = sql`insert into ${ruleKeys} (key_id, rule_id, expires_at_ms)
        select ${key.id}, ${ruleId}, ${expiresAtMs}
        where exists (select 1 from ${rules} where id = ${ruleId} and status = 'active' and removed_at_ms is null)
          and ${most} > (select count(*) from ${ruleKeys} given left join ${keys} made on made.id = given.key_id
            where given.rule_id = ${ruleId} and given.expires_at_ms > ${key.createdAtMs}
              and (made.status is null or made.status <> 'revoked'))
        returning key_id`;
      if ((await db.all(room)).length === 0) return "full";
      try {
        await atomic([
          nextEpoch(EPOCH),
          db.insert(keys).values({ ...key, changedInEpoch: thisEpoch }),
          db.insert(keySecrets).values(secret),
        ]);
        return "issued";
      } catch (error) {
        await free(key.id);
        const standing = await db
          .select({ keyId: keySecrets.keyId })
          .from(keySecrets)
          .where(eq(keySecrets.digest, secret.digest));
        if (standing.length === 0) throw error;
        return "taken";
      }
    },
    async liveKeys(nowMs) {
      const rows = await db
        .select({ id: ruleKeys.ruleId, live: count() })
        .from(ruleKeys)
        .leftJoin(keys, eq(keys.id, ruleKeys.keyId))
        .where(and(gt(ruleKeys.expiresAtMs, nowMs), or(isNull(keys.status), ne(keys.status, "revoked"))))
        .groupBy(ruleKeys.ruleId);
      return new Map(rows.map(({ id, live }) => [id, live]));
    },
    async spend(id, expiresAtMs) {
      const written = await db
        .insert(spentTokens)
        .values({ id, expiresAtMs })
        .onConflictDoNothing()
        .returning({ id: spentTokens.id });
      return written.length > 0;
    },
    async sweep(nowMs, most) {
      // A key that has expired is refused whoever remembers it, so no epoch moves.
      const expired = await db
        .select({ id: keys.id })
        .from(keys)
        .innerJoin(ruleKeys, eq(ruleKeys.keyId, keys.id))
        .where(lt(keys.expiresAtMs, nowMs - keptMs))
        .limit(most);
      const ids = JSON.stringify(expired.map(({ id }) => id));
      await atomic([
        db.delete(keySecrets).where(sql`${keySecrets.keyId} in (select value from json_each(${ids}))`),
        db.delete(keys).where(sql`${keys.id} in (select value from json_each(${ids}))`),
        db.delete(spentTokens).where(lt(spentTokens.expiresAtMs, nowMs)),
        db.delete(ruleKeys).where(lt(ruleKeys.expiresAtMs, nowMs - rememberedMs)),
        db
          .delete(rules)
          .where(sql`removed_at_ms is not null and not exists (select 1 from ${ruleKeys} where rule_id = ${rules.id})`),
      ]);
      return expired.length;
    },
  };
}
