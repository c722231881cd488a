// Usage: OpenAI's totals into disjoint counters, and back. The counters are those of chat, under other names.
import { count, isObject, type Json, list, object } from "../json.ts";
import { readUsage as readChatUsage, servedTier } from "../openai-chat/usage.ts";
import { billed, totalInput, totalOutput, type Usage } from "../usage.ts";
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

/** The usage of a whole response: its tokens, the searches of the web that were made for it, and the tier that served. */
export function usageOf(response: Json): Usage | null {
  const usage = readUsage(response.usage);
  if (usage === null) return null;
  const searches = webSearches(response);
  return billed(
    { ...usage, ...(searches !== null && { webSearches: searches }) },
    { serviceTier: servedTier(response) },
  );
}

/**
 * Searches, as they are billed: OpenAI's newer models count them in `tool_usage`, xAI in its usage. Elsewhere they are the items
 * of the output whose action is a search; opening what was found is none (recording `openai-web-search-tool.1`: one of three).
 * Null when nobody says and there is none.
 */
function webSearches(response: Json): number | null {
  const told =
    count(object(object(response.tool_usage)?.web_search)?.num_requests) ??
    count(object(object(response.usage)?.server_side_tool_usage_details)?.web_search_calls);
  if (told !== null) return told;
  return list(response.output).filter(isSearch).length || null;
}

function isSearch(item: unknown): boolean {
  return isObject(item) && item.type === "web_search_call" && (object(item.action)?.type ?? "search") === "search";
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
