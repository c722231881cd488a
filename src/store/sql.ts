// The store over any drizzle SQLite database: the repositories, put together.
import { sql } from "drizzle-orm";
import { adminStore, roleStore } from "./admins.ts";
import { alertStore } from "./alerts.ts";
import { aliasStore } from "./aliases.ts";
import { auditStore } from "./audit.ts";
import { callStore } from "./calls.ts";
import { credentialStore } from "./credentials.ts";
import type { Driver } from "./driver.ts";
import { factorStore } from "./factors.ts";
import { idempotencyStore } from "./idempotency.ts";
import { keyringStore } from "./keyring.ts";
import { keyStore } from "./keys.ts";
import { ledgerStore } from "./ledger.ts";
import { customerStore, projectStore, templateStore } from "./levels.ts";
import { metaStore } from "./meta.ts";
import { modelStore } from "./models.ts";
import { movementStore } from "./movements.ts";
import type { Store } from "./port.ts";
import { promptLogStore } from "./prompts.ts";
import { networkStore, refusalStore } from "./refusals.ts";
import { responseStore } from "./responses.ts";
import { rollupStore } from "./rollups.ts";
import { ruleStore } from "./rules.ts";
import { challengeStore, sessionStore } from "./sessions.ts";
import { snapshotStore } from "./snapshots.ts";
import { webhookStore } from "./webhooks.ts";

/** A store over one database whose migrations have been applied. */
export function sqlStore(driver: Driver): Store {
  return {
    keys: keyStore(driver),
    admins: adminStore(driver),
    roles: roleStore(driver),
    sessions: sessionStore(driver),
    challenges: challengeStore(driver),
    factors: factorStore(driver),
    calls: callStore(driver),
    idempotency: idempotencyStore(driver),
    meta: metaStore(driver),
    models: modelStore(driver),
    aliases: aliasStore(driver),
    customers: customerStore(driver),
    projects: projectStore(driver),
    ledger: ledgerStore(driver),
    templates: templateStore(driver),
    snapshots: snapshotStore(driver),
    alerts: alertStore(driver),
    responses: responseStore(driver),
    rules: ruleStore(driver),
    prompts: promptLogStore(driver),
    rollups: rollupStore(driver),
    audit: auditStore(driver),
    credentials: credentialStore(driver),
    keyring: keyringStore(driver),
    webhooks: webhookStore(driver),
    refusals: refusalStore(driver),
    networks: networkStore(driver),
    movements: movementStore(driver),
    async ping() {
      await driver.db.all(sql`select 1`);
    },
    close: driver.close,
  };
}
