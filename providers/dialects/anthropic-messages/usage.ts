// Reads the Messages API's `usage` into disjoint counters, whole or as it grows over a stream.
import { billed, type OtherUsage, type Usage } from "../usage.ts";
import { asCount, asObject, asObjects, asText, type JsonObject } from "./wire.ts";

/**
 * The wire usage of a stream so far. Its members are cumulative: one that is reported again replaces the earlier one (a 0
 * too), one that is absent or null keeps it (`RawMessageDeltaEvent.usage` in the SDK's types; recording
 * `test_anthropic-test_anthropic_web_fetch_tool_stream.0`: `input_tokens` 899, then 7244).
 */
export function mergeUsage(earlier: JsonObject | null, later: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [name, value] of Object.entries(later)) {
    if (value !== null && value !== undefined) merged[name] = value;
  }
  return merged;
}

/**
 * `server_tool_use.web_search_requests` are searches, each with a price; `service_tier` and `speed` are those that served.
 * Null when no tokens are reported.
 */
export function readUsage(wire: JsonObject): Usage | null {
  const tokens = readTokens(ownIterations(wire) ?? wire, wire);
  if (tokens === null) return null;
  const searches = asCount(asObject(wire.server_tool_use)?.web_search_requests);
  return billed(
    { ...tokens, ...(searches !== null && { webSearches: searches }) },
    { serviceTier: asText(wire.service_tier), speed: asText(wire.speed), others: advisors(wire) },
  );
}

/**
 * `input_tokens` leaves out what was read from or written to the cache; `output_tokens` contains the thinking tokens.
 * Null when neither is reported.
 */
function readTokens(counted: JsonObject, wire: JsonObject): Usage | null {
  const input = asCount(counted.input_tokens);
  const output = asCount(counted.output_tokens);
  if (input === null && output === null) return null;
  const cached = asCount(counted.cache_read_input_tokens);
  const thinking = asCount(asObject(wire.output_tokens_details)?.thinking_tokens);
  const reasoning = thinking === null ? null : Math.min(thinking, output ?? 0);
  return {
    inputTokens: input ?? 0,
    ...(cached !== null && { cachedInputTokens: cached }),
    ...cacheWrites(counted),
    outputTokens: (output ?? 0) - (reasoning ?? 0),
    ...(reasoning !== null && { reasoningTokens: reasoning }),
  };
}

/**
 * Writes to the cache by lifetime. A stream's last total comes without the split that `message_start` had, so the total
 * decides, and the split only tells how much of it lives an hour.
 */
function cacheWrites(wire: JsonObject): Pick<Usage, "cacheWriteTokens" | "cacheWrite1hTokens"> {
  const split = asObject(wire.cache_creation);
  const hour = asCount(split?.ephemeral_1h_input_tokens);
  const total =
    asCount(wire.cache_creation_input_tokens) ??
    (split === null ? null : (asCount(split.ephemeral_5m_input_tokens) ?? 0) + (hour ?? 0));
  if (total === null) return {};
  if (hour === null) return { cacheWriteTokens: total };
  const hourOfTotal = Math.min(hour, total);
  return { cacheWriteTokens: total - hourOfTotal, cacheWrite1hTokens: hourOfTotal };
}

const summed = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"] as const;

/**
 * Context compaction and the advisor tool run the model several times; the totals leave compaction out, so the `message`
 * and `compaction` entries of `iterations` are summed instead. `advisor_message` bills at another model's price and is not
 * this model's usage (`advisors`). Where a fallback model answered (`fallback_message`), the totals are right as they are.
 */
function ownIterations(wire: JsonObject): JsonObject | null {
  const iterations = asObjects(wire.iterations);
  if (iterations.some((iteration) => iteration.type === "fallback_message")) return null;
  const own = iterations.filter((iteration) => iteration.type === "message" || iteration.type === "compaction");
  if (own.length === 0) return null;
  const sums: Record<string, unknown> = { ...wire };
  for (const name of summed) {
    const counts = own.map((iteration) => asCount(iteration[name]));
    if (counts.some((count) => count !== null)) sums[name] = counts.reduce<number>((sum, n) => sum + (n ?? 0), 0);
  }
  return sums;
}

/** What the advisor tool's model read and wrote, which is billed as that model's (recordings `…_advisor_tool.0`). */
function advisors(wire: JsonObject): readonly OtherUsage[] | null {
  const others = asObjects(wire.iterations).flatMap((iteration): readonly OtherUsage[] => {
    const usage = iteration.type === "advisor_message" ? readTokens(iteration, iteration) : null;
    return usage === null ? [] : [{ model: asText(iteration.model), usage }];
  });
  return others.length === 0 ? null : others;
}
