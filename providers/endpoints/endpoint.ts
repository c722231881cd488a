// The seam of an endpoint dialect: how a provider speaks one operation that is not chat. Clients speak OpenAI's shape of it.
import type { BodyEdits, ClientDialect, HeaderLookup, Target, Unsupported } from "../dialects/dialect.ts";
import type { ProviderFailure } from "../dialects/failure.ts";
import type { Json } from "../dialects/json.ts";
import type { Usage } from "../dialects/usage.ts";

/** The operations beside chat, by the words of the ledger. */
export type Operation =
  | "embeddings"
  | "completions"
  | "moderations"
  | "images"
  | "image_edits"
  | "speech"
  | "transcriptions"
  | "translations"
  | "rerank";

/** The request for a provider: the client's own bytes with edits, or a body of its own. */
export type EndpointRequest = (
  | { readonly kind: "edits"; readonly edits: BodyEdits }
  | { readonly kind: "body"; readonly body: Json }
) & {
  /** By their wire names in the client's body. */
  readonly unsupported: readonly Unsupported[];
};

/** What an answer is an answer to. */
export interface Asked {
  /** The client's body, in OpenAI's shape; of a form, its fields. */
  readonly body: Json;
  /** The model's name at the provider. */
  readonly model: string;
  /** The provider's response headers. */
  readonly header: HeaderLookup;
}

export interface EndpointAnswer {
  /** The answer in the client's shape, once its usage is final; null when the provider's own bytes are that already. */
  readonly write: ((usage: Usage | null) => Json) | null;
  /** Null when the provider does not say. */
  readonly usage: Usage | null;
}

/** One operation at a provider. Pure: no I/O, no clock. */
export interface EndpointDialect {
  /** The path below the provider's base URL; begins with `/`. */
  path(target: Target): string;
  encode(body: Json, target: Target): EndpointRequest;
  /** A whole answer that is a JSON object. Throws nothing. */
  decode(answer: Json, asked: Asked): EndpointAnswer | ProviderFailure;
  /**
   * Enough of a large answer to decode it, where it is passed on as it came; null where it must be parsed. Absent where answers
   * are never large, or their parsing is cheap.
   */
  glance?(bytes: Uint8Array): Json | null;
  /** The usage that one event of a stream reports; null when none. Absent where nothing is streamed. */
  streamUsage?(event: Json): Usage | null;
  /** How a stream is watched that is chat's but for its words; absent where a stream's events are passed on unseen. */
  readonly stream?: Pick<ClientDialect, "watch" | "stream">;
  /** `body` is the parsed JSON, or the text where it is not JSON, cut to a readable length. */
  error(status: number, headers: HeaderLookup, body: unknown): ProviderFailure;
}

/** What a provider speaks beside chat; what is absent it does not do. */
export type Endpoints = { readonly [Name in Operation]?: EndpointDialect };
