// Removes stored responses that have expired.
import type { Clock } from "../../clock.ts";
import type { ResponseStore } from "../../store/port-responses.ts";

/** Between two sweeps. Nobody is shown what has expired, swept or not. */
const everyMs = 10 * 60_000;
/** SQLite has one writer, and on Node it holds up the calls of its process: little at a time, and a rest after each. */
const sweptAtOnce = 50;
const restMs = 5;

interface Deps {
  readonly responses: ResponseStore;
  readonly clock: Clock;
}

/** Removes all that has expired by now, for as long as it may go on. */
export async function sweepResponses({ responses, clock }: Deps, goesOn = () => true): Promise<void> {
  while (goesOn() && (await responses.sweep(clock.now(), sweptAtOnce)) === sweptAtOnce) {
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** Sweeps now and every few minutes from now on; returns how to stop. */
export function keepResponsesSwept(deps: Deps, onError: (error: unknown) => void): () => void {
  let stopped = false;
  const sweep = (): void => {
    sweepResponses(deps, () => !stopped).catch((error) => {
      // What was going on when the database was closed is done by the next run.
      if (!stopped) onError(error);
    });
  };
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
