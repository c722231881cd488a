// Turns Replicate's errors, of a request or of a prediction, into classified failures.
import type { HeaderLookup } from "../dialect.ts";
import type { FailureKind, ProviderFailure } from "../failure.ts";
import { list, object, string, text } from "../json.ts";
import { retryAfter } from "../retry-after.ts";

/** `{ title, detail, status, invalid_fields? }` (RFC 9457; recordings), and `retry_after` seconds beside a 429. */
export function readError(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  const told = object(body);
  const message = text(told?.detail) ?? text(told?.title) ?? string(body) ?? "";
  const kind = kindOf(status);
  const wait = typeof told?.retry_after === "number" && told.retry_after > 0 ? told.retry_after * 1000 : null;
  return {
    kind,
    message: message === "" ? `The provider answered with HTTP status ${status}.` : message,
    status,
    code: text(told?.title),
    param: text(object(list(told?.invalid_fields)[0])?.field),
    retryAfterMs: retryAfter(headers, message, kind) ?? wait,
  };
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return "authentication";
    case 402:
      return "quota";
    case 403:
      return "permission";
    case 404:
      return "not_found";
    case 429:
      return "rate_limit";
    case 503:
      return "overloaded";
    default:
      return status >= 400 && status < 500 ? "bad_request" : "server";
  }
}

/** A prediction that failed: what the model's own code said, which knows no codes. */
export function failedPrediction(message: string | null): ProviderFailure {
  const said = message ?? "The prediction failed without saying why.";
  return { kind: causeOf(said), message: said, status: null, code: null, param: null, retryAfterMs: null };
}

function causeOf(message: string): FailureKind {
  if (/nsfw|flagged|safety|sensitive/i.test(message)) return "content_filter";
  if (/context (length|window)|prompt is too long|maximum.{0,20}tokens/i.test(message)) return "context_length";
  if (/high demand|overloaded|at capacity/i.test(message)) return "overloaded";
  return "server";
}

export function protocolFailure(message: string): ProviderFailure {
  return { kind: "protocol", message, status: null, code: null, param: null, retryAfterMs: null };
}
