// Removes keys of rules that expired long ago, and tokens that need not be remembered any more.
import type { Clock } from "../clock.ts";
import type { RuleStore } from "../store/port-rules.ts";

const everyMs = 10 * 60_000;
/** SQLite has one writer, who should not be kept from writing for long. */
const sweptAtOnce = 500;

interface Deps {
  readonly rules: RuleStore;
  readonly clock: Clock;
}

/** Removes all that is due by now. */
export async function sweepWorkloads({ rules, clock }: Deps): Promise<void> {
  let swept: number;
  do swept = await rules.sweep(clock.now(), sweptAtOnce);
  while (swept === sweptAtOnce);
}

/** Sweeps now and every few minutes from now on; returns how to stop. */
export function keepWorkloadsSwept(deps: Deps, onError: (error: unknown) => void): () => void {
  const sweep = (): void => void sweepWorkloads(deps).catch(onError);
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return () => clearInterval(timer);
}
