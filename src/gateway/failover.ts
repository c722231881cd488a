// What a failure means: where the same call may still succeed, and what the caller is told if it does not.
import type { FailureKind, ProviderFailure } from "../../providers/dialects/failure.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";

/**
 * Where to go on. `elsewhere`: any other deployment may do better. `other_provider`: not this provider, as long as there is
 * another. `other_credential`: this credential is no use. `larger_context`: only a model that takes more. `other_model`: only
 * a model that the caller named beside this one. `stop`: the same request fails everywhere.
 */
export type Onward = "elsewhere" | "other_provider" | "other_credential" | "larger_context" | "other_model" | "stop";

interface Meaning {
  readonly onward: Onward;
  /** Whether the same deployment may do better a little later. */
  readonly again: boolean;
  readonly code: ErrorCode;
  readonly status: number;
}

/**
 * What the caller is told: a credential that the provider refuses is ours, not the caller's: it becomes a 502, so that nobody
 * goes looking for a fault in their own key.
 */
const meanings: Readonly<Record<FailureKind, Meaning>> = {
  authentication: { onward: "other_credential", again: false, code: "upstream_error", status: 502 },
  permission: { onward: "other_credential", again: false, code: "upstream_error", status: 502 },
  quota: { onward: "other_credential", again: false, code: "upstream_error", status: 502 },
  rate_limit: { onward: "elsewhere", again: true, code: "rate_limit_exceeded", status: 429 },
  overloaded: { onward: "other_provider", again: true, code: "upstream_error", status: 503 },
  not_found: { onward: "elsewhere", again: false, code: "model_not_found", status: 404 },
  timeout: { onward: "other_provider", again: false, code: "upstream_timeout", status: 504 },
  network: { onward: "other_provider", again: true, code: "upstream_error", status: 502 },
  server: { onward: "other_provider", again: true, code: "upstream_error", status: 502 },
  protocol: { onward: "other_provider", again: true, code: "upstream_invalid_response", status: 502 },
  context_length: { onward: "larger_context", again: false, code: "context_length_exceeded", status: 400 },
  content_filter: { onward: "other_model", again: false, code: "content_filter", status: 400 },
  bad_request: { onward: "stop", again: false, code: "invalid_request", status: 400 },
};

/** Codes by which providers say that they, or this model of theirs, can't take a parameter that others may. */
const incapable: ReadonlySet<string> = new Set(["unsupported_parameter", "unsupported_value", "unsupported_model"]);

export function onwardFrom({ kind, code }: ProviderFailure): Onward {
  if (kind === "bad_request" && code !== null && incapable.has(code)) return "other_provider";
  return meanings[kind].onward;
}

export function mayTryAgain({ kind }: ProviderFailure): boolean {
  return meanings[kind].again;
}

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
  const { code, status } = meanings[failure.kind];
  const own = ours[failure.kind];
  const message = own === undefined ? provider.scrub(failure.message) : `${provider.name} ${own}`;
  return new GatewayError(code, message, {
    status,
    param: failure.kind === "bad_request" && failure.param !== null ? provider.scrub(failure.param) : null,
    retryAfterMs: failure.retryAfterMs,
  });
}
