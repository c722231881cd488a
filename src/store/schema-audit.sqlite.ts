// The tables of the trail. An entry's columns are read off its text by the database itself, so a filter can't be told otherwise.
// Its migration has triggers beside: no entry is changed, and none removed but by a cut that stands in the trail.
import { sql } from "drizzle-orm";
import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Null where somebody has made the text no JSON: the trail can be read all the same. */
const said = (path: string) => sql.raw(`case when json_valid(body) then json_extract(body, '$.${path}') end`);

export const auditEntries = sqliteTable(
  "audit_entries",
  {
    /** From 1, without gaps. */
    seq: integer("seq").primaryKey(),
    /** Canonical JSON (RFC 8785), which names the hash of the entry before. */
    body: text("body").notNull(),
    /** SHA-256 of the body, hex. */
    hash: text("hash").notNull(),
    /** HMAC-SHA-256 of the hash under the trail's key, hex. */
    mac: text("mac").notNull(),
    at: text("at").generatedAlwaysAs(said("at"), { mode: "virtual" }),
    action: text("action").generatedAlwaysAs(said("action"), { mode: "virtual" }),
    actorId: text("actor_id").generatedAlwaysAs(said("actor.id"), { mode: "virtual" }),
    targetId: text("target_id").generatedAlwaysAs(said("target.id"), { mode: "virtual" }),
    outcome: text("outcome").generatedAlwaysAs(said("outcome"), { mode: "virtual" }),
  },
  (table) => [
    index("audit_at").on(table.at),
    index("audit_action").on(table.action),
    index("audit_actor").on(table.actorId),
    index("audit_target").on(table.targetId),
  ],
);

/** One row: the last entry, under a mac of its own, so that a shorter trail does not pass for whole. */
export const auditHead = sqliteTable("audit_head", {
  id: integer("id").primaryKey(),
  seq: integer("seq").notNull(),
  hash: text("hash").notNull(),
  mac: text("mac").notNull(),
});

/** Changes that are under way: what is left here by a process that died is told of in the trail. */
export const auditIntents = sqliteTable("audit_intents", {
  id: text("id").primaryKey(),
  atMs: integer("at_ms").notNull(),
  /** The event, JSON. */
  event: text("event").notNull(),
});

/** One row: the key that signs, sealed under the master key. */
export const auditKeys = sqliteTable("audit_keys", {
  id: integer("id").primaryKey(),
  sealed: blob("sealed", { mode: "buffer" }).notNull(),
  /** Of whoever verifies without the master key: SPKI, base64. */
  publicKey: text("public_key").notNull(),
});

/** How far each exporter has come. */
export const auditExporters = sqliteTable("audit_exporters", {
  name: text("name").primaryKey(),
  /** The last entry that it has delivered. */
  seq: integer("seq").notNull(),
  deliveredAtMs: integer("delivered_at_ms").notNull(),
});

/** Entries that an exporter's receiver would never take. */
export const auditDeadLetters = sqliteTable(
  "audit_dead_letters",
  {
    exporter: text("exporter").notNull(),
    seq: integer("seq").notNull(),
    atMs: integer("at_ms").notNull(),
    reason: text("reason").notNull(),
  },
  (table) => [primaryKey({ columns: [table.exporter, table.seq] })],
);
