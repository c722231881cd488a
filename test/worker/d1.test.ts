// The store's contract on D1: the database that `wrangler dev` runs, reached through its own binding.
import { join } from "node:path";
import { getTableName } from "drizzle-orm";
import { afterAll, beforeAll, vi } from "vitest";
import { getPlatformProxy } from "wrangler";
import { type D1Binding, openD1 } from "../../src/store/d1.ts";
import {
  admins,
  alerts,
  calls,
  idempotency,
  keySecrets,
  keys,
  ledgerEntries,
  meta,
  responsePieces,
  responses,
  snapshots,
} from "../../src/store/schema.sqlite.ts";
import {
  adminChallenges,
  adminPasskeys,
  adminRecovery,
  adminRoles,
  adminSessions,
  adminTotp,
} from "../../src/store/schema-admins.sqlite.ts";
import {
  auditDeadLetters,
  auditEntries,
  auditExporters,
  auditHead,
  auditIntents,
  auditKeys,
} from "../../src/store/schema-audit.sqlite.ts";
import { credentials, credentialVersions, keyring } from "../../src/store/schema-credentials.sqlite.ts";
import { promptLogs } from "../../src/store/schema-prompts.sqlite.ts";
import { keyNetworks, refusals } from "../../src/store/schema-refusals.sqlite.ts";
import { usageDaily, usageHourly } from "../../src/store/schema-rollups.sqlite.ts";
import { ruleKeys, rules, spentTokens } from "../../src/store/schema-rules.sqlite.ts";
import { webhookDeliveries, webhooks } from "../../src/store/schema-webhooks.sqlite.ts";
import { storeContract } from "../store/contract.ts";
import { applyMigrations, makeState, quietly, startTimeoutMs, wranglerConfig } from "./wrangler.ts";

/** What belongs to others before these. */
const tables = [
  webhookDeliveries,
  webhooks,
  refusals,
  keyNetworks,
  keySecrets,
  responsePieces,
  responses,
  keys,
  rules,
  ruleKeys,
  spentTokens,
  promptLogs,
  credentialVersions,
  credentials,
  keyring,
  admins,
  adminRoles,
  adminSessions,
  adminChallenges,
  adminTotp,
  adminPasskeys,
  adminRecovery,
  calls,
  ledgerEntries,
  usageHourly,
  usageDaily,
  idempotency,
  meta,
  snapshots,
  alerts,
  auditDeadLetters,
  auditEntries,
  auditExporters,
  auditHead,
  auditIntents,
  auditKeys,
];

const state = makeState();
let platform: Awaited<ReturnType<typeof getPlatformProxy<{ DB: D1Binding }>>>;
beforeAll(async () => {
  // wrangler runs inside this process here, and is kept from the network and the home folder all the same.
  for (const [name, value] of Object.entries(quietly(state))) vi.stubEnv(name, value);
  await applyMigrations(state);
  platform = await getPlatformProxy({ configPath: wranglerConfig, persist: { path: join(state.folder, "v3") } });
}, startTimeoutMs);
afterAll(async () => {
  vi.unstubAllEnvs();
  await platform?.dispose();
  state.remove();
});

const open = async () => {
  const db = platform.env.DB;
  await db.batch(tables.flatMap(emptying).map((statement) => db.prepare(statement)));
  return openD1(db);
};

storeContract("D1", open, { usageRuns: 4 });

/** The trail refuses to be emptied, but for a cut that says so. */
function emptying(table: (typeof tables)[number]): readonly string[] {
  const empty = `delete from ${getTableName(table)}`;
  if (table !== auditEntries) return [empty];
  const everything = `select coalesce(max(seq), 0) + 1, '{"action":"audit.cut","after":{"seq":1e9}}', '', '' from audit_entries`;
  return [`insert into audit_entries (seq, body, hash, mac) ${everything}`, empty];
}
