// Removes logged prompts whose time is over.
import type { Clock } from "../clock.ts";
import type { PromptLogStore } from "../store/port-prompts.ts";

/** Between two sweeps. Nobody is shown what has expired, swept or not. */
const everyMs = 10 * 60_000;
const sweptAtOnce = 200;

interface Deps {
  readonly prompts: PromptLogStore;
  readonly clock: Clock;
}

/** Removes all that has expired by now. */
export async function sweepPrompts({ prompts, clock }: Deps): Promise<void> {
  let swept: number;
  do swept = await prompts.sweep(clock.now(), sweptAtOnce);
  while (swept === sweptAtOnce);
}

/** Sweeps now and every few minutes from now on; returns how to stop. */
export function keepPromptsSwept(deps: Deps, onError: (error: unknown) => void): () => void {
  const sweep = (): void => void sweepPrompts(deps).catch(onError);
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return () => clearInterval(timer);
}
