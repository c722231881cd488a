// Removes stored responses that have expired.
import type { Clock } from "../../clock.ts";
import type { ResponseStore } from "../../store/port-responses.ts";

/** Between two sweeps. Nobody is shown what has expired, swept or not. */
const everyMs = 10 * 60_000;
/** SQLite has one writer, who should not be kept from writing for long. */
const sweptAtOnce = 200;

interface Deps {
  readonly responses: ResponseStore;
  readonly clock: Clock;
}

/** Removes all that has expired by now. */
export async function sweepResponses({ responses, clock }: Deps): Promise<void> {
  let swept: number;
  do swept = await responses.sweep(clock.now(), sweptAtOnce);
  while (swept === sweptAtOnce);
}

/** Sweeps now and every few minutes from now on; returns how to stop. */
export function keepResponsesSwept(deps: Deps, onError: (error: unknown) => void): () => void {
  const sweep = (): void => void sweepResponses(deps).catch(onError);
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return () => clearInterval(timer);
}
