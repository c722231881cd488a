// The Node entry: opens an installation, listens, and stops without dropping a call.
import { administer } from "./administering.node.ts";
import { keepAudit } from "./auditing.node.ts";
import { bootstrap, type FirstStart } from "./bootstrap.ts";
import { checkpointsOf, type Ground, openHouse, readGround, unlockVault } from "./house.node.ts";
import { callLogPath, keepUp, recoverCalls } from "./keeping.node.ts";
import { KeyRing } from "./keys/ring.ts";
import { createLimiter, withdrawalsFrom } from "./limiting.ts";
import { limitsOf } from "./limits/call-limits.ts";
import { notifyOnNode } from "./notifying.node.ts";
import type { NodeLog } from "./observe/log.node.ts";
import { serveCalls } from "./serving.node.ts";
import { lockForServing } from "./store/lock.ts";
import { openSqlite } from "./store/sqlite.ts";
import { openLogFile } from "./usage/call-log.node.ts";
import { createJournal } from "./usage/journal.ts";

export interface Running {
  /** Where it listens: `http://127.0.0.1:8787`. */
  readonly url: string;
  /** The secrets of a first start, to be shown once; null on every later one. */
  readonly first: FirstStart | null;
  readonly log: NodeLog;
  /**
   * Reads the configuration file again: new processes take over, old ones serve what they have begun. Rejects when the new ones
   * can't start, and the old ones go on. Absent where one process does all.
   */
  reload?(): Promise<void>;
  /** Stops taking calls, waits for those that run, writes what is to be written. */
  close(): Promise<void>;
}

/**
 * Starts a gateway from environment variables.
 * @throws ConfigError when a setting can't be used, or another process serves from the same database.
 */
export async function start(env: Readonly<Record<string, string | undefined>>): Promise<Running> {
  const ground = readGround(env);
  return ground.config.workers > 1 ? (await import("./keeper.node.ts")).startKeeper(ground) : startAlone(ground);
}

/** One process, which does all. */
async function startAlone(ground: Ground): Promise<Running> {
  const unlock = lockForServing(ground.location.path);
  const store = await openSqlite(ground.location.path, checkpointsOf(ground));
  const vault = await unlockVault(ground, store);
  const { digest } = vault;
  const { config, clock, log, onError } = ground;
  const first = await bootstrap({ store, digest, clock, adminKey: config.adminKey });
  const notifying = notifyOnNode({ config, store, masterKey: vault.masterKey, clock, log, onError });
  const house = await openHouse(ground, store, vault, notifying.alerts);
  await recoverCalls(house);

  const logPath = callLogPath(house);
  const journal = createJournal({
    calls: store.calls,
    clock,
    log: logPath === null ? null : openLogFile(logPath),
    onError,
  });
  house.observing.followJournal(journal, house.alerts);
  const ring = new KeyRing({ keys: store.keys, digest, clock, onError });
  ring.watch();
  const limiter = createLimiter({
    calls: store.calls,
    ledger: store.ledger,
    clock,
    log,
    alerts: house.alerts,
    flush: () => journal.flush(),
  });
  const endUpkeep = await keepUp(house, (id) => ring.forget(id), withdrawalsFrom(limiter));
  const auditing = await keepAudit(house);
  const serving = await serveCalls(house, {
    ring,
    journal,
    limits: limitsOf(limiter, clock.now),
    admin: administer(house, { ring, notifying, exporters: auditing.exporters }),
  });

  let closing: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await serving.close();
    house.leave();
    await endUpkeep();
    await house.observing.close();
    await notifying.close();
    await ring.close();
    await journal.close();
    await auditing.close();
    await house.trail.close().catch(onError);
    await store.close();
    unlock();
  };
  return {
    url: serving.url,
    first,
    log,
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}
