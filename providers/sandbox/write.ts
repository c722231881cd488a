// Writes an answer as OpenAI does: whole, or as the deltas of a stream.
import type { TokenLogprob } from "../dialects/completion.ts";
import type { Answer, Draft } from "./answer.ts";
import { createdS } from "./identity.ts";
import { logprobOf } from "./logprobs.ts";
import { piecesOf } from "./pieces.ts";
import type { ChatRequest } from "./request.ts";

/** What every object of one response repeats. */
export interface Envelope {
  readonly id: string;
  readonly model: string;
}

/** A whole chat completion. */
export function completionBody(answer: Answer, request: ChatRequest, envelope: Envelope): Record<string, unknown> {
  const choices = answer.choices.map((draft, index) => ({
    index,
    message: {
      role: "assistant",
      content: draft.content,
      refusal: draft.refusal,
      ...(draft.reasoning !== "" && { reasoning_content: draft.reasoning }),
      ...(draft.calls.length > 0 && {
        tool_calls: draft.calls.map((call) => ({
          id: call.id,
          type: "function",
          function: { name: call.name, arguments: call.arguments },
        })),
      }),
      annotations: [],
    },
    logprobs: wholeLogprobs(draft, request),
    finish_reason: draft.finish,
  }));
  return {
    id: envelope.id,
    object: "chat.completion",
    created: createdS,
    model: envelope.model,
    choices,
    usage: usageBody(answer),
    service_tier: "default",
    system_fingerprint: "fp_sandbox",
  };
}

/** One chunk of a stream. `usage` is left out unless the client asked for it: then it is null until the last chunk. */
export function chunkBody(
  envelope: Envelope,
  choices: readonly Record<string, unknown>[],
  usage?: Record<string, unknown> | null,
): Record<string, unknown> {
  return {
    id: envelope.id,
    object: "chat.completion.chunk",
    created: createdS,
    model: envelope.model,
    service_tier: "default",
    system_fingerprint: "fp_sandbox",
    choices,
    ...(usage !== undefined && { usage }),
  };
}

export function usageBody({ promptTokens, completionTokens, reasoningTokens }: Answer): Record<string, unknown> {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** A step of a streamed choice; `content` says whether it carries a piece of the answer, which takes its time. */
export interface Step {
  readonly choice: Record<string, unknown>;
  readonly content: boolean;
}

/** The steps of one choice: its role, its pieces, its end. Together they say what the whole answer says. */
export function* stepsOf(draft: Draft, index: number, request: ChatRequest): Generator<Step> {
  const top = topOf(request);
  const step = (delta: object, more: { content?: boolean; finish?: string; logprobs?: object | null } = {}): Step => ({
    choice: { index, delta, logprobs: more.logprobs ?? null, finish_reason: more.finish ?? null },
    content: more.content ?? true,
  });
  const first = draft.calls.length > 0 || draft.content === null ? null : "";
  yield step({ role: "assistant", content: first, refusal: null }, { content: false });
  for (const piece of piecesOf(draft.reasoning)) yield step({ reasoning_content: piece });
  for (const [at, piece] of piecesOf(draft.content ?? "").entries()) {
    const logprobs = top === null ? null : { content: [logprobOf(piece, at, top)], refusal: null };
    yield step({ content: piece }, { logprobs });
  }
  for (const piece of piecesOf(draft.refusal ?? "")) yield step({ refusal: piece });
  for (const [at, call] of draft.calls.entries()) {
    const opening = { index: at, id: call.id, type: "function", function: { name: call.name, arguments: "" } };
    yield step({ tool_calls: [opening] });
    for (const piece of piecesOf(call.arguments)) {
      yield step({ tool_calls: [{ index: at, function: { arguments: piece } }] });
    }
  }
  yield step({}, { content: false, finish: draft.finish });
}

/** Alternatives of each token; the model `logprobs` gives the chosen ones even unasked. */
function topOf({ model, topLogprobs }: ChatRequest): number | null {
  return topLogprobs ?? (model === "logprobs" ? 0 : null);
}

function wholeLogprobs({ content }: Draft, request: ChatRequest): { content: TokenLogprob[]; refusal: null } | null {
  const top = topOf(request);
  if (top === null || content === null) return null;
  return { content: piecesOf(content).map((piece, at) => logprobOf(piece, at, top)), refusal: null };
}
