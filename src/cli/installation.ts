// What commands work on when no server is asked: the database and the master key of this installation.
import { existsSync } from "node:fs";
import type { AuditTrail } from "../audit/trail.ts";
import { openTrail } from "../auditing.ts";
import { systemClock } from "../clock.ts";
import { type Config, readConfig } from "../config.ts";
import { databaseLocation } from "../store/location.ts";
import type { Store } from "../store/port.ts";
import { openSqlite } from "../store/sqlite.ts";
import { loadMasters } from "../vault/masters.node.ts";
import { openVault, type Vault } from "../vaulting.ts";
import { auditedStore } from "./audited-store.ts";
import { CommandError, type Io } from "./io.ts";

export interface Installation extends Vault {
  readonly config: Config;
  /** Tells the trail of each change. */
  readonly store: Store;
  readonly trail: AuditTrail;
  readonly clock: typeof systemClock;
}

/**
 * Lends the installation to `use`, and closes it after. A server may be running on it: it notices changes by itself.
 * @throws CommandError when there is none: making one in a wrong folder would look as if all keys were gone.
 */
export async function withInstallation<T>(io: Io, use: (installation: Installation) => Promise<T>): Promise<T> {
  const config = readConfig(io.env);
  const { path, folder } = databaseLocation(config.databaseUrl);
  if (!existsSync(path)) {
    throw new CommandError(
      `There is no database at ${path}. \`turnpike start\` makes one; TURNPIKE_DATABASE_URL names another place.`,
    );
  }
  const warn = (message: string) => io.err(`turnpike: ${message}\n`);
  const masters = await loadMasters({ config, folder, env: io.env, warn });
  const store = await openSqlite(path);
  try {
    const vault = await openVault(masters, { store, clock: systemClock });
    const onError = (): void => {};
    const trail = await openTrail({ store, masterKey: vault.masterKey, clock: systemClock, alerts: null, onError });
    return await use({ ...vault, config, store: auditedStore(store, trail), trail, clock: systemClock });
  } finally {
    await store.close();
  }
}
