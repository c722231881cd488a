// Settlement: the final usage and cost of a call, whatever happened to it.
import { text } from "../../providers/dialects/json.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { chargeFor, type Percent } from "../limits/charge.ts";
import type { Deployment } from "../router/deployment.ts";
import type { CallOutcome, Settlement } from "../store/port.ts";
import type { Counting } from "../usage/counting.ts";
import type { PriceTerms } from "../usage/price.ts";
import type { Call } from "./call.ts";
import type { Seen } from "./readers.ts";
import type { Try } from "./try.ts";

/**
 * What a call's cost is, in nanodollars; null when the price is unknown.
 * @param asked how the call asked to be served, where the provider does not say how it did.
 */
export type CostOf = (usage: Usage, deployment: Deployment, asked?: PriceTerms) => bigint | null;

/** How a call asks to be served, in the words of the dialects that have a price for it. */
export function termsOf({ body }: Pick<Call, "body">): PriceTerms {
  return { serviceTier: text(body.service_tier) ?? text(body.serviceTier), speed: text(body.speed) };
}

/** What the tokens of an answer are counted from, where its provider did not report them. */
export interface Estimate {
  inputTokens(): number | Promise<number>;
  seen(): Seen;
  readonly counting: Counting;
}

/**
 * The usage of an answer: the provider's own; else, what it reported completed by counting; else all counted.
 * At once where nothing must be counted.
 * @param reported what the provider said, possibly only the input (a stream that was cut).
 * @param complete whether the provider's report is final.
 */
export function finalUsage(reported: Usage | null, complete: boolean, estimate: Estimate): Usage | Promise<Usage> {
  return reported !== null && complete ? reported : counted(reported, estimate);
}

/** How a call ended, and what the client was told of it. */
export interface Ended {
  readonly outcome: CallOutcome;
  readonly errorCode: string | null;
  readonly httpStatus: number | null;
}

/** What a settlement is made of. */
export interface Ending {
  readonly call: Pick<Call, "id">;
  readonly ending: Ended;
  /** Null when nothing was served. */
  readonly usage: Usage | null;
  /** Who served it; null when nobody did. */
  readonly answering: Try | null;
  readonly tries: readonly Try[];
  /** What its usage costs, on the terms that it asked for. */
  readonly pricing: { costOf(usage: Usage, deployment: Deployment): bigint | null };
  /** What the customer is charged of the cost. */
  readonly percent: Percent;
  readonly prepaid: boolean;
  readonly settledAtMs: number;
  readonly durationMs: number;
}

/**
 * The settlement of a call. Nothing served costs nothing; what was served at an unknown price costs an unknown amount; attempts
 * that ran beside the one that answered are paid for too.
 */
export function settlementOf(of: Ending): Settlement {
  const { ending, usage, answering, tries } = of;
  const deployment = answering?.step.deployment ?? null;
  const served = usage === null || deployment === null ? 0n : of.pricing.costOf(usage, deployment);
  const costNanos = served === null ? null : tries.reduce((sum, one) => sum + (one.costNanos ?? 0n), served);
  const ttftMs = answering?.ttftMs ?? null;
  // Member by member: the rest of a spread costs more than all of the above.
  return {
    id: of.call.id,
    outcome: ending.outcome,
    errorCode: ending.errorCode,
    httpStatus: ending.httpStatus,
    provider: deployment?.connection.provider.id ?? null,
    model: deployment?.model ?? null,
    canonicalModel: deployment?.facts?.canonical ?? null,
    finishReason: answering?.reader?.finishReason ?? null,
    usage,
    costNanos,
    chargedNanos: costNanos === null ? null : chargeFor(costNanos, of.percent),
    prepaid: of.prepaid,
    attempts: tries.map((one) => one.record()),
    settledAtMs: of.settledAtMs,
    ttftMs: ttftMs === null ? null : Math.round(ttftMs),
    durationMs: of.durationMs,
  };
}

async function counted(reported: Usage | null, { inputTokens, seen, counting }: Estimate): Promise<Usage> {
  const { sample, scale } = seen();
  const output = sample === "" ? 0 : Math.round((await counting.output(sample)) * scale);
  if (reported === null) return { inputTokens: await inputTokens(), outputTokens: output, estimated: true };
  // Output is reported as it grows, or not at all before the end: the larger of the two is nearer to the truth.
  const outputTokens = Math.max(reported.outputTokens, output - (reported.reasoningTokens ?? 0));
  return { ...reported, outputTokens, estimated: true };
}
