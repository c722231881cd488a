// Why a token was not taken: in words for its holder, and as the error codes of OAuth 2.0 token exchange.
import type { ErrorCode } from "../errors.ts";

/**
 * RFC 6749, section 5.2, RFC 8693, section 2.2.2 (a subject token that is not taken is an `invalid_request`), and
 * `temporarily_unavailable` as the authorisation endpoint has it.
 */
export type OAuthError =
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "unsupported_grant_type"
  | "temporarily_unavailable";

const codes: Readonly<Record<OAuthError, ErrorCode>> = {
  invalid_request: "invalid_api_key",
  invalid_scope: "permission_denied",
  invalid_target: "permission_denied",
  unsupported_grant_type: "invalid_request",
  temporarily_unavailable: "gateway_overloaded",
};

export interface DenialInit {
  readonly retryAfterMs?: number;
  /** The rule that was asked, where one was. */
  readonly ruleId?: string;
  readonly cause?: unknown;
}

/** A refusal. Its message holds nothing that the holder of the token does not know. */
export class Denial extends Error {
  override readonly name = "Denial";
  readonly error: OAuthError;
  readonly retryAfterMs: number | null;
  readonly ruleId: string | null;

  constructor(error: OAuthError, message: string, { retryAfterMs, ruleId, cause }: DenialInit = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.error = error;
    this.retryAfterMs = retryAfterMs ?? null;
    this.ruleId = ruleId ?? null;
  }

  /** As the gateway's own errors say it, where the token came as a bearer. */
  get code(): ErrorCode {
    return codes[this.error];
  }
}
