// The tables of the vault: providers' credentials, the sealed versions of their values, and the keys that seal them.
import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { CredentialLimits, CredentialTest } from "./port-credentials.ts";

/** Keys of the installation, each wrapped by a master key or a KMS. */
export const keyring = sqliteTable("keyring", {
  /** `root`, or `kek_1`, `kek_2`, …, of which the last is in use. */
  id: text("id").primaryKey(),
  /** Which master key or KMS key has wrapped it. */
  wrapper: text("wrapper").notNull(),
  wrapped: blob("wrapped", { mode: "buffer" }).notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
});

/** Credentials of providers. Their values are in `credential_versions`. */
export const credentials = sqliteTable(
  "credentials",
  {
    id: text("id").primaryKey(),
    provider: text("provider").notNull(),
    name: text("name").notNull(),
    /** Whose own key it is; null for the installation's. */
    customer: text("customer"),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    weight: integer("weight").notNull(),
    priority: integer("priority").notNull(),
    /** Patterns of models; null for all. */
    models: text("models", { mode: "json" }).$type<readonly string[]>(),
    limits: text("limits", { mode: "json" }).$type<CredentialLimits>().notNull(),
    baseUrl: text("base_url"),
    /** Of the provider's environment variables, those that are no secret: a region, a project. */
    variables: text("variables", { mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
    labels: text("labels", { mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
    /** Whether a customer's calls may go on with the installation's credentials of the same provider. */
    fallback: integer("fallback", { mode: "boolean" }).notNull(),
    /** What a customer is charged for each 100 of cost at its own key. Exact decimal. */
    feePercent: text("fee_percent").notNull(),
    /** The version in force. */
    version: integer("version").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    lastTest: text("last_test", { mode: "json" }).$type<CredentialTest>(),
  },
  (table) => [index("credentials_provider").on(table.provider, table.customer)],
);

/** Each value that a credential has had; of a destroyed one nothing is left but that it was. */
export const credentialVersions = sqliteTable(
  "credential_versions",
  {
    credentialId: text("credential_id")
      .notNull()
      .references(() => credentials.id, { onDelete: "cascade" }),
    version: integer("version").notNull(),
    /** Where the value stands; null when it is kept here. */
    reference: text("reference"),
    /** The key that wraps the data key: it can't be removed while a version needs it. */
    kekId: text("kek_id").references(() => keyring.id),
    wrappedKey: blob("wrapped_key", { mode: "buffer" }),
    sealed: blob("sealed", { mode: "buffer" }),
    /** Keyed digest of the value, to tell duplicates; null for references. */
    fingerprint: text("fingerprint"),
    hint: text("hint"),
    createdAtMs: integer("created_at_ms").notNull(),
    /** When a replaced version is to be destroyed; null for the one in force. */
    retiresAtMs: integer("retires_at_ms"),
    destroyedAtMs: integer("destroyed_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.credentialId, table.version] }),
    index("credential_versions_kek").on(table.kekId),
    index("credential_versions_fingerprint").on(table.fingerprint),
  ],
);
