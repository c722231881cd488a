// Every error that a caller can be told: its public code, HTTP status and how it reads. A closed list.

/** HTTP status of each public error code. `upstream_error` may carry another status (see GatewayError.status). */
export const errorStatus = {
  invalid_request: 400,
  invalid_json: 400,
  unsupported_parameter: 400,
  previous_response_not_found: 400,
  key_in_url: 400,
  ambiguous_credentials: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  missing_metadata: 400,
  too_many_tokens: 400,
  invalid_api_key: 401,
  key_expired: 401,
  key_suspended: 403,
  permission_denied: 403,
  second_factor_required: 403,
  ip_not_allowed: 403,
  origin_not_allowed: 403,
  outside_hours: 403,
  model_not_allowed: 403,
  provider_not_allowed: 403,
  endpoint_not_allowed: 403,
  not_found: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  request_too_large: 413,
  unsupported_media_type: 415,
  rate_limit_exceeded: 429,
  budget_exceeded: 429,
  internal_error: 500,
  upstream_error: 502,
  upstream_invalid_response: 502,
  no_deployment_available: 503,
  gateway_overloaded: 503,
  shutting_down: 503,
  upstream_timeout: 504,
} as const;

export type ErrorCode = keyof typeof errorStatus;

export interface GatewayErrorInit {
  readonly param?: string | null;
  /** Overrides the code's own status, for errors that keep the provider's (429 stays 429). */
  readonly status?: number;
  readonly retryAfterMs?: number | null;
  /** Further headers of the answer that tells of it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What really happened, for our own logs. Never shown to the caller. */
  readonly cause?: unknown;
}

const none = {};

/** The one error that crosses seams. `message` is safe to show: no secret, no prompt, no stack. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | null;
  readonly retryAfterMs: number | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, init: GatewayErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.status = init.status ?? errorStatus[code];
    this.param = init.param ?? null;
    this.retryAfterMs = init.retryAfterMs ?? null;
    this.headers = init.headers ?? none;
  }
}
