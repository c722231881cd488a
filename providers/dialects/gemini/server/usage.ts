// Writes usage as Gemini's `usageMetadata`.
import { totalInput, totalOutput, type Usage } from "../../usage.ts";

interface ModalityCount {
  readonly modality: "TEXT" | "AUDIO";
  readonly tokenCount: number;
}

export interface WireUsage {
  readonly promptTokenCount: number;
  readonly candidatesTokenCount: number;
  readonly totalTokenCount: number;
  readonly thoughtsTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly promptTokensDetails?: readonly ModalityCount[];
  readonly candidatesTokensDetails?: readonly ModalityCount[];
  readonly serviceTier?: string;
  /** US dollars: Turnpike's own, as OpenRouter's `usage.cost`. */
  readonly cost?: number;
}

export interface UsageExtras {
  readonly costUsd: string | null;
  /** In OpenAI's words. */
  readonly serviceTier: string | null;
}

/** Gemini's names of service tiers. */
const tiers: ReadonlyMap<string, string> = new Map([
  ["default", "standard"],
  ["standard", "standard"],
  ["flex", "flex"],
  ["priority", "priority"],
]);

/**
 * `promptTokenCount` is all input, cached or not; `candidatesTokenCount` is output without thoughts. Tokens written to a
 * cache have no counter of their own in Gemini's usage.
 */
export function writeUsage(usage: Usage, { costUsd, serviceTier }: UsageExtras): WireUsage {
  const prompt = totalInput(usage);
  const candidates = usage.outputTokens + (usage.outputAudioTokens ?? 0);
  const tier = tiers.get(serviceTier ?? "");
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + totalOutput(usage),
    ...(usage.reasoningTokens !== undefined && { thoughtsTokenCount: usage.reasoningTokens }),
    ...(usage.cachedInputTokens !== undefined && { cachedContentTokenCount: usage.cachedInputTokens }),
    ...(usage.inputAudioTokens !== undefined && { promptTokensDetails: details(prompt, usage.inputAudioTokens) }),
    ...(usage.outputAudioTokens !== undefined && {
      candidatesTokensDetails: details(candidates, usage.outputAudioTokens),
    }),
    ...(tier !== undefined && { serviceTier: tier }),
    ...(costUsd !== null && { cost: Number(costUsd) }),
  };
}

function details(all: number, audio: number): readonly ModalityCount[] {
  return [
    { modality: "TEXT", tokenCount: all - audio },
    { modality: "AUDIO", tokenCount: audio },
  ];
}
