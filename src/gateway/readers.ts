// Readers: take a provider's answer as it comes, say what it holds, and give what the client is sent.
import type { AnswerContext, ErrorView, HeaderLookup, ServerDialect } from "../../providers/dialects/dialect.ts";
import type { FailureKind, ProviderFailure } from "../../providers/dialects/failure.ts";
import type { Usage } from "../../providers/dialects/usage.ts";

/** What one piece of an answer came to. */
export interface Step {
  /** To be sent to the client, in order; may be empty. */
  readonly out: readonly (string | Uint8Array)[];
  /** Whether anything in it was content: after that, another deployment can't take over unseen. */
  readonly content: boolean;
  /** The provider failed inside its answer; nothing follows. */
  readonly failure: ProviderFailure | null;
}

export const nothing: Step = { out: [], content: false, failure: null };

/** What an answer said so far, for counting tokens where the provider did not. */
export interface Seen {
  /** A sample of the output text, from its beginning. */
  readonly sample: string;
  /** How many times the sample the whole output is, 1 or more. */
  readonly scale: number;
}

export interface AnswerReader {
  push(bytes: Uint8Array): Step;
  /** The provider's body has ended. */
  end(): Step;
  /** The end of the client's stream or its whole answer, once the cost is known. */
  tail(usage: Usage | null, costUsd: string | null): string | Uint8Array;
  /** The end of a stream that has begun and goes wrong; null breaks the connection, where the client could not read it. */
  fail(error: ErrorView): string | null;
  /** Present where the answer itself says where it ends: `end` then tells one that is whole from one that broke off. */
  readonly endsItself?: true;
  /** Whether its last word has come, so that nothing that still comes matters; absent where that can't be told. */
  readonly ended?: boolean;
  /** Told of an accepted answer before its first piece; absent where nothing in its headers matters. */
  head?(headers: HeaderLookup): void;
  /** What the client must know of the answer: its content type, where that is not the usual one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Null when the provider has not reported (yet). */
  readonly usage: Usage | null;
  readonly finishReason: string | null;
  seen(): Seen;
}

/**
 * The model's name that an answer that is passed on must be given: the client's, where its dialect depends on that and the
 * provider was sent another name for it. Null where the answer's own stays.
 */
export function askedModel(server: Pick<ServerDialect, "withModel">, { request, model }: AnswerContext): string | null {
  const asked = request?.model;
  return server.withModel !== undefined && typeof asked === "string" && asked !== model ? asked : null;
}

export function failed(kind: FailureKind, message: string): ProviderFailure {
  return { kind, message, status: null, code: null, param: null, retryAfterMs: null };
}
