// Usage as this dialect tells it: input without what went through the cache, output with thinking.
import { totalOutput, type Usage } from "../../usage.ts";

/** A counter that is not known is null, never 0 (SDK `Usage`), but for the two that must be numbers. */
export interface WireUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  } | null;
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number } | null;
  readonly service_tier: "standard" | "priority" | "batch" | null;
  /** US dollars; absent when the price is unknown. */
  readonly cost?: number;
}

/** @param costUsd A decimal, or null. */
export function writeUsage(usage: Usage | null, serviceTier: string | null, costUsd: string | null): WireUsage {
  return {
    input_tokens: (usage?.inputTokens ?? 0) + (usage?.inputAudioTokens ?? 0),
    ...cacheCounters(usage),
    output_tokens: usage === null ? 0 : totalOutput(usage),
    output_tokens_details: usage?.reasoningTokens === undefined ? null : { thinking_tokens: usage.reasoningTokens },
    service_tier: writeTier(serviceTier),
    ...(costUsd !== null && { cost: Number(costUsd) }),
  };
}

function cacheCounters(
  usage: Usage | null,
): Pick<WireUsage, "cache_creation_input_tokens" | "cache_read_input_tokens" | "cache_creation"> {
  const { cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens } = usage ?? {};
  const written = cacheWriteTokens ?? cacheWrite1hTokens;
  return {
    cache_creation_input_tokens: written === undefined ? null : (cacheWriteTokens ?? 0) + (cacheWrite1hTokens ?? 0),
    cache_read_input_tokens: cachedInputTokens ?? null,
    cache_creation:
      cacheWrite1hTokens === undefined
        ? null
        : { ephemeral_5m_input_tokens: cacheWriteTokens ?? 0, ephemeral_1h_input_tokens: cacheWrite1hTokens },
  };
}

/** The words that this dialect has. OpenAI's `default` and Gemini's and Anthropic's `standard` are one. */
function writeTier(tier: string | null): WireUsage["service_tier"] {
  switch (tier) {
    case "standard":
    case "default":
      return "standard";
    case "priority":
    case "batch":
      return tier;
    default:
      return null;
  }
}
