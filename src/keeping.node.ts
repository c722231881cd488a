// Keeping: what one process alone may do for an installation. It recovers what the last run left, and looks after what time changes.
import { keepResponsesSwept } from "./api/responses/sweep.ts";
import { chargeForOpen, priceOfOpen } from "./assemble.ts";
import type { House } from "./house.node.ts";
import { keepWorkloadsSwept } from "./identity/sweep.ts";
import { followQuietOverlaps } from "./keys/quiet-overlaps.ts";
import { keepPromptsSwept } from "./prompts/sweep.ts";
import { createUpkeep, upkeepMs } from "./upkeep.ts";
import { readLogFile } from "./usage/call-log.node.ts";
import { replay } from "./usage/call-log.ts";
import { expireCredits } from "./usage/expiry.ts";
import { recover } from "./usage/recovery.ts";

/** Where the journal's log is; null where the database is in memory. */
export function callLogPath({ location }: Pick<House, "location">): string | null {
  return location.folder === null ? null : `${location.path}.calls`;
}

/** Settles what dead processes left open. To be done before calls come in, by whoever holds the right to serve. */
export async function recoverCalls(house: House): Promise<void> {
  const { store, clock, catalog, log } = house;
  const path = callLogPath(house);
  if (path !== null) await replay(store.calls, readLogFile(path));
  const recovered = await recover({
    calls: store.calls,
    clock,
    beforeMs: clock.now(),
    price: priceOfOpen(catalog),
    charge: await chargeForOpen(store),
  });
  if (recovered > 0) log.warn("settled calls that the last run left open", { calls: recovered });
}

/**
 * Takes up what the last run measured, and does from now on what is due with time.
 * @param forgetKey told of a key that time has changed.
 * @returns what ends it, with a last round.
 */
export async function keepUp(house: House, forgetKey: (keyId: string) => void): Promise<() => Promise<void>> {
  const { store, clock, log, connections, router, alerts, onError } = house;
  const expire = setInterval(
    () => void expireCredits({ ledger: store.ledger, clock }).catch(onError),
    upkeepMs,
  ).unref();
  const unfollowOverlaps = followQuietOverlaps({ keys: store.keys, clock, onChange: forgetKey }, onError);
  const stopSweeping = [
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
  return async () => {
    clearInterval(expire);
    clearInterval(tend);
    unfollowOverlaps();
    for (const stop of stopSweeping) stop();
    await upkeep.tend().catch(onError);
  };
}
