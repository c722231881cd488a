// The tables of roles, sessions and second factors of administrators.
import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AdminScope, RoleRecord, SessionRecord } from "./port-admins.ts";

export const adminRoles = sqliteTable("admin_roles", {
  name: text("name").primaryKey(),
  description: text("description").notNull(),
  permissions: text("permissions", { mode: "json" }).$type<readonly string[]>().notNull(),
  scope: text("scope", { mode: "json" }).$type<AdminScope>(),
  secondFactor: text("second_factor").$type<NonNullable<RoleRecord["secondFactor"]>>(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** Sessions, by the digests of their tokens. */
export const adminSessions = sqliteTable(
  "admin_sessions",
  {
    id: text("id").primaryKey(),
    digest: text("digest").notNull().unique(),
    adminId: text("admin_id").notNull(),
    kind: text("kind").$type<SessionRecord["kind"]>().notNull(),
    method: text("method").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    verifiedAtMs: integer("verified_at_ms"),
    address: text("address"),
    userAgent: text("user_agent"),
  },
  (table) => [index("admin_sessions_admin").on(table.adminId), index("admin_sessions_expires").on(table.expiresAtMs)],
);

/** What was begun and must come back, each used once. */
export const adminChallenges = sqliteTable(
  "admin_challenges",
  {
    digest: text("digest").primaryKey(),
    purpose: text("purpose").notNull(),
    sealed: blob("sealed", { mode: "buffer" }).notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [index("admin_challenges_expires").on(table.expiresAtMs)],
);

export const adminTotp = sqliteTable("admin_totp", {
  adminId: text("admin_id").primaryKey(),
  sealed: blob("sealed", { mode: "buffer" }).notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  confirmedAtMs: integer("confirmed_at_ms"),
  lastStep: integer("last_step").notNull(),
});

export const adminPasskeys = sqliteTable(
  "admin_passkeys",
  {
    id: text("id").primaryKey(),
    adminId: text("admin_id").notNull(),
    name: text("name").notNull(),
    publicKey: blob("public_key", { mode: "buffer" }).notNull(),
    counter: integer("counter").notNull(),
    transports: text("transports", { mode: "json" }).$type<readonly string[]>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms"),
  },
  (table) => [index("admin_passkeys_admin").on(table.adminId)],
);

/** Recovery codes that were not used yet, by their digests. */
export const adminRecovery = sqliteTable(
  "admin_recovery",
  { adminId: text("admin_id").notNull(), digest: text("digest").notNull() },
  (table) => [primaryKey({ columns: [table.adminId, table.digest] })],
);
