// Finish reasons: OpenAI's closed list, the words that other servers use for the same, and the way back.
import type { FinishReason } from "../completion.ts";
import type { WireFinish } from "./wire.ts";

/** Words seen in recordings and in the servers' documentation. An unknown word is a plain stop. */
const known: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop", // Together
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length", // Mistral
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls", // OpenAI, legacy `functions`
  content_filter: "content-filter",
  safety: "content-filter",
  sensitive: "content-filter", // Z.ai
  refusal: "content-filter",
  error: "error", // OpenRouter, Mistral
  network_error: "error", // Z.ai
  insufficient_system_resource: "error", // DeepSeek
};

/**
 * @param raw The wire's word, null when there was none.
 * @param calledTools Whether the choice holds a tool call. OpenAI says `stop` when a call was forced by name, and some
 *   servers say so always; a client that runs tools must be told.
 */
export function readFinish(raw: string | null, calledTools: boolean): FinishReason {
  const reason = raw === null ? "stop" : (known[raw.toLowerCase()] ?? "stop");
  return reason === "stop" && calledTools ? "tool-calls" : reason;
}

const words: Readonly<Record<FinishReason, WireFinish>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  error: "stop",
};

/** OpenAI's word, and the provider's own where it differs: the list of words is closed, so it needs a second place. */
export function writeFinish(
  reason: FinishReason,
  raw: string | null,
): { readonly word: WireFinish; readonly native: string | null } {
  const word = words[reason];
  const own = raw ?? (reason === "error" ? "error" : word);
  return { word, native: own === word ? null : own };
}
