// Usage: what a call consumed, as disjoint counters, so that no sum counts a token or another unit twice.

/**
 * Tokens of one call. The counters are disjoint: total input is the sum of the four input counters, total output the sum
 * of the output counters. A counter that the provider did not report is absent; a reported 0 is 0.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a prompt cache, text and images, without audio. */
  readonly inputTokens: number;
  readonly cachedInputTokens?: number;
  /** Written to a cache that lives 5 minutes (or the provider's only kind). */
  readonly cacheWriteTokens?: number;
  /** Written to a cache that lives an hour. */
  readonly cacheWrite1hTokens?: number;
  readonly inputAudioTokens?: number;
  /** Output tokens without reasoning and audio. */
  readonly outputTokens: number;
  readonly reasoningTokens?: number;
  readonly outputAudioTokens?: number;
  /** OpenAI's predicted-output counters; part of `outputTokens`, kept for the client's view only. */
  readonly acceptedPredictionTokens?: number;
  readonly rejectedPredictionTokens?: number;
  /** Pictures made. */
  readonly images?: number;
  /** Sound listened to, in seconds; may have a fraction. */
  readonly audioSeconds?: number;
  /** UTF-16 units of text to be spoken. */
  readonly characters?: number;
  /** Searches, as providers of reranking bill them. */
  readonly queries?: number;
  /** Searches of the web that the provider made for the model. */
  readonly webSearches?: number;
  readonly billing?: Billing;
  /** True when Turnpike counted, because the provider did not report (stream cut, client gone, or a silent provider). */
  readonly estimated?: true;
}

/** What decides a call's price beside the counters. It is read for the cost, and not kept in the ledger. */
export interface Billing {
  /** The tokens that are charged for, where the provider says that they are others than those that the model read and wrote. */
  readonly tokens?: Usage;
  /** The `service_tier` that served, by the provider's own word; its ordinary one too. */
  readonly serviceTier?: string;
  /** The `speed` that served, by the provider's own word. */
  readonly speed?: string;
  /** What other models did for the answer, each at a price of its own. */
  readonly others?: readonly OtherUsage[];
}

export interface OtherUsage {
  /** The model's name at the provider; null when it is not told. */
  readonly model: string | null;
  readonly usage: Usage;
}

/** The usage with this said of its billing; as it is where nothing is said. */
export function billed(usage: Usage, said: { readonly [Name in keyof Billing]: Billing[Name] | null }): Usage {
  const billing = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value !== undefined));
  return Object.keys(billing).length === 0 ? usage : { ...usage, billing: { ...usage.billing, ...billing } };
}

/** All input tokens, cached or not: what OpenAI calls `prompt_tokens`. */
export function totalInput(usage: Usage): number {
  return (
    usage.inputTokens +
    (usage.cachedInputTokens ?? 0) +
    (usage.cacheWriteTokens ?? 0) +
    (usage.cacheWrite1hTokens ?? 0) +
    (usage.inputAudioTokens ?? 0)
  );
}

/** All output tokens, reasoning and audio included: what OpenAI calls `completion_tokens`. */
export function totalOutput(usage: Usage): number {
  return usage.outputTokens + (usage.reasoningTokens ?? 0) + (usage.outputAudioTokens ?? 0);
}
