// Refused calls and the networks of keys in SQL.
import { and, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Driver } from "./driver.ts";
import type { NetworkStore, RefusalGroup, RefusalQuery, RefusalStore } from "./port-refusals.ts";
import { keyNetworks, refusals } from "./schema-refusals.sqlite.ts";

const groups: Readonly<Record<RefusalGroup, SQL<string>>> = {
  key: sql`${refusals.keyId}`,
  customer: sql`${refusals.customer}`,
  project: sql`${refusals.project}`,
  code: sql`${refusals.code}`,
  hour: sql`strftime('%Y-%m-%dT%H:00:00Z', ${refusals.hourMs} / 1000, 'unixepoch')`,
  day: sql`strftime('%Y-%m-%d', ${refusals.hourMs} / 1000, 'unixepoch')`,
};

export function refusalStore({ db, atomic }: Driver): RefusalStore {
  const addRow = {
    statement: sql`insert into ${refusals} (key_id, customer, project, hour_ms, code, count)
      values (${sql.placeholder("keyId")}, ${sql.placeholder("customer")}, ${sql.placeholder("project")},
        ${sql.placeholder("hourMs")}, ${sql.placeholder("code")}, ${sql.placeholder("count")})
      on conflict (key_id, hour_ms, code) do update set count = count + excluded.count`,
  };
  return {
    async add(rows) {
      if (rows.length > 0) await atomic([{ ...addRow, rows: rows.map((row) => ({ ...row })) }]);
    },
    async list(query) {
      const selected = Object.fromEntries(query.groupBy.map((name) => [name, groups[name].as(`by_${name}`)]));
      const refused = sql<number>`sum(${refusals.count})`;
      const rows = await db
        .select({ ...selected, refused: refused.as("refused") })
        .from(refusals)
        .where(and(...conditions(query)))
        .groupBy(...query.groupBy.map((name) => groups[name]))
        .orderBy(sql`${refused} desc`, ...query.groupBy.map((name) => groups[name]));
      return rows.flatMap(({ refused, ...group }) => (refused === null ? [] : [{ group, refused }]));
    },
    sweep: (beforeMs) => atomic([db.delete(refusals).where(lt(refusals.hourMs, beforeMs))]),
  };
}

export function networkStore({ db, atomic }: Driver): NetworkStore {
  const noteUse = sql`insert into ${keyNetworks} (key_id, network, first_at_ms, last_at_ms)
    values (${sql.placeholder("keyId")}, ${sql.placeholder("network")}, ${sql.placeholder("atMs")}, ${sql.placeholder("atMs")})
    on conflict (key_id, network) do update set last_at_ms = max(last_at_ms, excluded.last_at_ms)`;
  return {
    async note(uses) {
      if (uses.length > 0) await atomic([{ statement: noteUse, rows: uses.map((use) => ({ ...use })) }]);
    },
    async fresh(sinceMs, least) {
      const fresh = sql<number>`sum(${keyNetworks.firstAtMs} >= ${sinceMs})`;
      return db
        .select({ keyId: keyNetworks.keyId, fresh, known: sql<number>`count(*) - ${fresh}` })
        .from(keyNetworks)
        .where(sql`${keyNetworks.keyId} in (select key_id from ${keyNetworks} where last_at_ms >= ${sinceMs})`)
        .groupBy(keyNetworks.keyId)
        .having(sql`${fresh} >= ${least}`)
        .execute();
    },
    sweep: (beforeMs) => atomic([db.delete(keyNetworks).where(lt(keyNetworks.lastAtMs, beforeMs))]),
  };
}

function conditions({ fromMs, toMs, keyId, customer, project, code }: RefusalQuery): SQL[] {
  const wanted: SQL[] = [gte(refusals.hourMs, fromMs), lt(refusals.hourMs, toMs)];
  if (keyId !== undefined) wanted.push(eq(refusals.keyId, keyId));
  if (customer !== undefined) wanted.push(eq(refusals.customer, customer));
  if (project !== undefined) wanted.push(eq(refusals.project, project));
  if (code !== undefined) wanted.push(eq(refusals.code, code));
  return wanted;
}
