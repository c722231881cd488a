// What commands work on when no server is asked: the database and the master key of this installation.
import { existsSync } from "node:fs";
import { systemClock } from "../clock.ts";
import { type Config, readConfig } from "../config.ts";
import { createDigest, type Digest } from "../keys/digest.ts";
import { checkMasterKey } from "../keys/master-key-check.ts";
import { databaseLocation } from "../store/location.ts";
import type { Store } from "../store/port.ts";
import { openSqlite } from "../store/sqlite.ts";
import { loadMasterKey } from "../vault/master-key.node.ts";
import { CommandError, type Io } from "./io.ts";

export interface Installation {
  readonly config: Config;
  readonly store: Store;
  readonly digest: Digest;
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
  const digest = createDigest(loadMasterKey({ configured: config.masterKey, folder, warn }));
  const store = await openSqlite(path);
  try {
    await checkMasterKey(store.meta, digest);
    return await use({ config, store, digest, clock: systemClock });
  } finally {
    await store.close();
  }
}
