// The OpenAI chat request that asks for the same as a recorded request in another dialect. It is an oracle: it is written
// from the providers' documentation and shares nothing with the translators that it judges.
import type { JsonObject, Recording } from "./recordings.ts";
import { fromAnthropic } from "./to-openai-chat/anthropic.ts";
import { fromGemini } from "./to-openai-chat/gemini.ts";
import { Inexpressible } from "./to-openai-chat/inexpressible.ts";

export type ChatRequest =
  | { readonly kind: "expressible"; readonly request: JsonObject }
  /** Why no OpenAI chat request, Turnpike's extensions included, asks for the same. */
  | { readonly kind: "inexpressible"; readonly reason: string };

/**
 * The equivalent of a recording's request. The extensions of Turnpike's chat dialect count: `reasoning_details`,
 * `cache_control`, `tool_calls[].extra_content.google.thought_signature`, `reasoning`, `top_k`.
 * @param recording A recording with a request, of the dialects `openai-chat`, `anthropic-messages` or `gemini`.
 */
export function toOpenAIChat(recording: Recording): ChatRequest {
  const { request, dialect, stream } = recording;
  if (request === null) return { kind: "inexpressible", reason: "the source kept no request" };
  try {
    switch (dialect) {
      case "openai-chat":
        return { kind: "expressible", request };
      case "anthropic-messages":
        return { kind: "expressible", request: withStream(fromAnthropic(request), stream) };
      case "gemini":
        return { kind: "expressible", request: withStream(fromGemini(request), stream) };
      default:
        return { kind: "inexpressible", reason: `no conversion from ${dialect}` };
    }
  } catch (error) {
    if (error instanceof Inexpressible) return { kind: "inexpressible", reason: error.message };
    throw error;
  }
}

/** The least that one can ask this recording's model, in the way (stream or not) in which it answered. */
export function minimalChat(recording: Recording): JsonObject {
  return withStream({ messages: [{ role: "user", content: "Hello" }] }, recording.stream);
}

function withStream(request: JsonObject, stream: boolean): JsonObject {
  return stream ? { ...request, stream: true, stream_options: { include_usage: true } } : request;
}
