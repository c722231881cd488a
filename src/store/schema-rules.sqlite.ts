// The tables of workload identity: rules by which foreign tokens become keys, what they gave out, and tokens that work once.
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { PolicyJson } from "./policy.ts";
import type { LevelStatus } from "./port-levels.ts";
import type { RuleTerms } from "./port-rules.ts";

/** A removed rule stays while it says something of keys that it gave out. */
export const rules = sqliteTable(
  "rules",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    issuer: text("issuer").notNull(),
    status: text("status").$type<LevelStatus>().notNull(),
    terms: text("terms", { mode: "json" }).$type<RuleTerms>().notNull(),
    policy: text("policy", { mode: "json" }).$type<PolicyJson>().notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    removedAtMs: integer("removed_at_ms"),
    /** The epoch of the keys in which it last changed. */
    changedInEpoch: integer("changed_in_epoch").notNull(),
  },
  (table) => [index("rules_issuer").on(table.issuer), index("rules_changed").on(table.changedInEpoch)],
);

/** Which key came from which rule. It outlives the key, so that a rule's budget knows what its keys have spent. */
export const ruleKeys = sqliteTable(
  "rule_keys",
  {
    keyId: text("key_id").primaryKey(),
    ruleId: text("rule_id").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [index("rule_keys_rule").on(table.ruleId, table.expiresAtMs)],
);

/** Tokens of rules that take each of them once, by a digest of their issuer and `jti`. */
export const spentTokens = sqliteTable(
  "spent_tokens",
  { id: text("id").primaryKey(), expiresAtMs: integer("expires_at_ms").notNull() },
  (table) => [index("spent_tokens_expires").on(table.expiresAtMs)],
);
