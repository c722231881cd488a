// Model rules: what OpenAI's reasoning models refuse that its other models take.
import type { ReasoningRequest } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import type { Behaviour } from "../quirks.ts";

/** The name of the output limit in a body that is written anew. At OpenAI every chat model knows the newer one. */
export function maxTokensField(quirks: Behaviour): "max_tokens" | "max_completion_tokens" {
  return quirks.maxTokensField ?? "max_completion_tokens";
}

/** Whether the model is one of OpenAI's reasoning models, as far as is known. */
export function reasons({ traits }: Target): boolean {
  return traits.reasoning ?? traits.temperature === false;
}

/**
 * Whether the model refuses `temperature`, `top_p`, penalties, `logprobs` and `logit_bias` (OpenAI documentation,
 * "Reasoning models" and "Using GPT-5.1": with effort `none` they are taken).
 */
export function refusesSampling(
  target: Target,
  effort: ReasoningRequest["effort"],
  { reasoningRefusesSampling }: Behaviour,
): boolean {
  const { traits } = target;
  if (effort === "none" && traits.reasoningEfforts?.includes("none")) return false;
  if (traits.temperature !== undefined) return !traits.temperature;
  return reasoningRefusesSampling && traits.reasoning === true;
}
