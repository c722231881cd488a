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

/** A failure of a provider, thrown by what has no answer to return it in: authorisation, when no token is to be had. */
export class ProviderError extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(failure.message);
    this.name = "ProviderError";
    this.failure = failure;
  }
}
