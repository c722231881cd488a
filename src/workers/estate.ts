// The estate of a worker that is gone: its calls are settled, and what they held is given back.
import { totalInput, totalOutput } from "../../providers/dialects/usage.ts";
import type { Used } from "../limits/limiter.ts";
import type { OpenCall, Settlement } from "../store/port.ts";
import { type Logged, replay } from "../usage/call-log.ts";
import { type RecoveryOptions, settleOpen } from "../usage/recovery.ts";

export interface Estate {
  /** Calls that the database has as open ones of this worker's. */
  readonly open: ReadonlyMap<string, OpenCall>;
  /** What its log holds. */
  readonly logged: Logged;
}

/**
 * Brings into the database what the worker had recorded, and settles as interrupted what it left open.
 * @returns what its calls have used, by their ids: of those that the worker had last to do with.
 */
export async function settleEstate(
  { open, logged }: Estate,
  options: Omit<RecoveryOptions, "beforeMs">,
): Promise<ReadonlyMap<string, Used>> {
  await replay(options.calls, logged);
  const settled = new Set(logged.settled.map(({ id }) => id));
  const known = new Map([...open, ...logged.opened.map((call) => [call.id, call] as const)]);
  const interrupted = await settleOpen(
    [...known.values()].filter(({ id }) => !settled.has(id)),
    options,
  );
  return new Map([...logged.settled, ...interrupted].map((settlement) => [settlement.id, usedOf(settlement)]));
}

function usedOf({ usage, costNanos }: Settlement): Used {
  return { tokens: usage === null ? 0 : totalInput(usage) + totalOutput(usage), nanos: costNanos };
}
