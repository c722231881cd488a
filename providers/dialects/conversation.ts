// Conversation: the neutral form of a chat request, in which every dialect meets every other.

/** Who made an opaque token. A signature goes back only to the vendor that made it, never to another. */
export type Vendor = "anthropic" | "google" | "openai" | "xai" | "unknown";

/** A prompt-cache breakpoint that ends at the part (or tool) that carries it. */
export interface CacheMarker {
  /** How long the cache entry is asked to live; null leaves it to the provider (5 minutes at Anthropic). */
  readonly ttl: "5m" | "1h" | null;
}

/** A source that a model named for a piece of its text. Offsets count UTF-16 units of the whole text answer. */
export interface Citation {
  readonly kind: "url" | "file" | "document";
  readonly url?: string;
  readonly title?: string;
  /** The passage quoted from the source. */
  readonly quote?: string;
  readonly fileId?: string;
  /** Which document of the request, by position. */
  readonly documentIndex?: number;
  readonly startIndex?: number;
  readonly endIndex?: number;
  /** The citation as the provider wrote it, for a client of the same family. */
  readonly raw?: unknown;
}

export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly cache?: CacheMarker;
  /** Sources that the model named for this text (answers only). */
  readonly citations?: readonly Citation[];
  /** An opaque token that must come back on the same part (Gemini `thoughtSignature` on text). */
  readonly signature?: Signature;
}

/** Where bytes of an image, file or sound come from. `data` is base64 without a `data:` prefix. */
export type Source =
  | { readonly kind: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly kind: "url"; readonly url: string; readonly mediaType: string | null }
  | { readonly kind: "file-id"; readonly id: string };

export interface ImagePart {
  readonly type: "image";
  readonly source: Source;
  readonly detail?: "auto" | "low" | "high";
  readonly cache?: CacheMarker;
}

export interface FilePart {
  readonly type: "file";
  readonly source: Source;
  readonly filename: string | null;
  readonly cache?: CacheMarker;
}

export interface AudioPart {
  readonly type: "audio";
  /** Base64 sound in `format` (`wav`, `mp3`, `ogg`, …: the part after `audio/` in the media type). */
  readonly data: string;
  readonly format: string;
  readonly cache?: CacheMarker;
}

export interface RefusalPart {
  readonly type: "refusal";
  readonly text: string;
}

export interface Signature {
  readonly vendor: Vendor;
  readonly value: string;
}

/** Reasoning ("thinking") that a model showed or hid. */
export interface ReasoningPart {
  readonly type: "reasoning";
  /** Readable reasoning or its summary; empty when it is hidden. */
  readonly text: string;
  /** Proof that the text is the model's own (Anthropic `signature`, Gemini `thoughtSignature`). */
  readonly signature?: Signature;
  /** The reasoning itself, encrypted (Anthropic `redacted_thinking.data`, OpenAI `encrypted_content`). */
  readonly encrypted?: Signature;
}

export interface ToolCallPart {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  /** JSON text exactly as the model wrote it: may be invalid JSON, and is then kept. */
  readonly arguments: string;
  /** Gemini's `thoughtSignature` of this call. */
  readonly signature?: Signature;
  readonly cache?: CacheMarker;
}

/** Sound that an assistant turn answered with, referred to by its id in a later request. */
export interface AudioReferencePart {
  readonly type: "audio-reference";
  readonly id: string;
}

/** An image that a model made. */
export interface OutputImagePart {
  readonly type: "output-image";
  readonly source: Source;
  /** Gemini's `thoughtSignature` of this image: without it a later turn can't edit the image. */
  readonly signature?: Signature;
}

/** Sound that a model made. */
export interface OutputAudioPart {
  readonly type: "output-audio";
  readonly id: string;
  readonly data: string;
  readonly transcript: string;
  readonly expiresAtS: number | null;
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart;
export type AssistantPart =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | AudioReferencePart
  | OutputImagePart
  | OutputAudioPart;
export type ToolResultPart = TextPart | ImagePart | FilePart;

export type Message =
  | { readonly role: "system" | "developer"; readonly content: readonly TextPart[]; readonly name?: string }
  | { readonly role: "user"; readonly content: readonly UserPart[]; readonly name?: string }
  | { readonly role: "assistant"; readonly content: readonly AssistantPart[]; readonly name?: string }
  | {
      readonly role: "tool";
      readonly toolCallId: string;
      readonly content: readonly ToolResultPart[];
      readonly isError?: boolean;
      readonly cache?: CacheMarker;
    };

export interface FunctionTool {
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of the arguments; null when the client gave none. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  readonly strict: boolean | null;
  readonly cache?: CacheMarker;
}

export type ToolChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "none" }
  | { readonly kind: "required" }
  | { readonly kind: "tool"; readonly name: string }
  /** OpenAI's `allowed_tools`: only these, of those declared. */
  | { readonly kind: "allowed"; readonly mode: "auto" | "required"; readonly names: readonly string[] };

export type OutputFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | {
      readonly kind: "json-schema";
      readonly name: string;
      readonly description: string | null;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict: boolean | null;
    };

/** How much a model should reason. Both may be set; a provider that has one form is given that one. */
export interface ReasoningRequest {
  readonly effort: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | null;
  readonly budgetTokens: number | null;
  /** Whether reasoning text is wanted in the answer; null leaves it to the provider. */
  readonly includeText: boolean | null;
}

/**
 * Everything a chat request can ask, in neutral terms. `null` means the client did not say.
 * `paths` of refusals name these members; a server dialect turns them into its own parameter names.
 */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice | null;
  /** False: one call at most. What a provider can't be told, the gateway holds its answer to (encoders leave it out). */
  readonly parallelToolCalls: boolean | null;
  readonly output: OutputFormat;
  readonly maxOutputTokens: number | null;
  readonly stop: readonly string[];
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly seed: number | null;
  readonly presencePenalty: number | null;
  readonly frequencyPenalty: number | null;
  readonly logitBias: Readonly<Record<string, number>> | null;
  /** Log probabilities of output tokens; `top` alternatives each, 0 for the chosen token alone. */
  readonly logprobs: { readonly top: number } | null;
  /** How many answers; null is one. */
  readonly choices: number | null;
  readonly reasoning: ReasoningRequest | null;
  readonly verbosity: "low" | "medium" | "high" | null;
  /** Output modalities beyond text, e.g. `["text", "audio"]`; null is text. */
  readonly modalities: readonly string[] | null;
  /** OpenAI's `audio` member: voice and format of spoken output. */
  readonly audioOutput: Readonly<Record<string, unknown>> | null;
  /** An opaque end-user id. */
  readonly user: string | null;
  readonly serviceTier: string | null;
  readonly stream: boolean;
  /**
   * Members of the client's body that have no neutral form (unknown or provider-specific), by their wire name.
   * A dialect that understands one takes it; the others must refuse it (see `Encoded.unsupported`).
   */
  readonly extras: Readonly<Record<string, unknown>>;
  /** What the body asks that only a provider of the client's own dialect can do: no translation takes it. */
  readonly foreign?: readonly Foreign[];
}

/** Something that has no form in any other dialect: a built-in tool, an item that one left behind. */
export interface Foreign {
  /** The client's own name of it (`tools[0]`). */
  readonly member: string;
  /** Why it can't be taken, as in `Unsupported`, and the rest likewise. */
  readonly reason: string;
  readonly droppable: boolean;
  readonly hint?: true;
}
