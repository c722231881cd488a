// Settlement: the final usage and cost of a call, whatever happened to it.
import type { Conversation } from "../../providers/dialects/conversation.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Seen } from "./readers.ts";

/** Counts tokens where a provider did not. */
export interface Counting {
  input(conversation: Conversation): number;
  output(text: string): number;
}

/** What a call's cost is, in nanodollars; null when the price is unknown. */
export type CostOf = (usage: Usage, deployment: Deployment) => bigint | null;

/**
 * The usage of an answer: the provider's own; else, what it reported completed by counting; else all counted.
 * @param reported what the provider said, possibly only the input (a stream that was cut).
 * @param complete whether the provider's report is final.
 */
export function finalUsage(
  reported: Usage | null,
  complete: boolean,
  estimate: { readonly inputTokens: () => number; readonly seen: () => Seen; readonly counting: Counting },
): Usage {
  if (reported !== null && complete) return reported;
  const { sample, scale } = estimate.seen();
  const counted = sample === "" ? 0 : Math.round(estimate.counting.output(sample) * scale);
  if (reported === null) {
    return { inputTokens: estimate.inputTokens(), outputTokens: counted, estimated: true };
  }
  // Output is reported as it grows, or not at all before the end: the larger of the two is nearer to the truth.
  const reasoning = reported.reasoningTokens ?? 0;
  const outputTokens = Math.max(reported.outputTokens, counted - reasoning);
  return { ...reported, outputTokens, estimated: true };
}
