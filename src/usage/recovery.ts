// After a crash: every call that was admitted and never settled gets its settlement, once, before new calls come in.
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Clock } from "../clock.ts";
import type { CallStore, OpenCall, Settlement } from "../store/port.ts";

const groupSize = 500;

export interface RecoveryOptions {
  readonly calls: CallStore;
  readonly clock: Clock;
  /** Calls opened before this are a dead process's: the moment when this process took the right to serve. */
  readonly beforeMs: number;
  /** What this usage would have cost, in nanodollars; null when the price is unknown. */
  readonly price: (call: OpenCall, usage: Usage) => bigint | null;
  /** What the customer is charged for it, and how; absent: not known. */
  readonly charge?: (call: OpenCall, costNanos: bigint | null) => Pick<Settlement, "chargedNanos" | "prepaid">;
}

/**
 * Settles the calls that a dead process left open as `interrupted`, with their estimated input: what they had answered
 * is unknown, and the estimate is marked as one; whom their plans had first stands for who served them. Resolves to how many there were. Only the one process that may serve
 * from the database (see store/lock.ts) may do this: to it, a call that another one is serving looks abandoned.
 */
export async function recover({ beforeMs, ...options }: RecoveryOptions): Promise<number> {
  const abandoned = await options.calls.listOpen(beforeMs);
  await settleOpen(abandoned, options);
  return abandoned.length;
}

/** Settles these calls so. Resolves to their settlements; one that has another already keeps that. */
export async function settleOpen(
  abandoned: readonly OpenCall[],
  { calls, clock, price, charge }: Omit<RecoveryOptions, "beforeMs">,
): Promise<readonly Settlement[]> {
  const settled = abandoned.map((call) => interrupted(call, clock.now(), { price, charge }));
  for (let start = 0; start < settled.length; start += groupSize) {
    await calls.append({ opened: [], settled: settled.slice(start, start + groupSize) });
  }
  return settled;
}

type Charging = Pick<RecoveryOptions, "price"> & { readonly charge: RecoveryOptions["charge"] | undefined };

function interrupted(call: OpenCall, settledAtMs: number, { price, charge }: Charging): Settlement {
  const usage: Usage = { inputTokens: call.estimatedInputTokens, outputTokens: 0, estimated: true };
  const costNanos = price(call, usage);
  return {
    id: call.id,
    outcome: "interrupted",
    httpStatus: null,
    errorCode: null,
    provider: call.planned?.provider ?? null,
    model: call.planned?.model ?? null,
    canonicalModel: call.planned?.canonicalModel ?? null,
    finishReason: null,
    usage,
    costNanos,
    ...charge?.(call, costNanos),
    attempts: [],
    settledAtMs,
    ttftMs: null,
    durationMs: 0,
  };
}
