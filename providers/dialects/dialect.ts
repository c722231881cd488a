// The seams of a dialect: its client side (we speak it to a provider) and its server side (clients speak it to us).
import type { Completion, CompletionEvent } from "./completion.ts";
import type { Conversation } from "./conversation.ts";
import type { ProviderFailure } from "./failure.ts";
import type { Framer } from "./frame.ts";
import type { Peek } from "./peek.ts";
import type { Usage } from "./usage.ts";

/** How a response body is cut into frames. */
export type Framing = "sse" | "eventstream" | "json-array";

/** One frame of a stream after framing: an SSE event's name (null when it has none) and its data. */
export interface Frame {
  readonly event: string | null;
  readonly data: string;
}

/** What an encoder may know of the model it encodes for; absent members are unknown. */
export interface ModelTraits {
  readonly maxOutputTokens?: number;
  readonly contextWindow?: number;
  readonly reasoning?: boolean;
  readonly reasoningEfforts?: readonly string[];
  readonly reasoningBudget?: { readonly min?: number; readonly max?: number };
  /** Whether the model accepts `temperature` and its siblings. */
  readonly temperature?: boolean;
  readonly jsonSchema?: boolean;
  readonly tools?: boolean;
}

/** Where one attempt goes: everything that translation may depend on. No credential: translation never sees one. */
export interface Target {
  readonly providerId: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly traits: ModelTraits;
}

/** Something in the request that the provider can't take. */
export interface Unsupported {
  /**
   * Which member of the Conversation: its name (`seed`, `logprobs`, …), the wire name of an extra, or a path into
   * `messages` (`messages[2].content[0]`).
   */
  readonly member: string;
  /** Why, in words for the caller: "is not supported by Anthropic models". */
  readonly reason: string;
  /** True when the answer is still meaningful without it, so that `drop_params` may leave it out. Content never is. */
  readonly droppable: boolean;
  /** True when no answer depends on it (see hints.ts): it is left out unasked, and said so all the same. */
  readonly hint?: true;
}

export interface Encoded {
  /** The provider's body, as if everything unsupported had been dropped. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers that the body needs (e.g. `anthropic-beta`). */
  readonly headers?: Readonly<Record<string, string>>;
  /** What was left out. The gateway refuses the call, unless these are hints or `drop_params` allows it; then a header says so. */
  readonly unsupported: readonly Unsupported[];
}

/** Reads a stream of one response. Fresh per response; owns its state; pure and synchronous. */
export interface StreamDecoder {
  /** Zero or more events for one frame. Never throws on a provider's odd frame: it becomes an `error` event. */
  push(frame: Frame): readonly CompletionEvent[];
  /** At the end of the body. Gives an `error` event of kind `protocol` when the stream ended before its end. */
  end(): readonly CompletionEvent[];
  /** The best usage known so far; null when none was reported. */
  readonly usage: Usage | null;
}

/** What a passthrough needs to know of one frame, read as cheaply as possible. */
export interface FrameGlance {
  /** `preamble`: nothing that the client could show yet; `content`: anything it could; `usage`: only accounting;
   *  `end`: the stream's last frame; `error`: the provider reported a failure. */
  readonly kind: "preamble" | "content" | "usage" | "end" | "error";
  readonly failure?: ProviderFailure;
}

/** Watches a stream that is passed through unchanged. Fresh per response. */
export interface StreamWatcher {
  glance(frame: Frame): FrameGlance;
  /** True once the stream's proper end was seen. */
  readonly ended: boolean;
  readonly usage: Usage | null;
}

/** Edits of top-level members of a JSON body; everything else keeps its bytes. */
export interface BodyEdits {
  /** Members to set: replaced in place when they exist, appended when not. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  /** Which of `remove` the target can't take: hints, and what the body's `drop_params: true` allows; by their wire names. */
  readonly dropped?: readonly string[];
  /** What the target can't do, by its wire names: as in `Encoded`. */
  readonly unsupported?: readonly Unsupported[];
}

/** A wire format, seen from the client side: we speak it to a provider. Pure: no I/O, no clock. */
export interface ClientDialect {
  readonly id: string;
  readonly framing: Framing;
  /** The path below the provider's base URL, with its query; begins with `/`. */
  path(target: Target, options: { readonly stream: boolean }): string;
  encode(conversation: Conversation, target: Target): Encoded;
  /** A whole answer. Throws nothing: an answer that is not in the dialect, or holds an error, gives a ProviderFailure. */
  decode(body: unknown): Completion | ProviderFailure;
  stream(): StreamDecoder;
  /** Cuts a stream that is not framed as server-sent events; absent where it is. */
  framer?(): Framer;
  /** `body` is the parsed JSON, or the text where it is not JSON, cut to a readable length. */
  error(status: number, headers: HeaderLookup, body: unknown): ProviderFailure;
  /** Passthrough: what to change in a client's body of the same dialect. */
  edits(body: Readonly<Record<string, unknown>>, target: Target): BodyEdits;
  /** Passthrough: the usage in a whole answer's `usage` member (already parsed), or null. */
  usage(body: Readonly<Record<string, unknown>>): Usage | null;
  watch(): StreamWatcher;
  /** Where the provider counts the tokens of a request of this dialect without running it, if it does. */
  countPath?(target: Target): string;
  /** What to change in the body of such a request; absent where it is what `edits` says. */
  countEdits?(body: Readonly<Record<string, unknown>>, target: Target): BodyEdits;
}

/** Case-insensitive look-up of a response header; null when absent. */
export type HeaderLookup = (name: string) => string | null;

/** Why a client's request could not be read. `param` is the path in the client's own terms. */
export interface InvalidRequest {
  readonly param: string | null;
  readonly message: string;
}

/** What the answer of one call is told besides the model's words. */
export interface AnswerContext {
  /** Used when the provider gives no id. */
  readonly fallbackId: string;
  readonly nowS: number;
  /** The model name that the client is told. */
  readonly model: string;
  /** Whether the client asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** The client's request body, for dialects whose answers repeat parts of it. */
  readonly request?: Readonly<Record<string, unknown>>;
}

/** Money of a finished call, for the last usage chunk; null when the price is unknown. */
export interface CostView {
  readonly usd: string | null;
}

/** Writes a stream in the client's dialect. Fresh per response. */
export interface StreamEncoder {
  /** Bytes to send for these events, as text; may be empty. `usage` events are held for `end`. */
  push(events: readonly CompletionEvent[]): string;
  /** The proper end, with the final usage and cost. */
  end(usage: Usage | null, cost: CostView): string;
  /** An error inside a stream whose status has been sent, and the end of it. */
  fail(error: ErrorView): string;
}

/** An error as every dialect needs it, safe to show. */
export interface ErrorView {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly requestId: string;
}

/** A wire format, seen from the server side: clients speak it to us. Pure: no I/O, no clock. */
export interface ServerDialect {
  readonly id: string;
  /** Reads a request body that is already parsed JSON. */
  read(body: Readonly<Record<string, unknown>>): Conversation | InvalidRequest;
  /** What routing must know of a body, read without translating it: of any body, well-formed or not. Throws nothing. */
  peek(body: Readonly<Record<string, unknown>>): Peek;
  /** The members of a body that limit its answer to so many tokens. */
  limitOutput(tokens: number, body: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** A body that only asks for a count, completed to one that `read` takes (a count needs no `max_tokens`). */
  forCounting?(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** The client's name of a Conversation member (`maxOutputTokens` → `max_tokens`), given its own body. */
  param(member: string, body: Readonly<Record<string, unknown>>): string;
  write(completion: Completion, context: AnswerContext, cost: CostView): Record<string, unknown>;
  stream(context: AnswerContext): StreamEncoder;
  error(error: ErrorView): Record<string, unknown>;
  /** Passthrough: adds the cost to a usage frame (the SSE text of one frame), and changes nothing else in it. */
  withCost(frame: string, costUsd: string): string;
  /**
   * Passthrough, where clients depend on being told the model that they asked for: names it in the stream's heading (the SSE
   * text of one frame), and changes nothing else in it; null for any other frame. A whole answer has it in `model`.
   */
  withModel?(frame: string, model: string): string | null;
  /** Whether a stream of this dialect always tells its usage, or only when the client asks for it. */
  readonly streamUsage: "always" | "on-request";
  /** A comment or event that keeps an idle stream open and that clients ignore. */
  readonly keepAlive: string;
}
