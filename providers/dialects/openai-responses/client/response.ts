// Reads a whole response of a provider.
import type { Completion, Logprobs, TokenLogprob } from "../../completion.ts";
import type { Vendor } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { count, type Json, list, object, string, text } from "../../json.ts";
import { readLogprobs } from "../../openai-chat/logprobs.ts";
import { failureInside, protocolFailure } from "../error.ts";
import { readFinish } from "../finish.ts";
import { TurnReader } from "../turn.ts";
import { usageOf } from "../usage.ts";

/**
 * Items of built-in tools are passed over: they say how the answer came about, not what it is. A response that a provider
 * still works on (`background`) has no content yet, and its status as `rawFinish`.
 * @param vendor Whose ciphertext the provider's reasoning holds.
 * @returns A failure when the body holds an error (`status: failed`) or is no response.
 */
export function readResponse(body: unknown, vendor: Vendor | null): Completion | ProviderFailure {
  const response = object(body);
  if (response === null) return protocolFailure("The provider's answer is not a JSON object.");
  const failure = failureInside(response) ?? unexplained(response);
  if (failure !== null) return failure;
  if (!Array.isArray(response.output)) return protocolFailure("The provider's answer has no output.");
  const turn = new TurnReader(vendor);
  for (const value of response.output) {
    const item = object(value);
    if (item !== null) turn.add(item);
  }
  const finish = readFinish(
    response,
    turn.parts.some((part) => part.type === "tool-call"),
  );
  return {
    id: string(response.id) ?? "",
    model: string(response.model) ?? "",
    createdS: createdOf(response),
    choices: [
      {
        index: 0,
        content: turn.parts,
        finish: finish.reason,
        rawFinish: finish.raw,
        logprobs: outputLogprobs(response),
      },
    ],
    usage: usageOf(response),
    serviceTier: text(response.service_tier),
    systemFingerprint: null,
  };
}

/** A failed response whose `error` says nothing. */
export function unexplained(response: Json): ProviderFailure | null {
  return response.status === "failed" ? failureInside({ error: { message: "The provider's model failed." } }) : null;
}

/** Some servers give fractions of a second. */
export function createdOf(response: Json): number | null {
  return typeof response.created_at === "number" ? count(Math.floor(response.created_at)) : null;
}

/** Those of all output texts, in order. */
function outputLogprobs(response: Json): Logprobs | null {
  const tokens: TokenLogprob[] = [];
  for (const item of list(response.output)) {
    for (const part of list(object(item)?.content)) tokens.push(...tokenLogprobs(object(part)?.logprobs));
  }
  return tokens.length === 0 ? null : { content: tokens, refusal: null };
}

/** The log probabilities of one output text, or of one of its deltas. */
export function tokenLogprobs(value: unknown): readonly TokenLogprob[] {
  return readLogprobs({ content: value })?.content ?? [];
}
