// Turns the Messages API's errors, from a response or from inside a stream, into classified failures.
import type { HeaderLookup } from "../dialect.ts";
import { type FailureKind, type KindsOfWords, kindOfStatus, kindOfWords, type ProviderFailure } from "../failure.ts";
import { retryAfter } from "../retry-after.ts";
import { asObject, asText } from "./wire.ts";

export { protocolFailure } from "../failure.ts";

/** `error.type` of the API (SDK `resources/shared`: ErrorType; `request_too_large` is documented beside them). */
const kindOfType: Readonly<Record<string, FailureKind>> = {
  invalid_request_error: "bad_request",
  authentication_error: "authentication",
  billing_error: "quota",
  permission_error: "permission",
  not_found_error: "not_found",
  request_too_large: "bad_request",
  conflict_error: "bad_request",
  rate_limit_error: "rate_limit",
  timeout_error: "timeout",
  api_error: "server",
  overloaded_error: "overloaded",
};

/** `error.details.error_code` where it says more than the type (SDK `resources/shared`: …ErrorDetails). */
const kindOfCode: Readonly<Record<string, FailureKind>> = {
  contract_spend_limit_reached: "quota",
  enforced_spend_limit_reached: "quota",
  linked_organization_spend_limit_reached: "quota",
  linked_organization_billing_unavailable: "quota",
  organization_on_hold: "permission",
};

/** Causes that the API tells by words alone, all of them under `invalid_request_error`. */
const wordsOfKinds: KindsOfWords = [
  [/prompt is too long|exceed context limit|context window/i, "context_length"],
  [/credit balance is too low|API usage limits/i, "quota"],
  [/content filtering policy/i, "content_filter"],
];

/** An error response. `body` is the parsed JSON, or the text of what was no JSON. */
export function readError(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  const told = asObject(asObject(body)?.error);
  const message = asText(told?.message) ?? asText(body) ?? "";
  const { kind, code } = told === null ? { kind: kindOfStatus(status), code: null } : classify(told, status);
  return {
    kind,
    code,
    message: message === "" ? `The provider answered with HTTP status ${status}.` : message,
    status,
    param: null,
    retryAfterMs: retryAfter(headers, message, kind),
  };
}

/** `{ "type": "error", "error": { "type", "message" } }` where an answer, or an event of a stream, was expected. */
export function readErrorEvent(body: unknown): ProviderFailure {
  const told = asObject(asObject(body)?.error);
  return {
    ...(told === null ? { kind: "server" as const, code: null } : classify(told, null)),
    message: asText(told?.message) ?? "The provider reported an error without saying which.",
    status: null,
    // The path in the message names a member of our translated body, not of the client's own: it is no `param`.
    param: null,
    retryAfterMs: null,
  };
}

function classify(
  told: Readonly<Record<string, unknown>>,
  status: number | null,
): Pick<ProviderFailure, "kind" | "code"> {
  const type = asText(told.type);
  const code = asText(asObject(told.details)?.error_code);
  const byCode = code === null ? undefined : kindOfCode[code];
  const byType = type === null ? undefined : kindOfType[type];
  const kind = byCode ?? byType ?? kindOfStatus(status ?? 500);
  return {
    kind: kind === "bad_request" ? (kindOfWords(wordsOfKinds, asText(told.message) ?? "") ?? kind) : kind,
    code: code ?? type,
  };
}
