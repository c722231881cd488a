// Writes a completion as OpenAI's `chat.completion`, and an error as OpenAI's error body.
import type { Choice, Completion } from "../../completion.ts";
import type { AnswerContext, CostView, ErrorView } from "../../dialect.ts";
import { writeAssistant } from "../assistant.ts";
import { writeFinish } from "../finish.ts";
import { hidesReasoning, withoutReasoning } from "../hidden-reasoning.ts";
import { writeUsage } from "../usage.ts";
import type { WireChoice, WireCompletion } from "../wire.ts";

export function writeCompletion(completion: Completion, context: AnswerContext, cost: CostView): WireCompletion {
  return {
    id: completion.id === "" ? context.fallbackId : completion.id,
    object: "chat.completion",
    created: completion.createdS ?? context.nowS,
    model: context.model,
    choices: completion.choices.map((choice) => writeChoice(choice, hidesReasoning(context.request ?? {}))),
    ...(completion.usage === null ? {} : { usage: writeUsage(completion.usage, cost.usd) }),
    ...tierAndFingerprint(completion),
  };
}

/** Words that OpenAI may say for `service_tier` (API reference). Another provider's own word would break typed clients. */
const tiers = ["auto", "default", "flex", "scale", "priority", "fast"] as const;

/** The optional members of an answer and of each chunk. */
export function tierAndFingerprint(said: {
  readonly serviceTier?: string | null;
  readonly systemFingerprint?: string | null;
}): Pick<WireCompletion, "service_tier" | "system_fingerprint"> {
  const tier = tiers.find((word) => word === said.serviceTier);
  const fingerprint = said.systemFingerprint ?? null;
  return {
    ...(tier === undefined ? {} : { service_tier: tier }),
    ...(fingerprint === null ? {} : { system_fingerprint: fingerprint }),
  };
}

function writeChoice(choice: Choice, hidden: boolean): WireChoice {
  const { word, native } = writeFinish(choice.finish, choice.rawFinish);
  return {
    index: choice.index,
    message: writeAssistant(hidden ? withoutReasoning(choice.content) : choice.content),
    logprobs: choice.logprobs as WireChoice["logprobs"],
    finish_reason: word,
    ...(native === null ? {} : { native_finish_reason: native }),
  };
}

/**
 * OpenAI's error body, with the request's id. The `type` follows the status as OpenAI's own errors do (recordings of 400,
 * 401 and 404; OpenAI documentation, "Error codes"):
 *
 * | status | type |
 * | --- | --- |
 * | 402, and 429 for want of money | `insufficient_quota` |
 * | 429 | `rate_limit_error` |
 * | other 4xx | `invalid_request_error` |
 * | 5xx | `server_error` |
 */
export function writeError({ status, code, message, param, requestId }: ErrorView): Record<string, unknown> {
  return { error: { message, type: errorType(status, code), param, code, request_id: requestId } };
}

const moneyCodes: ReadonlySet<string> = new Set(["budget_exceeded", "insufficient_quota"]);

function errorType(status: number, code: string): string {
  if (status === 402 || (status === 429 && moneyCodes.has(code))) return "insufficient_quota";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
