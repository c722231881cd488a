// What a failure means: whether another deployment may succeed where this one failed, and what the caller is told if not.
import type { FailureKind, ProviderFailure } from "../../providers/dialects/failure.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";

/** `elsewhere`: the next deployment may do better. `stop`: the same request fails everywhere. */
const next: Record<FailureKind, "elsewhere" | "stop"> = {
  authentication: "elsewhere",
  permission: "elsewhere",
  quota: "elsewhere",
  rate_limit: "elsewhere",
  overloaded: "elsewhere",
  not_found: "elsewhere",
  timeout: "elsewhere",
  network: "elsewhere",
  server: "elsewhere",
  protocol: "elsewhere",
  context_length: "stop",
  content_filter: "stop",
  bad_request: "stop",
};

export function mayTryElsewhere(failure: ProviderFailure): boolean {
  return next[failure.kind] === "elsewhere";
}

interface Told {
  readonly code: ErrorCode;
  readonly status: number;
}

/**
 * What the caller is told. A credential that the provider refuses is ours, not the caller's: it becomes a 502, so that nobody
 * goes looking for a fault in their own key.
 */
const told: Record<FailureKind, Told> = {
  authentication: { code: "upstream_error", status: 502 },
  permission: { code: "upstream_error", status: 502 },
  quota: { code: "upstream_error", status: 502 },
  rate_limit: { code: "rate_limit_exceeded", status: 429 },
  overloaded: { code: "upstream_error", status: 503 },
  context_length: { code: "context_length_exceeded", status: 400 },
  content_filter: { code: "content_filter", status: 400 },
  bad_request: { code: "invalid_request", status: 400 },
  not_found: { code: "model_not_found", status: 404 },
  timeout: { code: "upstream_timeout", status: 504 },
  network: { code: "upstream_error", status: 502 },
  server: { code: "upstream_error", status: 502 },
  protocol: { code: "upstream_invalid_response", status: 502 },
};

/** Kinds whose cause lies with the installation: the caller gets our words, the provider's stay in our log. */
const ours: Partial<Record<FailureKind, string>> = {
  authentication: "refused this gateway's credential. The operator must check it.",
  permission: "does not allow this gateway's credential to do this. The operator must check it.",
  quota: "has no quota left for this gateway's credential. The operator must check it.",
};

/** The error for the caller. `scrub` takes secrets out of the provider's words. */
export function toGatewayError(
  failure: ProviderFailure,
  provider: { readonly name: string; scrub(text: string): string },
): GatewayError {
  const { code, status } = told[failure.kind];
  const own = ours[failure.kind];
  const message = own === undefined ? provider.scrub(failure.message) : `${provider.name} ${own}`;
  return new GatewayError(code, message, {
    status,
    param: failure.kind === "bad_request" ? failure.param : null,
    retryAfterMs: failure.retryAfterMs,
  });
}
