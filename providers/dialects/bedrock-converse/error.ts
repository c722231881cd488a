// Turns the errors of Bedrock's runtime, from a response or from inside a stream, into classified failures.
import type { HeaderLookup } from "../dialect.ts";
import {
  type FailureKind,
  type KindsOfWords,
  kindOfStatus,
  kindOfWords,
  type ProviderFailure,
  protocolFailure,
} from "../failure.ts";
import { retryAfter } from "../retry-after.ts";
import { corruptStream, exceptionPrefix } from "./eventstream.ts";
import { asObject, asText } from "./wire.ts";

export { protocolFailure } from "../failure.ts";

/**
 * By exception (Amazon Bedrock API Reference, "Converse" and "ConverseStream", Errors; "Common Errors"). Names in
 * streams begin with a small letter.
 */
const kindOfException: Readonly<Record<string, FailureKind>> = {
  AccessDeniedException: "permission",
  ExpiredTokenException: "authentication",
  IncompleteSignature: "authentication",
  InvalidClientTokenId: "authentication",
  InvalidSignatureException: "authentication",
  MissingAuthenticationToken: "authentication",
  MissingAuthenticationTokenException: "authentication",
  UnrecognizedClientException: "authentication",
  OptInRequired: "permission",
  ResourceNotFoundException: "not_found",
  UnknownOperationException: "not_found",
  ThrottlingException: "rate_limit",
  ServiceQuotaExceededException: "rate_limit",
  ModelNotReadyException: "overloaded",
  ServiceUnavailableException: "overloaded",
  ModelTimeoutException: "timeout",
  ModelErrorException: "server",
  ModelStreamErrorException: "server",
  InternalServerException: "server",
  InternalFailure: "server",
  ValidationException: "bad_request",
};

/** Causes that are told by words alone. */
const wordsOfKinds: KindsOfWords = [
  [
    /input is too long|prompt is too long|too many input tokens|exceeds? (?:the )?(?:maximum|model'?s?) .*(?:context|tokens)|context (?:length|window)/i,
    "context_length",
  ],
  [/model identifier is invalid|end of its life/i, "not_found"],
  // A 403 for a credential, where the header that names the exception is missing (recording `bedrock-converse-error`).
  [/security token|signature|api key/i, "authentication"],
];

/** 424 tells that the model failed, not the request. */
const ownStatuses = { 424: "server" } as const;

/** An error response: `{ "message" }`, with the exception's name in `x-amzn-errortype` or `__type`. */
export function readError(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  const told = toldBy(body);
  const exception = plainName(headers("x-amzn-errortype") ?? told.type);
  const kind = classify(exception, status, told.message);
  return {
    kind,
    message: told.message === "" ? `The provider answered with HTTP status ${status}.` : told.message,
    status,
    code: exception,
    param: null,
    retryAfterMs: retryAfter(headers, told.message, kind),
  };
}

/** An exception inside a stream, or a body that is an error where an answer was expected. */
export function readException(name: string | null, body: unknown): ProviderFailure {
  if (name === corruptStream) return protocolFailure(toldBy(body).message);
  const told = toldBy(body);
  const exception = plainName(name?.slice(exceptionPrefix.length) ?? told.type);
  return {
    kind: classify(exception, asStatus(body), told.message),
    message: told.message === "" ? "The provider reported an error without saying which." : told.message,
    status: null,
    code: exception,
    param: null,
    retryAfterMs: null,
  };
}

function classify(exception: string | null, status: number | null, message: string): FailureKind {
  const kind =
    (exception === null ? undefined : kindOfException[exception]) ?? kindOfStatus(status ?? 500, ownStatuses);
  if (kind !== "bad_request" && kind !== "permission") return kind;
  const byWords = kindOfWords(wordsOfKinds, message);
  if (byWords === null) return kind;
  // "Signature" and "API key" tell of a credential only where access was denied.
  return (byWords === "authentication") === (kind === "permission") ? byWords : kind;
}

/** A failed model call says what the model itself answered in `originalStatusCode`. */
function asStatus(body: unknown): number | null {
  const status = asObject(body)?.originalStatusCode;
  return typeof status === "number" ? status : null;
}

function toldBy(body: unknown): { readonly message: string; readonly type: string | null } {
  const told = asObject(body);
  if (told === null) return { message: asText(body) ?? "", type: null };
  return { message: asText(told.message) ?? asText(told.Message) ?? "", type: asText(told.__type) };
}

/** `throttlingException`, `ValidationException:http://…`, `com.amazon.coral.service#UnknownOperationException`. */
function plainName(name: string | null): string | null {
  const plain = name?.split(":")[0]?.split("#").at(-1)?.trim() ?? "";
  return plain === "" ? null : plain.charAt(0).toUpperCase() + plain.slice(1);
}
