// Usage: OpenAI's nested totals into disjoint counters, and back.
import { count, isObject, type Json, list, object, text } from "../json.ts";
import { billed, totalInput, totalOutput, type Usage } from "../usage.ts";
import type { WireUsage } from "./wire.ts";

/**
 * Reads a `usage` object. `prompt_tokens` and `completion_tokens` are totals that include their details (OpenAI API
 * reference, `CompletionUsage`), so the details are taken out of them. A detail that exceeds what is left of its total is
 * cut to it, because the totals are what is billed.
 * @returns null when there is no usage to read.
 */
export function readUsage(value: unknown): Usage | null {
  const usage = object(value);
  const prompt = usage === null ? null : count(usage.prompt_tokens);
  if (usage === null || prompt === null) return null;
  const completion = count(usage.completion_tokens) ?? 0;
  const input = object(usage.prompt_tokens_details) ?? object(usage.prompt_token_details) ?? {};
  const output = object(usage.completion_tokens_details) ?? {};

  const cached = cachedTokens(usage, input);
  // xAI's models at Azure count what was cached beside `prompt_tokens` (recordings: 190 cached of 23).
  const inputs = share(prompt + (cached !== null && cached > prompt ? cached : 0), {
    cachedInputTokens: cached,
    cacheWriteTokens: count(input.cache_write_tokens) ?? count(input.cache_creation_input_tokens),
    inputAudioTokens: count(input.audio_tokens),
  });
  const reasoning = count(output.reasoning_tokens) ?? count(usage.reasoning_tokens);
  const outputs = share(completion + reasoningBesideTotal(usage, prompt, completion, reasoning ?? 0), {
    reasoningTokens: reasoning,
    outputAudioTokens: count(output.audio_tokens),
  });
  const accepted = count(output.accepted_prediction_tokens);
  const rejected = count(output.rejected_prediction_tokens);
  // OpenRouter's (recording `test_openrouter_web_search_tool_usage_stream.0`).
  const searches = count(object(usage.server_tool_use_details)?.web_search_requests);
  return {
    inputTokens: inputs.rest,
    ...inputs.parts,
    outputTokens: outputs.rest,
    ...outputs.parts,
    ...(accepted === null ? {} : { acceptedPredictionTokens: accepted }),
    ...(rejected === null ? {} : { rejectedPredictionTokens: rejected }),
    ...(searches === null ? {} : { webSearches: searches }),
  };
}

/**
 * The usage of a whole answer or a chunk: `usage`; `x_groq.usage` where only that is set (Groq, streams); or that of the
 * first choice (Moonshot, streams). With the service tier that served, which stands beside it.
 */
export function usageOf(body: Json): Usage | null {
  const usage =
    readUsage(body.usage) ??
    readUsage(isObject(body.x_groq) ? body.x_groq.usage : null) ??
    readUsage(object(list(body.choices)[0])?.usage);
  return usage === null ? null : billed(usage, { serviceTier: servedTier(body) });
}

/** The tier that served; null when the answer does not say: Snowflake's says "", and "auto" only repeats what was asked. */
export function servedTier(body: Json): string | null {
  const tier = text(body.service_tier);
  return tier === "" || tier === "auto" ? null : tier;
}

/** Cached tokens under the names that servers give them (recordings of DeepSeek, Hugging Face, Mistral). */
function cachedTokens(usage: Json, details: Json): number | null {
  return (
    count(details.cached_tokens) ??
    count(usage.prompt_cache_hit_tokens) ??
    count(usage.cached_tokens) ??
    count(usage.num_cached_tokens)
  );
}

/**
 * xAI counts reasoning beside `completion_tokens`, OpenAI inside it. `total_tokens` tells which: xAI's recordings have
 * total = prompt + completion + reasoning. More reasoning than there is in all can only be beside it too (DeepInfra's
 * Gemini models; vercel/ai, deepinfra provider).
 */
function reasoningBesideTotal(usage: Json, prompt: number, completion: number, reasoning: number): number {
  if (reasoning > completion) return reasoning;
  return reasoning > 0 && count(usage.total_tokens) === prompt + completion + reasoning ? reasoning : 0;
}

/** Takes parts out of a total, in order; a part that was not reported (null) stays absent. */
function share<Name extends string>(
  total: number,
  reported: Readonly<Record<Name, number | null>>,
): { readonly rest: number; readonly parts: Partial<Record<Name, number>> } {
  const parts: Partial<Record<Name, number>> = {};
  let rest = total;
  for (const name of Object.keys(reported) as Name[]) {
    const tokens = reported[name];
    if (tokens === null) continue;
    parts[name] = Math.min(tokens, rest);
    rest -= Math.min(tokens, rest);
  }
  return { rest, parts };
}

/**
 * Writes a `usage` object. A detail is present if and only if its counter is.
 * @param usd What the call cost, a decimal of US dollars; null when the price is unknown.
 */
export function writeUsage(usage: Usage, usd: string | null): WireUsage {
  const input = totalInput(usage);
  const output = totalOutput(usage);
  const written = sumOfPresent(usage.cacheWriteTokens, usage.cacheWrite1hTokens);
  const promptDetails = present({
    cached_tokens: usage.cachedInputTokens,
    cache_write_tokens: written,
    audio_tokens: usage.inputAudioTokens,
  });
  const completionDetails = present({
    reasoning_tokens: usage.reasoningTokens,
    audio_tokens: usage.outputAudioTokens,
    accepted_prediction_tokens: usage.acceptedPredictionTokens,
    rejected_prediction_tokens: usage.rejectedPredictionTokens,
  });
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(promptDetails === null ? {} : { prompt_tokens_details: promptDetails }),
    ...(completionDetails === null ? {} : { completion_tokens_details: completionDetails }),
    ...(usd === null ? {} : { cost: Number(usd) }),
  };
}

function sumOfPresent(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

/** The members that have a value; null when none has. */
function present<Name extends string>(
  members: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> | null {
  const kept: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(members) as Name[]) {
    const value = members[name];
    if (value !== undefined) kept[name] = value;
  }
  return Object.keys(kept).length === 0 ? null : kept;
}
