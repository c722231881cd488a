// The tables in SQLite (Node) and D1 (Workers). Times are epoch milliseconds, money is nanodollars in 64-bit integers.
import { sql } from "drizzle-orm";
import { blob, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { ModelDeclaration } from "../../providers/catalog/declared.ts";
import type { PolicyJson } from "./policy.ts";
import type { AliasDefinition, AttemptRecord, CallOutcome, KeyEnvironment, KeyStatus, RotationPolicy } from "./port.ts";
import type { AdminScope } from "./port-admins.ts";
import type { CounterAccount, LedgerKind } from "./port-ledger.ts";
import type { LevelStatus } from "./port-levels.ts";

export const keys = sqliteTable(
  "keys",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    customer: text("customer").notNull(),
    project: text("project").notNull(),
    environment: text("environment").$type<KeyEnvironment>().notNull(),
    hint: text("hint").notNull(),
    status: text("status").$type<KeyStatus>().notNull(),
    metadata: text("metadata", { mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    revokedAtMs: integer("revoked_at_ms"),
    lastUsedAtMs: integer("last_used_at_ms"),
    policy: text("policy", { mode: "json" }).$type<PolicyJson>().notNull().default({}),
    rotation: text("rotation", { mode: "json" }).$type<RotationPolicy>(),
    /** Days without use after which the key is refused. */
    idleDays: integer("idle_days"),
    rotatedAtMs: integer("rotated_at_ms"),
    /** The epoch of the key's last change; a change of `last_used_at_ms` is none. */
    changedInEpoch: integer("changed_in_epoch").notNull(),
  },
  (table) => [index("keys_customer").on(table.customer, table.project), index("keys_changed").on(table.changedInEpoch)],
);

/** The secrets of a key, by their keyed digest. The secrets themselves are nowhere. */
export const keySecrets = sqliteTable(
  "key_secrets",
  {
    digest: text("digest").primaryKey(),
    keyId: text("key_id")
      .notNull()
      .references(() => keys.id, { onDelete: "cascade" }),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    hint: text("hint"),
    lastUsedAtMs: integer("last_used_at_ms"),
  },
  (table) => [index("key_secrets_key").on(table.keyId)],
);

/** Customers that the operator has said something of; a key may name one that is not here. */
export const customers = sqliteTable("customers", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  status: text("status").$type<LevelStatus>().notNull(),
  policy: text("policy", { mode: "json" }).$type<PolicyJson>().notNull(),
  metadata: text("metadata", { mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
  /** What the customer is charged for each 100 of cost: 120 is a mark-up of 20 %. Exact decimal. */
  pricePercent: text("price_percent").notNull().default("100"),
  /** Whether its calls are paid for from credits (see `ledger_entries`). */
  prepaid: integer("prepaid", { mode: "boolean" }).notNull().default(false),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
  changedInEpoch: integer("changed_in_epoch").notNull(),
});

/** Projects of customers, in the same way. */
export const projects = sqliteTable(
  "projects",
  {
    customer: text("customer").notNull(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    status: text("status").$type<LevelStatus>().notNull(),
    policy: text("policy", { mode: "json" }).$type<PolicyJson>().notNull(),
    metadata: text("metadata", { mode: "json" }).$type<Readonly<Record<string, string>>>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    changedInEpoch: integer("changed_in_epoch").notNull(),
  },
  (table) => [primaryKey({ columns: [table.customer, table.id] })],
);

/** Policies by name, to make keys, projects and customers from. */
export const policyTemplates = sqliteTable("policy_templates", {
  name: text("name").primaryKey(),
  policy: text("policy", { mode: "json" }).$type<PolicyJson>().notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

export const admins = sqliteTable(
  "admins",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    role: text("role").notNull(),
    hint: text("hint").notNull(),
    digest: text("digest").notNull().unique(),
    createdAtMs: integer("created_at_ms").notNull(),
    revokedAtMs: integer("revoked_at_ms"),
    scope: text("scope", { mode: "json" }).$type<AdminScope>(),
    /** Of the key before the last rotation, and until when it works. */
    oldDigest: text("old_digest"),
    oldExpiresAtMs: integer("old_expires_at_ms"),
    status: text("status").$type<"active" | "suspended">().notNull().default("active"),
    ipAllow: text("ip_allow", { mode: "json" }).$type<readonly string[]>(),
    ipDeny: text("ip_deny", { mode: "json" }).$type<readonly string[]>().notNull().default([]),
    /** Who signs in elsewhere; null for holders of a key. */
    provider: text("provider"),
    subject: text("subject"),
    email: text("email"),
    createdBy: text("created_by"),
    expiresAtMs: integer("expires_at_ms"),
    rotatedAtMs: integer("rotated_at_ms"),
    lastUsedAtMs: integer("last_used_at_ms"),
  },
  (table) => [
    uniqueIndex("admins_identity").on(table.provider, table.subject).where(sql`provider is not null`),
    uniqueIndex("admins_old_digest").on(table.oldDigest).where(sql`old_digest is not null`),
  ],
);

/**
 * One row per admitted call. The columns from `outcome` on are null until it is settled. A token counter is null when
 * it was not reported; `input_tokens` null means that there is no usage at all.
 */
export const calls = sqliteTable(
  "calls",
  {
    id: text("id").primaryKey(),
    keyId: text("key_id").notNull(),
    customer: text("customer").notNull(),
    project: text("project").notNull(),
    operation: text("operation").notNull(),
    dialect: text("dialect").notNull(),
    requestedModel: text("requested_model").notNull(),
    stream: integer("stream", { mode: "boolean" }).notNull(),
    openedAtMs: integer("opened_at_ms").notNull(),
    estimatedInputTokens: integer("estimated_input_tokens").notNull(),
    outcome: text("outcome").$type<CallOutcome>(),
    httpStatus: integer("http_status"),
    errorCode: text("error_code"),
    provider: text("provider"),
    model: text("model"),
    canonicalModel: text("canonical_model"),
    finishReason: text("finish_reason"),
    inputTokens: integer("input_tokens"),
    cachedInputTokens: integer("cached_input_tokens"),
    cacheWriteTokens: integer("cache_write_tokens"),
    cacheWrite1hTokens: integer("cache_write_1h_tokens"),
    inputAudioTokens: integer("input_audio_tokens"),
    outputTokens: integer("output_tokens"),
    reasoningTokens: integer("reasoning_tokens"),
    outputAudioTokens: integer("output_audio_tokens"),
    acceptedPredictionTokens: integer("accepted_prediction_tokens"),
    rejectedPredictionTokens: integer("rejected_prediction_tokens"),
    images: integer("images"),
    /** Seconds, with a fraction. */
    audioSeconds: real("audio_seconds"),
    characters: integer("characters"),
    queries: integer("queries"),
    webSearches: integer("web_searches"),
    estimated: integer("estimated", { mode: "boolean" }),
    costNanos: integer("cost_nanos"),
    /** What the customer is charged for it; null where the cost is, and in records of earlier versions. */
    chargedNanos: integer("charged_nanos"),
    /** Whether that was taken from prepaid credits. */
    prepaid: integer("prepaid", { mode: "boolean" }),
    attempts: text("attempts", { mode: "json" }).$type<readonly AttemptRecord[]>(),
    settledAtMs: integer("settled_at_ms"),
    ttftMs: real("ttft_ms"),
    durationMs: real("duration_ms"),
  },
  (table) => [
    // The one that all calls are in: it is only ever written at its end, where those by key or customer were written all over.
    index("calls_opened").on(table.openedAtMs, table.customer, table.project, table.keyId),
    index("calls_unsettled").on(table.openedAtMs).where(sql`settled_at_ms is null`),
  ],
);

/**
 * Prepaid credits, double-entry: an entry moves its amount from the counter account to the customer's, a negative one back. A
 * charge has the id of its call, so that no call is charged twice. Entries are never changed; balances are their sums.
 */
export const ledgerEntries = sqliteTable(
  "ledger_entries",
  {
    id: text("id").primaryKey(),
    atMs: integer("at_ms").notNull(),
    customer: text("customer").notNull(),
    kind: text("kind").$type<LedgerKind>().notNull(),
    amountNanos: integer("amount_nanos").notNull(),
    counterAccount: text("counter_account").$type<CounterAccount>().notNull(),
    reason: text("reason"),
    /** The administrator who made it; null for what happens by itself. */
    actor: text("actor"),
    /** When what is left of a top-up is no longer there. */
    expiresAtMs: integer("expires_at_ms"),
  },
  (table) => [
    index("ledger_customer").on(table.customer, table.atMs),
    index("ledger_grants").on(table.customer).where(sql`kind <> 'charge'`),
    index("ledger_expiring").on(table.expiresAtMs).where(sql`expires_at_ms is not null`),
  ],
);

/** Answers to POSTs with an `Idempotency-Key`; `status` and `body` are null while the first try runs. Never a secret. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    requestHash: text("request_hash").notNull(),
    status: integer("status"),
    body: text("body"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key] }), index("idempotency_created").on(table.createdAtMs)],
);

/** Facts about the installation: the epochs of the keys and of the aliases, the check of the master key. */
export const meta = sqliteTable("meta", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

/** Models and prices that the operator declares over the catalogue. */
export const models = sqliteTable("models", {
  id: text("id").primaryKey(),
  declaration: text("declaration", { mode: "json" }).notNull().$type<ModelDeclaration>(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** Names of the operator's own for models. */
export const aliases = sqliteTable("aliases", {
  name: text("name").primaryKey(),
  definition: text("definition", { mode: "json" }).notNull().$type<AliasDefinition>(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** What a run of the gateway leaves to the next one. */
export const snapshots = sqliteTable("snapshots", {
  name: text("name").primaryKey(),
  /** JSON, which its reader checks. */
  value: text("value").notNull(),
  savedAtMs: integer("saved_at_ms").notNull(),
});

/** What operators should know of; of what is wrong with one subject at most one is open at a time. */
export const alerts = sqliteTable(
  "alerts",
  {
    id: text("id").primaryKey(),
    kind: text("kind").notNull(),
    subject: text("subject").notNull(),
    message: text("message").notNull(),
    count: integer("count").notNull(),
    firstAtMs: integer("first_at_ms").notNull(),
    lastAtMs: integer("last_at_ms").notNull(),
    acknowledgedAtMs: integer("acknowledged_at_ms"),
    acknowledgedBy: text("acknowledged_by"),
    resolvedAtMs: integer("resolved_at_ms"),
  },
  (table) => [
    uniqueIndex("alerts_open").on(table.kind, table.subject).where(sql`resolved_at_ms is null`),
    index("alerts_resolved").on(table.resolvedAtMs),
  ],
);

/** Responses to which a later call of the responses API may refer: kept here, or at the provider of a connection (`keeper`). */
export const responses = sqliteTable(
  "responses",
  {
    id: text("id").primaryKey(),
    customer: text("customer").notNull(),
    keyId: text("key_id").notNull(),
    previousId: text("previous_id"),
    keeper: text("keeper"),
    length: integer("length").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [index("responses_expires").on(table.expiresAtMs)],
);

/** The contents of those that are kept here, encrypted and in pieces. */
export const responsePieces = sqliteTable(
  "response_pieces",
  {
    responseId: text("response_id")
      .notNull()
      .references(() => responses.id, { onDelete: "cascade" }),
    nth: integer("nth").notNull(),
    sealed: blob("sealed", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.responseId, table.nth] })],
);
