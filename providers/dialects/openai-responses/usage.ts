// Usage: OpenAI's totals into disjoint counters, and back. The counters are those of chat, under other names.
import { object } from "../openai-chat/json.ts";
import { readUsage as readChatUsage } from "../openai-chat/usage.ts";
import { totalInput, totalOutput, type Usage } from "../usage.ts";
import type { WireUsage } from "./wire.ts";

/**
 * Reads a `usage` object. `input_tokens` and `output_tokens` are totals that include their details (OpenAI API reference,
 * `ResponseUsage`).
 * @returns null when there is no usage to read.
 */
export function readUsage(value: unknown): Usage | null {
  const usage = object(value);
  if (usage === null) return null;
  return readChatUsage({
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    prompt_tokens_details: usage.input_tokens_details,
    completion_tokens_details: usage.output_tokens_details,
  });
}

/**
 * Writes a `usage` object. Its details are no optional members: what is not known is 0, as at OpenAI.
 * @param usd What the call cost, a decimal of US dollars; null when the price is unknown.
 */
export function writeUsage(usage: Usage, usd: string | null): WireUsage {
  const input = totalInput(usage);
  const output = totalOutput(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      cache_write_tokens: (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: input + output,
    ...(usd === null ? {} : { cost: Number(usd) }),
  };
}
