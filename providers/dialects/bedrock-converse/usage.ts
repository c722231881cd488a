// Reads the Converse API's `usage` into disjoint counters.
import type { Usage } from "../usage.ts";
import { asCount, asObjects, asText, type JsonObject } from "./wire.ts";

/**
 * `inputTokens` leaves out what was read from or written to the cache (recording
 * `test_bedrock_cache_messages_with_document_as_last_content.1`: 3 + 1712 + 236 + 121 = `totalTokens` 2072). Reasoning
 * is in `outputTokens`, and nothing tells how much of it. Null when neither is reported.
 */
export function readUsage(wire: JsonObject): Usage | null {
  const input = asCount(wire.inputTokens);
  const output = asCount(wire.outputTokens);
  if (input === null && output === null) return null;
  const cached = asCount(wire.cacheReadInputTokens);
  return {
    inputTokens: input ?? 0,
    ...(cached !== null && { cachedInputTokens: cached }),
    ...cacheWrites(wire),
    outputTokens: output ?? 0,
  };
}

/**
 * Writes by lifetime: `cacheDetails` holds `{ inputTokens, ttl }` for each. The total decides, the details only split
 * it.
 */
function cacheWrites(wire: JsonObject): Pick<Usage, "cacheWriteTokens" | "cacheWrite1hTokens"> {
  const details = asObjects(wire.cacheDetails);
  const ofHour = details.filter(({ ttl }) => asText(ttl) === "1h");
  const hour = sum(ofHour);
  const total = asCount(wire.cacheWriteInputTokens) ?? (details.length === 0 ? null : sum(details));
  if (total === null) return {};
  if (ofHour.length === 0) return { cacheWriteTokens: total };
  const hourOfTotal = Math.min(hour, total);
  return { cacheWriteTokens: total - hourOfTotal, cacheWrite1hTokens: hourOfTotal };
}

function sum(details: readonly JsonObject[]): number {
  return details.reduce((total, { inputTokens }) => total + (asCount(inputTokens) ?? 0), 0);
}
