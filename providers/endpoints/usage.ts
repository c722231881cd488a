// Usage as the endpoints beside chat report it.
import { count, type Json, object } from "../dialects/json.ts";
import type { Usage } from "../dialects/usage.ts";

/**
 * OpenAI's `usage` of an answer or a stream's event, in each of its forms: `prompt_tokens` (embeddings, completions),
 * `input_tokens` (images, transcriptions; their audio and cached tokens apart), `total_tokens` alone (Voyage, Jina), `seconds` of `type: "duration"`
 * (OpenAI API reference, "Create transcription"). Null when the answer says nothing.
 */
export function tokenUsage(answer: Json): Usage | null {
  const usage = object(answer.usage);
  if (usage === null) return null;
  const seconds = usage.seconds;
  if (typeof seconds === "number" && seconds >= 0) return { inputTokens: 0, outputTokens: 0, audioSeconds: seconds };
  const output = count(usage.completion_tokens) ?? count(usage.output_tokens) ?? 0;
  const total = count(usage.total_tokens);
  const input = count(usage.prompt_tokens) ?? count(usage.input_tokens) ?? (total === null ? null : total - output);
  if (input === null || input < 0) return null;
  const inside =
    object(usage.input_token_details) ?? object(usage.input_tokens_details) ?? object(usage.prompt_tokens_details);
  const audio = count(inside?.audio_tokens);
  const cached = count(inside?.cached_tokens);
  return {
    inputTokens: Math.max(0, input - (audio ?? 0) - (cached ?? 0)),
    outputTokens: output,
    ...(audio !== null && { inputAudioTokens: audio }),
    ...(cached !== null && { cachedInputTokens: cached }),
  };
}
