// Reads Gemini's `usageMetadata` into disjoint counters, and joins what several chunks of a stream report.
import { billed, type Usage } from "../usage.ts";
import { asNumber, asObject, asObjects, asString, type WireUsageMetadata } from "./wire.ts";

/** What one `usageMetadata` reports, in its own terms; an absent counter was not reported. */
export interface Counts {
  readonly prompt?: number;
  readonly promptAudio?: number;
  readonly cached?: number;
  readonly cachedAudio?: number;
  readonly toolUse?: number;
  readonly toolUseAudio?: number;
  readonly candidates?: number;
  readonly candidatesAudio?: number;
  readonly thoughts?: number;
  /** Not a counter: the service tier that served, as of when it was reported. */
  readonly tier?: string;
}

export const NO_COUNTS: Counts = {};

/** The counters of one `usageMetadata`. */
export function readCounts(usageMetadata: unknown): Counts {
  const metadata: WireUsageMetadata | null = asObject(usageMetadata);
  if (metadata === null) return NO_COUNTS;
  const counts: { -readonly [K in keyof Counts]: Counts[K] } = {};
  const set = (name: Exclude<keyof Counts, "tier">, value: number | null): void => {
    if (value !== null) counts[name] = value;
  };
  set("prompt", asNumber(metadata.promptTokenCount));
  set("promptAudio", audioTokens(metadata.promptTokensDetails));
  set("cached", asNumber(metadata.cachedContentTokenCount));
  set("cachedAudio", audioTokens(metadata.cacheTokensDetails));
  set("toolUse", asNumber(metadata.toolUsePromptTokenCount));
  set("toolUseAudio", audioTokens(metadata.toolUsePromptTokensDetails));
  set("candidates", asNumber(metadata.candidatesTokenCount));
  set("candidatesAudio", audioTokens(metadata.candidatesTokensDetails));
  set("thoughts", asNumber(metadata.thoughtsTokenCount));
  const tier = servedTier(metadata);
  if (tier !== null) counts.tier = tier;
  return counts;
}

/**
 * Joins what a later chunk reports to what earlier ones did. Counters are cumulative, so the later one wins; one that the
 * later chunk leaves out keeps its value (recording `test_code_execution-test_code_execution_stream.0`, second chunk).
 */
export function laterCounts(earlier: Counts, later: Counts): Counts {
  return { ...earlier, ...later };
}

/**
 * The disjoint counters; null when nothing was reported (Vertex sends `usageMetadata` with a traffic type alone).
 * `promptTokenCount` includes cached tokens but not tool-use ones, and `candidatesTokenCount` excludes thoughts: the SDK's
 * documentation of `totalTokenCount` gives it as the sum of prompt, candidates, tool use and thoughts.
 */
export function toUsage(counts: Counts): Usage | null {
  const { prompt, cached, toolUse, candidates, thoughts } = counts;
  if (prompt === undefined && toolUse === undefined && candidates === undefined && thoughts === undefined) return null;
  const cachedAudio = Math.min(counts.cachedAudio ?? 0, cached ?? 0);
  const inputAudio = sum(
    counts.promptAudio === undefined ? undefined : atLeastZero(counts.promptAudio - cachedAudio),
    counts.toolUseAudio,
  );
  const usage = {
    inputTokens: atLeastZero((prompt ?? 0) + (toolUse ?? 0) - (cached ?? 0) - (inputAudio ?? 0)),
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(inputAudio === undefined ? {} : { inputAudioTokens: inputAudio }),
    outputTokens: atLeastZero((candidates ?? 0) - (counts.candidatesAudio ?? 0)),
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
    ...(counts.candidatesAudio === undefined ? {} : { outputAudioTokens: counts.candidatesAudio }),
  };
  return billed(usage, { serviceTier: counts.tier ?? null });
}

/** The service tier that served, in OpenAI's words (Gemini's `standard` is its `default`); null when not reported. */
export function servedTier(usageMetadata: unknown): string | null {
  const metadata: WireUsageMetadata | null = asObject(usageMetadata);
  const tier = asString(metadata?.serviceTier);
  return tier === "standard" ? "default" : tier;
}

/** Tokens of sound in a list of `ModalityTokenCount`; null when the list names no sound. */
function audioTokens(details: unknown): number | null {
  let tokens: number | null = null;
  for (const detail of asObjects<{ modality: string; tokenCount: number }>(details)) {
    if (detail.modality === "AUDIO") tokens = (tokens ?? 0) + (asNumber(detail.tokenCount) ?? 0);
  }
  return tokens;
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  if (first === undefined) return second;
  return first + (second ?? 0);
}

function atLeastZero(value: number): number {
  return Math.max(0, value);
}
