// Reads Cohere's `usage` into disjoint counters.
import { billed, type Usage } from "../usage.ts";
import { asCount, asObject, type JsonObject } from "./wire.ts";

/**
 * Cohere reports twice: `tokens`, what the model read and wrote, and `billed_units`, what it charges for, which leaves
 * out its own prompt template (1490 beside 57 input tokens in recording
 * `chat-function-calling-…-multiple-tool-calls-in-a-s-1`) and takes in what was cached. Usage is `tokens`, which is what
 * limits and context windows are about, and the cost is that of `billed_units`; each stands in for the other where that is
 * missing.
 *
 * `cached_tokens` are part of `input_tokens` (2928 of 2935 in recording `test_request_usage_with_cached_tokens.0`),
 * `image_tokens` are not (34 beside 259, billed together as 267, in recording `chat-vision-models-…-local-images`);
 * `reasoning_tokens` are part of `output_tokens`.
 */
export function readUsage(wire: JsonObject): Usage | null {
  const tokens = asObject(wire.tokens) ?? asObject(wire.billed_units);
  const input = asCount(tokens?.input_tokens);
  const output = asCount(tokens?.output_tokens);
  if (input === null && output === null) return null;
  const total = (input ?? 0) + (asCount(tokens?.image_tokens) ?? 0);
  const cached = asCount(wire.cached_tokens);
  const hit = cached === null ? null : Math.min(cached, total);
  const thinking = asCount(tokens?.reasoning_tokens);
  const reasoning = thinking === null ? null : Math.min(thinking, output ?? 0);
  const usage = {
    inputTokens: total - (hit ?? 0),
    ...(hit !== null && { cachedInputTokens: hit }),
    outputTokens: (output ?? 0) - (reasoning ?? 0),
    ...(reasoning !== null && { reasoningTokens: reasoning }),
  };
  return billed(usage, { tokens: charged(wire) });
}

/** The tokens of `billed_units` where they stand beside others; null when they do not. */
function charged(wire: JsonObject): Usage | null {
  if (asObject(wire.tokens) === null) return null;
  const units = asObject(wire.billed_units);
  const input = asCount(units?.input_tokens);
  const output = asCount(units?.output_tokens);
  return input === null || output === null ? null : { inputTokens: input, outputTokens: output };
}
