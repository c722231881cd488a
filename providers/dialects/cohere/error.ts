// Turns Cohere's errors, from a response or from inside a stream, into classified failures.
import type { HeaderLookup } from "../dialect.ts";
import { type FailureKind, failureOf, kindOfStatus, type ProviderFailure } from "../failure.ts";
import { retryAfter } from "../retry-after.ts";
import { asObject, asText } from "./wire.ts";

export { protocolFailure } from "../failure.ts";

/**
 * Statuses of Cohere's own (docs.cohere.com, "Errors"): the request or the answer holds a word on a deny list; the request was
 * cancelled, and not by us, for whoever is told of it is still there.
 */
const ownStatuses = { 498: "content_filter", 499: "server" } as const;

/** An error response: `{ "message", "id"?, "error_type"? }`. */
export function readError(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  const told = asObject(body);
  const message = asText(told?.message) ?? asText(told?.error) ?? asText(body) ?? "";
  const code = asText(told?.error_type);
  const kind = classify(kindOfStatus(status, ownStatuses), code, message);
  return {
    kind,
    message: message === "" ? `The provider answered with HTTP status ${status}.` : message,
    status,
    code,
    param: null,
    retryAfterMs: retryAfter(headers, message, kind),
  };
}

/** An answer that ends in `ERROR` or `TIMEOUT` before it said anything, or a body that is an error. */
export function reportedFailure(reason: string | null, message: string | null): ProviderFailure {
  const kind = classify(reason === "TIMEOUT" ? "timeout" : "server", null, message ?? "");
  return { ...failureOf(kind, message ?? "The provider reported an error without saying which."), code: reason };
}

/** Causes that the status does not tell (recording `chat-real-error-scenarios-…-handles-context-length-exceeded-e`). */
function classify(kind: FailureKind, code: string | null, message: string): FailureKind {
  // "too many tokens: max tokens must be less than …" is about the output asked for, not the conversation.
  const tooMany = code === "TOO_MANY_TOKENS" || /too many tokens/i.test(message);
  if (tooMany && !/max tokens must be/i.test(message)) return "context_length";
  // A trial key's calls are used up for the month: waiting a moment does not help.
  if (kind === "rate_limit" && /trial key|month/i.test(message)) return "quota";
  if (kind === "bad_request" && /invalid api token/i.test(message)) return "authentication";
  return kind;
}
