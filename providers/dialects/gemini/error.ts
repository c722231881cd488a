// Reads the Gemini API's errors (google.rpc.Status as JSON) into failures that the gateway can act on.
import type { HeaderLookup } from "../dialect.ts";
import { type FailureKind, kindOfStatus, type ProviderFailure } from "../failure.ts";
import { retryAfter } from "../retry-after.ts";
import { waitIn } from "../wait.ts";
import { asNumber, asObject, asObjects, asString, type JsonObject, type Unread } from "./wire.ts";

export { protocolFailure } from "../failure.ts";

interface WireError {
  code: number;
  message: string;
  /** A name of google.rpc.Code. */
  status: string;
  /** google.rpc.ErrorInfo, RetryInfo, QuotaFailure, BadRequest, …, told apart by `@type`. */
  details: JsonObject[];
}

/** Members of the details that we read, of whichever type they are. */
interface WireDetail {
  reason: string;
  retryDelay: string;
  violations: { quotaId: string }[];
  fieldViolations: { field: string }[];
}

/** The error in a body, also where the body is an array of one (streams without SSE, some gateways); null when there is none. */
export function errorIn(body: unknown): Unread<WireError> | null {
  const holder = asObject<{ error: WireError }>(Array.isArray(body) ? body[0] : body);
  return asObject<WireError>(holder?.error);
}

/** An error response. `status` is its HTTP status; null for an error inside a stream or inside a successful response. */
export function readFailure(status: number | null, body: unknown, header: HeaderLookup = noHeader): ProviderFailure {
  const error = errorIn(body);
  if (error === null) {
    const kind = kindOfStatus(status ?? 500);
    const message = typeof body === "string" && body !== "" ? body : `The Gemini API answered with status ${status}.`;
    return {
      kind,
      message,
      status,
      code: null,
      param: null,
      retryAfterMs: retryAfter(header, message, kind),
    };
  }
  const message = asString(error.message) ?? "";
  const details = asObjects<WireDetail>(error.details);
  const word = asString(error.status);
  const reason = firstOf(details, (detail) => asString(detail.reason));
  const kind = kindOf({
    word,
    reason,
    message,
    status: status ?? asNumber(error.code) ?? 500,
    perDay: details.some((detail) => asObjects<{ quotaId: string }>(detail.violations).some(isPerDay)),
  });
  return {
    kind,
    message,
    status,
    code: reason ?? word,
    param: firstOf(details, (detail) =>
      firstOf(asObjects<{ field: string }>(detail.fieldViolations), (violation) => asString(violation.field)),
    ),
    retryAfterMs: longerWait(retryDelay(details), retryAfter(header, message, kind)),
  };
}

interface Told {
  /** The name of google.rpc.Code, e.g. `INVALID_ARGUMENT`. */
  readonly word: string | null;
  /** ErrorInfo.reason, e.g. `API_KEY_INVALID`. */
  readonly reason: string | null;
  readonly message: string;
  readonly status: number;
  /** A daily quota is among those exceeded. */
  readonly perDay: boolean;
}

/**
 * google.rpc.Code to failure, where nothing more exact is known. HTTP statuses follow from it (google/rpc/code.proto).
 * `UNAVAILABLE` is the API's "The model is overloaded".
 */
const kinds: ReadonlyMap<string, FailureKind> = new Map([
  ["INVALID_ARGUMENT", "bad_request"],
  ["FAILED_PRECONDITION", "bad_request"],
  ["OUT_OF_RANGE", "bad_request"],
  ["ALREADY_EXISTS", "bad_request"],
  ["UNIMPLEMENTED", "bad_request"],
  ["UNAUTHENTICATED", "authentication"],
  ["PERMISSION_DENIED", "permission"],
  ["NOT_FOUND", "not_found"],
  ["RESOURCE_EXHAUSTED", "rate_limit"],
  ["ABORTED", "overloaded"],
  ["UNAVAILABLE", "overloaded"],
  ["DEADLINE_EXCEEDED", "timeout"],
  ["CANCELLED", "server"],
  ["INTERNAL", "server"],
  ["UNKNOWN", "server"],
  ["DATA_LOSS", "server"],
]);

function kindOf(told: Told): FailureKind {
  const { word, reason, message } = told;
  // An invalid or expired key is a 400 INVALID_ARGUMENT with this reason: the credential's fault, not the caller's.
  if (
    reason === "API_KEY_INVALID" ||
    /API key (not valid|expired|not found)|unregistered callers|reported as leaked/i.test(message)
  ) {
    return "authentication";
  }
  if (reason === "BILLING_DISABLED" || told.status === 402) return "quota";
  // "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576)."
  if (/token count\b.*\bexceeds the maximum/i.test(message)) return "context_length";
  if (word === "FAILED_PRECONDITION") {
    if (/location is not supported|not available in your country/i.test(message)) return "permission";
    if (/billing/i.test(message)) return "quota";
  }
  if (word === "RESOURCE_EXHAUSTED" && isSpent(told)) return "quota";
  return kinds.get(word ?? "") ?? kindOfStatus(told.status);
}

/**
 * Whether waiting a little is of no use: a quota per day (which resets at midnight Pacific time, though RetryInfo then still
 * asks for some seconds), a prepaid balance that is used up, or a spending cap. "Please check your plan and billing details"
 * is said of every exceeded quota, also of those per minute, and means nothing.
 */
function isSpent({ perDay, message }: Told): boolean {
  return perDay || /credits are depleted|(spend|spending) cap/i.test(message);
}

function isPerDay(violation: Unread<{ quotaId: string }>): boolean {
  return asString(violation.quotaId)?.includes("PerDay") ?? false;
}

/** RetryInfo's `"48s"`. */
function retryDelay(details: readonly Unread<WireDetail>[]): number | null {
  return firstOf(details, ({ retryDelay: delay }) => waitIn(asString(delay) ?? "", null));
}

/**
 * RetryInfo and the message ("Please retry in 48.939935699s.") are rounded differently (recording
 * `chat-real-error-scenarios-gemini-gemini-2-5-flash-…`), so the longer one holds. No wait at all is none.
 */
function longerWait(one: number | null, other: number | null): number | null {
  return Math.max(one ?? 0, other ?? 0) || null;
}

function firstOf<T, R>(items: readonly T[], pick: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = pick(item);
    if (found !== null) return found;
  }
  return null;
}

function noHeader(): null {
  return null;
}
