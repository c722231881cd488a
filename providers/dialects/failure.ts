// ProviderFailure: what went wrong at a provider, as one of a closed set of kinds. The kind decides what happens next.

/**
 * - `authentication`, `permission`, `quota`: the credential is bad, may not, or has no money left; the caller can't mend it.
 * - `rate_limit`, `overloaded`: try later or elsewhere.
 * - `context_length`, `content_filter`, `bad_request`, `not_found`: the request itself; the same one fails again here.
 * - `timeout`, `network`: no answer in time, or no connection.
 * - `server`: the provider failed (5xx). `protocol`: it answered something that is not its wire format, or a stream that
 *   ended before its end.
 */
export type FailureKind =
  | "authentication"
  | "permission"
  | "quota"
  | "rate_limit"
  | "overloaded"
  | "context_length"
  | "content_filter"
  | "bad_request"
  | "not_found"
  | "timeout"
  | "network"
  | "server"
  | "protocol";

export interface ProviderFailure {
  readonly kind: FailureKind;
  /** What the provider said. It is shown to the caller after secrets are scrubbed from it. */
  readonly message: string;
  /** The provider's HTTP status; null when there was no response, or the failure came inside a stream. */
  readonly status: number | null;
  /** The provider's own code and parameter, where it gave them. */
  readonly code: string | null;
  readonly param: string | null;
  /** How long the provider asks to wait before the next try. */
  readonly retryAfterMs: number | null;
}

/** A failure of which no more is known than its kind. */
export function failureOf(kind: FailureKind, message: string): ProviderFailure {
  return { kind, message, status: null, code: null, param: null, retryAfterMs: null };
}

/** An answer that is not in its wire format, or that broke off. */
export function protocolFailure(message: string): ProviderFailure {
  return failureOf("protocol", message);
}

const kindsOfStatuses: Readonly<Record<number, FailureKind>> = {
  401: "authentication",
  402: "quota",
  403: "permission",
  404: "not_found",
  408: "timeout",
  429: "rate_limit",
  503: "overloaded",
  504: "timeout",
  // Anthropic's "overloaded_error"; relays pass it on.
  529: "overloaded",
};

/**
 * What an HTTP status tells where the provider says nothing more exact.
 * @param own Statuses that mean something else, or something at all, to this provider alone.
 */
export function kindOfStatus(status: number, own: Readonly<Record<number, FailureKind>> = {}): FailureKind {
  return own[status] ?? kindsOfStatuses[status] ?? (status >= 400 && status < 500 ? "bad_request" : "server");
}

/** Causes that are told by words alone: the first whose words are said. */
export type KindsOfWords = readonly (readonly [RegExp, FailureKind])[];

export function kindOfWords(table: KindsOfWords, message: string): FailureKind | null {
  return table.find(([words]) => words.test(message))?.[1] ?? null;
}

/** A failure of a provider, thrown by what has no answer to return it in: authorisation, when no token is to be had. */
export class ProviderError extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(failure.message);
    this.name = "ProviderError";
    this.failure = failure;
  }
}
