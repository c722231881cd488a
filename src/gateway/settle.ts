// Settlement: the final usage and cost of a call, whatever happened to it.
import { text } from "../../providers/dialects/json.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
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

/** How a call ended, for its settlement. */
export interface Ending {
  readonly id: string;
  readonly outcome: CallOutcome;
  readonly errorCode: string | null;
  readonly httpStatus: number | null;
  /** Null when nothing was served. */
  readonly usage: Usage | null;
  /** Who served it; null when nobody did. */
  readonly answering: Try | null;
  readonly tries: readonly Try[];
  readonly costOf: CostOf;
  readonly settledAtMs: number;
  readonly durationMs: number;
}

/**
 * The settlement of a call. Nothing served costs nothing; what was served at an unknown price costs an unknown amount; attempts
 * that ran beside the one that answered are paid for too.
 */
export function settlementOf({ usage, answering, tries, costOf, ...ending }: Ending): Settlement {
  const deployment = answering?.step.deployment ?? null;
  const served = usage === null || deployment === null ? 0n : costOf(usage, deployment);
  const ttftMs = answering?.ttftMs ?? null;
  return {
    ...ending,
    provider: deployment?.connection.provider.id ?? null,
    model: deployment?.model ?? null,
    canonicalModel: deployment?.facts?.canonical ?? null,
    finishReason: answering?.reader?.finishReason ?? null,
    usage,
    costNanos: served === null ? null : tries.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), served),
    attempts: tries.map((one) => one.record()),
    ttftMs: ttftMs === null ? null : Math.round(ttftMs),
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
