// What is known of a model at a provider: the types of the catalogue. An absent member is unknown, never a default.

/** What a model is for; decides which endpoints may call it. */
export type Mode =
  | "chat"
  | "completion"
  | "embedding"
  | "rerank"
  | "transcription"
  | "speech"
  | "image"
  | "video"
  | "moderation"
  | "realtime";

export type Modality = "text" | "image" | "audio" | "video" | "pdf" | "code" | "embedding" | "score" | "moderation";

/** What a model can do. Absent: its maker does not say. */
export interface Capabilities {
  readonly tools?: boolean;
  readonly parallelTools?: boolean;
  readonly jsonSchema?: boolean;
  readonly reasoning?: boolean;
  readonly vision?: boolean;
  readonly pdf?: boolean;
  readonly audio?: boolean;
  readonly audioOutput?: boolean;
  readonly streaming?: boolean;
  readonly promptCache?: boolean;
  /** Whether it takes `temperature` and its siblings. */
  readonly temperature?: boolean;
}

/** A way in which a model lets its caller choose how much it reasons. */
export type ReasoningOption =
  | { readonly type: "toggle" }
  | { readonly type: "effort"; readonly values: readonly string[] }
  | { readonly type: "budget_tokens"; readonly min?: number; readonly max?: number };

/** Exact decimal text (`"0.25"`, no exponent), USD per million tokens. */
export type Decimal = string;

/** Prices of the token counters. */
export interface TokenPrices {
  readonly input?: Decimal;
  readonly output?: Decimal;
  readonly cacheRead?: Decimal;
  /** Written to a cache that lives 5 minutes, or the provider's only kind. */
  readonly cacheWrite?: Decimal;
  /** Written to a cache that lives an hour. */
  readonly cacheWrite1h?: Decimal;
  readonly inputAudio?: Decimal;
  readonly outputAudio?: Decimal;
  readonly reasoning?: Decimal;
}

/** Prices of the whole call once its total input is greater than `aboveInputTokens`. */
export interface PriceTier extends TokenPrices {
  readonly aboveInputTokens: number;
}

/** Prices of a way of serving that the request asks for: `flex`, `priority`, `fast`, `batches`. */
export interface PriceMode extends TokenPrices {
  /** Members of the request body that ask for it (`service_tier`, `speed`); absent when the mode's name is the service tier. */
  readonly body?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Prices of units that are not tokens, in USD per unit. */
export interface UnitPrices {
  readonly perImage?: Decimal;
  readonly perQuery?: Decimal;
  readonly perSecondIn?: Decimal;
  readonly perSecondOut?: Decimal;
  readonly perCharacterIn?: Decimal;
}

export interface Prices extends TokenPrices {
  /** By ascending threshold; empty when the price does not depend on the length. */
  readonly tiers: readonly PriceTier[];
  readonly modes: Readonly<Record<string, PriceMode>>;
}

/** Where a model is spoken to differently from its provider's other models. */
export interface WireOverride {
  /** The dialect it speaks instead. */
  readonly dialect?: "openai-chat" | "openai-responses" | "anthropic-messages";
  /** The base URL it lives at, with `${PLACEHOLDERS}` as the provider documents them. */
  readonly url?: string;
  /** The only endpoints that take it (`/v1/responses`, `/v1/realtime`, …). */
  readonly endpoints?: readonly string[];
}

/** A model at a provider. */
export interface ModelFacts {
  /** `provider/providerModelId`, unique. */
  readonly id: string;
  /** `lab/model`, shared by all rows that serve the same weights. */
  readonly canonical: string;
  readonly provider: string;
  /** The model's name at the provider, as a request must write it. */
  readonly providerModelId: string;
  /** How the same weights are served differently: `free`, `fp8`, `turbo`, … */
  readonly variant: readonly string[];
  /** The inference profile's region prefix, where a cloud has them (`us`, `eu`, `global`, …). */
  readonly regionProfile?: string;
  readonly name: string;
  readonly family?: string;
  readonly mode: Mode;
  readonly contextWindow?: number;
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly embeddingDimensions?: number;
  readonly inputModalities: readonly Modality[];
  readonly outputModalities: readonly Modality[];
  readonly capabilities: Capabilities;
  readonly reasoningOptions: readonly ReasoningOption[];
  /** The member of an answer that carries reasoning text, where it is known (`reasoning_content`, …). */
  readonly reasoningField?: string;
  readonly wire?: WireOverride;
  /** Null when the price of tokens is unknown. */
  readonly prices: Prices | null;
  readonly unitPrices: UnitPrices | null;
  /** True for a row priced 0/0 (free tier, subscription, or not recorded): not to be preferred for its cheapness. */
  readonly zeroPrice: boolean;
  readonly status: "active" | "beta" | "deprecated";
  /** ISO dates, `YYYY-MM-DD` or `YYYY-MM`. */
  readonly releaseDate?: string;
  readonly retireDate?: string;
  readonly knowledgeCutoff?: string;
  readonly openWeights?: boolean;
  /** True when the provider's model name may carry options: `name?option=value`. */
  readonly takesOptions?: true;
  /** Who publishes the row, where that is not models.dev: an update from there leaves it alone. */
  readonly from?: "litellm";
}
