// Retention: rolls up what an earlier version settled, and removes the records of calls that are older than the operator keeps them.
import type { Clock } from "../clock.ts";
import type { RollupStore } from "../store/port-rollups.ts";

/** SQLite has one writer, and on Node it holds up the calls of its process: little at a time, and a rest after each. */
const removedAtOnce = 50;
const restTimes = 3;
/** Between two rounds. */
const everyMs = 60_000;
const dayMs = 86_400_000;

export interface RetentionDeps {
  readonly rollups: RollupStore;
  readonly clock: Clock;
  /** How many whole days before today are kept; null for all. */
  readonly retentionDays: number | null;
}

/** Does what is to be done, for as long as it may go on. Sums of usage stay what they are. */
export async function tendRecords(
  { rollups, clock, retentionDays }: RetentionDeps,
  goesOn: () => boolean,
): Promise<void> {
  const step = async (work: () => Promise<boolean>): Promise<boolean> => {
    if (!goesOn()) return false;
    const begun = clock.monotonic();
    const more = await work();
    const restMs = (clock.monotonic() - begun) * restTimes;
    if (more) await new Promise((resolve) => setTimeout(resolve, restMs));
    return more;
  };
  while (await step(() => rollups.fill()));
  if (retentionDays === null) return;
  const nowMs = clock.now();
  const beforeMs = nowMs - (nowMs % dayMs) - retentionDays * dayMs;
  while (await step(async () => (await rollups.removeCalls(beforeMs, removedAtOnce)) === removedAtOnce));
}

/** Does so now and every minute from now on; returns how to stop. */
export function keepRecords(deps: RetentionDeps, onError: (error: unknown) => void): () => void {
  let stopped = false;
  let busy = false;
  const round = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    await tendRecords(deps, () => !stopped).catch((error) => {
      // What was going on when the database was closed is done again by the next run.
      if (!stopped) onError(error);
    });
    busy = false;
  };
  void round();
  const timer = setInterval(() => void round(), everyMs).unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
