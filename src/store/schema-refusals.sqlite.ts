// The tables by which misuse of keys is seen: what was refused to them, and from how many networks they are used.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Calls that were refused before they cost anything, by key, hour and code. The key is empty where nobody knows it. */
export const refusals = sqliteTable(
  "refusals",
  {
    keyId: text("key_id").notNull(),
    customer: text("customer").notNull(),
    project: text("project").notNull(),
    hourMs: integer("hour_ms").notNull(),
    code: text("code").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.hourMs, table.code] }),
    index("refusals_hour").on(table.hourMs),
  ],
);

/** Networks that a key was used from, as keyed digests: who steals the database learns no address from them. */
export const keyNetworks = sqliteTable(
  "key_networks",
  {
    keyId: text("key_id").notNull(),
    network: text("network").notNull(),
    firstAtMs: integer("first_at_ms").notNull(),
    lastAtMs: integer("last_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.network] }), index("key_networks_last").on(table.lastAtMs)],
);
