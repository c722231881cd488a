// Translates the parameters that steer sampling, and reports those that the Messages API does not have.
import type { Conversation } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import { generationOf, since } from "../generation.ts";
import type { Losses } from "./unsupported.ts";

export interface Sampling {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
}

/** The least `top_p` beside thinking (documentation "Extended thinking", feature compatibility). */
const leastTopPWithThinking = 0.95;

/**
 * `temperature` ends at 1 here. With thinking, and on models from Opus 4.7 and Claude 5 on, only the defaults are accepted
 * (`temperature` 1, `top_p` 1, no `top_k`): those are left out, since they change nothing. Older Claude models refuse
 * `temperature` together with `top_p`; `temperature` wins.
 */
export function encodeSampling(
  { temperature, topP, topK }: Conversation,
  target: Target,
  { thinking, losses }: { readonly thinking: boolean; readonly losses: Losses },
): Sampling {
  const heat = temperature === null ? null : Math.min(Math.max(temperature, 0), 1);
  const generation = generationOf(target.model);
  const fixed =
    target.traits.temperature === false || (generation !== null && generation.version >= since.adaptiveOnly);
  if (fixed || thinking) {
    const why = fixed ? "is not supported by this model" : "can't be combined with reasoning on Anthropic models";
    const takesTopP = !fixed && topP !== null && topP >= leastTopPWithThinking;
    if (heat !== null && heat !== 1) losses.drop("temperature", why);
    if (topP !== null && topP !== 1 && !takesTopP) losses.drop("topP", why);
    if (topK !== null) losses.drop("topK", why);
    return takesTopP && topP !== 1 ? { top_p: topP } : {};
  }
  const top = topK === null ? {} : { top_k: topK };
  if (heat === null || topP === null || generation === null) {
    return { ...(heat !== null && { temperature: heat }), ...(topP !== null && { top_p: topP }), ...top };
  }
  if (heat === 1) return { top_p: topP, ...top };
  if (topP !== 1) losses.drop("topP", "can't be combined with `temperature` on Anthropic models");
  return { temperature: heat, ...top };
}

/** Sequences of white space alone are refused by the API; the others are kept. */
export function encodeStop(stop: readonly string[], losses: Losses): readonly string[] {
  const usable = stop.filter((sequence) => /\S/.test(sequence));
  if (usable.length < stop.length) losses.drop("stop", "has a sequence of white space only, which Anthropic refuses");
  return usable;
}

/** Members without any form here. Values that ask for nothing (a penalty of 0, one choice) are no loss. */
export function reportMissing(conversation: Conversation, losses: Losses): void {
  const why = "is not supported by Anthropic models";
  const { choices, presencePenalty, frequencyPenalty, logitBias, verbosity, modalities } = conversation;
  if (choices !== null && choices > 1) losses.drop("choices", `${why}, which give one answer`);
  if (conversation.seed !== null) losses.drop("seed", why);
  if (presencePenalty !== null && presencePenalty !== 0) losses.drop("presencePenalty", why);
  if (frequencyPenalty !== null && frequencyPenalty !== 0) losses.drop("frequencyPenalty", why);
  if (logitBias !== null && Object.keys(logitBias).length > 0) losses.drop("logitBias", why);
  if (conversation.logprobs !== null) losses.drop("logprobs", why);
  if (verbosity !== null && verbosity !== "medium") losses.drop("verbosity", why);
  if (modalities?.some((modality) => modality !== "text")) losses.drop("modalities", `${why}, which answer in text`);
  if (conversation.audioOutput !== null) losses.drop("audioOutput", `${why}, which answer in text`);
}
