// The house of an installation, as every process of it opens it: its settings, its database, and what is in force.
import { mkdirSync } from "node:fs";
import type { Environment } from "../providers/define.ts";
import { storedAliases, toAlias } from "./admin/alias-view.ts";
import type { AuditTrail } from "./audit/trail.ts";
import { checkpointFile } from "./auditing.node.ts";
import { openTrail } from "./auditing.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Connecting, connect, type OpenRoom } from "./connecting.ts";
import { type Installed, readInstalled } from "./installed.node.ts";
import { type Administrators, createAdministrators } from "./keys/administrators.ts";
import type { Alerts } from "./observe/alerts.ts";
import { type NodeLog, nodeLog } from "./observe/log.node.ts";
import { describeError } from "./observe/log.ts";
import { knowEnvironment } from "./observe/log-environment.ts";
import { type NodeObserving, observeOnNode } from "./observing.node.ts";
import { followAliases, type LiveAliases, openAliases } from "./router/live-aliases.ts";
import { createLiveCatalog, type LiveCatalog } from "./router/live-catalog.ts";
import type { Router } from "./router/router.ts";
import { createRouter } from "./routing.ts";
import { checkpointsInThread } from "./store/checkpoint.node.ts";
import { type DatabaseLocation, databaseLocation } from "./store/location.ts";
import type { Store } from "./store/port.ts";
import { readingInThread } from "./store/reading.node.ts";
import type { Checkpoints } from "./store/sqlite.ts";
import { upkeepMs } from "./upkeep.ts";
import { onMachine } from "./vault/credentials.node.ts";
import { followConnections } from "./vault/live-connections.ts";
import { loadMasters } from "./vault/masters.node.ts";
import { isReference } from "./vault/references/reference.ts";
import { openVault, type Vault } from "./vaulting.ts";

/** What is read before anything is opened. */
export interface Ground extends Installed {
  readonly env: Environment;
  readonly log: NodeLog;
  readonly clock: Clock;
  readonly location: DatabaseLocation;
  /** Told of a write that the database did not take. */
  onError(error: unknown): void;
}

export interface House extends Ground, Vault {
  readonly store: Store;
  /** The same, for who may ask for much: what takes long holds nobody else up. */
  readonly reading: Store;
  readonly catalog: LiveCatalog;
  readonly aliases: LiveAliases;
  readonly administrators: Administrators;
  readonly alerts: Alerts;
  readonly observing: NodeObserving;
  readonly trail: AuditTrail;
  readonly router: Router;
  readonly connections: Connecting;
  /** Ends what follows changes. The store stays open: others may still have to write. */
  leave(): void;
}

/**
 * Reads the settings, and makes the data folder where there is none.
 * @param worker its number, where this process is one of several that serve: its log says so.
 * @throws ConfigError when a setting can't be used.
 */
export function readGround(env: Readonly<Record<string, string | undefined>>, worker?: number): Ground {
  // Where a secret stands is told; what stands there is not.
  knowEnvironment(Object.fromEntries(Object.entries(env).filter(([, value]) => !isReference(value ?? ""))));
  const installed = readInstalled(env);
  const { config } = installed;
  const log = nodeLog(config, worker === undefined ? undefined : { worker });
  const location = databaseLocation(config.databaseUrl);
  if (location.folder !== null) mkdirSync(location.folder, { recursive: true, mode: 0o700 });
  return {
    ...installed,
    env,
    log,
    clock: systemClock,
    location,
    onError: (error) => log.error("the database did not take a write", describeError(error)),
  };
}

/** Whoever makes the checkpoints of the database, for the process that writes to it; undefined where it is in memory. */
export function checkpointsOf({ location, log }: Ground): Checkpoints | undefined {
  if (location.folder === null) return undefined;
  return checkpointsInThread(location.path, (error) =>
    log.error("the thread that makes checkpoints failed", describeError(error)),
  );
}

/**
 * Opens the vault in a store, with the master key of this machine, which is made where there is none.
 * @throws ConfigError when it is not the one that the database was made with.
 */
export async function unlockVault({ config, location, env, log, clock }: Ground, store: Store): Promise<Vault> {
  const warn = (message: string): void => log.warn(message);
  return openVault(await loadMasters({ config, folder: location.folder, env, warn }), { store, clock });
}

/**
 * Opens the house over a store, whose alerts go where they are kept. Rejects when the database does not answer.
 * @param openRoom of credentials, where several processes count together.
 */
export async function openHouse(
  ground: Ground,
  store: Store,
  vault: Vault,
  alerts: Alerts,
  openRoom?: OpenRoom,
): Promise<House> {
  const { config, file, rows, log, clock, location, onError } = ground;
  const { masterKey, digest } = vault;
  const stored = await store.models.list();
  const leftOut = (name: string, why: string): void => log.error("an alias is left out", { alias: name, why });
  const aliases = await openAliases({
    configured: file.aliases.map(toAlias),
    source: storedAliases(store.aliases, leftOut),
    onLeftOut: leftOut,
  });
  const unfollow = followAliases(aliases, onError);
  await ground.references.begin({ log, alerts, strict: config.references === "strict" });
  const onCheckpoint = checkpointFile(file.audit);
  const trail = await openTrail({
    store,
    masterKey,
    clock,
    alerts,
    onError,
    ...(onCheckpoint !== undefined && { onCheckpoint }),
  });
  const router = createRouter({ config, clock, log, alerts });
  const connections = await connect({
    ...ground,
    sandbox: config.sandbox,
    keyring: vault.keyring,
    sourceOf: ground.references.sourceOf,
    lend: onMachine,
    store,
    alerts,
    router,
    ...(openRoom !== undefined && { openRoom }),
  });
  const unfollowConnections = followConnections(connections, onError);
  const reading = readingInThread(store, location.folder === null ? null : location.path, (error) =>
    log.error("the thread that reads failed", describeError(error)),
  );
  const tend = setInterval(() => void trail.tend().catch(onError), upkeepMs).unref();
  return {
    ...ground,
    ...vault,
    store,
    reading,
    catalog: createLiveCatalog(rows, [...file.models, ...stored.map(({ declaration }) => declaration)]),
    aliases,
    administrators: createAdministrators({ admins: store.admins, digest, clock }),
    alerts,
    trail,
    router,
    observing: observeOnNode({ store, measures: router.measures, digest, clock, onError }),
    connections,
    leave: () => {
      unfollow();
      unfollowConnections();
      ground.references.close();
      clearInterval(tend);
      void reading.leave();
    },
  };
}
