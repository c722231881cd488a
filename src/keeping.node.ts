// Keeping: what one process alone may do for an installation. It recovers what the last run left, and looks after what time changes.

import { createAlerting } from "./alerting.ts";
import { keepResponsesSwept } from "./api/responses/sweep.ts";
import { chargeForOpen, priceOfOpen } from "./assemble.ts";
import { ConfigError } from "./config.ts";
import type { House } from "./house.node.ts";
import { keepWorkloadsSwept } from "./identity/sweep.ts";
import { followQuietOverlaps } from "./keys/quiet-overlaps.ts";
import { createDiskLook } from "./observe/disk.node.ts";
import { keepPromptsSwept } from "./prompts/sweep.ts";
import { lockWhenFree } from "./store/lock.ts";
import { createUpkeep, upkeepMs } from "./upkeep.ts";
import { logFileOf, readLogFile, removeLogFile, workersWithLogs } from "./usage/call-log.node.ts";
import { replay } from "./usage/call-log.ts";
import { type ExpiryDeps, expireCredits } from "./usage/expiry.ts";
import { type RecoveryOptions, recover } from "./usage/recovery.ts";
import { keepRecords } from "./usage/retention.ts";

/** Where the journal's log is; null where the database is in memory. */
export function callLogPath({ location }: Pick<House, "location">): string | null {
  return location.folder === null ? null : `${location.path}.calls`;
}

/** How long a start waits for processes of a run that was killed: they end as soon as they notice. */
const workersEndMs = 10_000;

/** What settling calls that a dead process left open takes. */
export async function recovering({ store, clock, catalog }: House): Promise<Omit<RecoveryOptions, "beforeMs">> {
  return { calls: store.calls, clock, price: priceOfOpen(catalog), charge: await chargeForOpen(store) };
}

/**
 * Settles what dead processes left open. To be done before calls come in, by whoever holds the right to serve.
 * @throws ConfigError when a process of the last run goes on.
 */
export async function recoverCalls(house: House): Promise<void> {
  const { store, clock, log } = house;
  const path = callLogPath(house);
  if (path !== null) await replayLogs(path, store);
  const recovered = await recover({ ...(await recovering(house)), beforeMs: clock.now() });
  if (recovered > 0) log.warn("settled calls that the last run left open", { calls: recovered });
}

async function replayLogs(path: string, { calls }: House["store"]): Promise<void> {
  await replay(calls, readLogFile(path));
  for (const worker of workersWithLogs(path)) {
    const own = logFileOf(path, worker);
    const unlock = await lockWhenFree(own, workersEndMs);
    if (unlock === null)
      throw new ConfigError(`Worker ${worker} of the last run is still there (${own}). End it first.`);
    await replay(calls, readLogFile(own));
    unlock();
    removeLogFile(own);
  }
}

/**
 * Takes up what the last run measured, and does from now on what is due with time.
 * @param forgetKey told of a key that time has changed.
 * @param withdraw takes expiring credit from the limits of calls.
 * @returns what ends it, with a last round.
 */
export async function keepUp(
  house: House,
  forgetKey: (keyId: string) => void,
  withdraw: NonNullable<ExpiryDeps["withdraw"]>,
): Promise<() => Promise<void>> {
  const { store, reading, config, location, clock, log, connections, router, alerts, onError } = house;
  const expire = setInterval(
    () => void expireCredits({ ledger: store.ledger, clock, withdraw }).catch(onError),
    upkeepMs,
  ).unref();
  const unfollowOverlaps = followQuietOverlaps({ keys: store.keys, clock, onChange: forgetKey }, onError);
  const stopSweeping = [
    keepRecords({ rollups: store.rollups, clock, retentionDays: config.retentionDays }, onError),
    keepResponsesSwept({ responses: store.responses, clock }, onError),
    keepWorkloadsSwept({ rules: store.rules, clock }, onError),
    keepPromptsSwept({ prompts: store.prompts, clock }, onError),
  ];
  const upkeep = createUpkeep({
    measures: router.measures,
    connections: connections.current(),
    alerts,
    store,
    clock,
    log,
  });
  await upkeep.begin();
  const tend = setInterval(() => void upkeep.tend().catch(onError), upkeepMs).unref();
  const look = createAlerting({ store: reading, alerts, config, clock, onError });
  const lookAtDisk = location.folder === null ? async () => {} : createDiskLook(location.folder, alerts);
  const alerting = setInterval(() => void lookAtDisk().then(look), upkeepMs).unref();
  return async () => {
    clearInterval(alerting);
    clearInterval(expire);
    clearInterval(tend);
    unfollowOverlaps();
    for (const stop of stopSweeping) stop();
    await upkeep.tend().catch(onError);
  };
}
