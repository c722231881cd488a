// Errors: what a provider's error says, and what kind of failure that is.
import type { HeaderLookup } from "../dialect.ts";
import { type FailureKind, kindOfStatus, type ProviderFailure } from "../failure.ts";
import { count, isObject, type Json, list, object, string, text } from "../json.ts";
import { retryAfter } from "../retry-after.ts";

export { protocolFailure } from "../failure.ts";

/** Enough to read, too little to fill a log. */
const maxMessage = 2000;

interface ErrorFacts {
  readonly message: string;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  /** The status that the body names, for errors inside a stream (OpenRouter `code`, Groq `status_code`). */
  readonly status: number | null;
}

/** Codes and types that say what happened whatever the status (recordings; OpenAI, "Error codes"; LiteLLM issues). */
const kinds: Readonly<Record<string, FailureKind>> = {
  context_length_exceeded: "context_length",
  too_many_prompt_tokens: "context_length", // Perplexity
  insufficient_quota: "quota",
  billing_hard_limit_reached: "quota",
  billing_not_active: "quota",
  credit_balance_exhausted: "quota",
  insufficient_balance: "quota",
  invalid_api_key: "authentication",
  account_deactivated: "authentication",
  model_not_found: "not_found",
  deploymentnotfound: "not_found", // Azure
  content_filter: "content_filter",
  content_policy_violation: "content_filter",
  moderation_blocked: "content_filter",
  responsibleaipolicyviolation: "content_filter", // Azure
  server_is_overloaded: "overloaded",
  slow_down: "overloaded",
  overloaded_error: "overloaded",
  engine_overloaded: "overloaded",
  rate_limit_exceeded: "rate_limit",
  ratelimitreached: "rate_limit", // Azure
  rate_limit_error: "rate_limit",
  authentication_error: "authentication",
  permission_error: "permission",
  permission_denied: "permission",
  server_error: "server",
  api_error: "server",
  internal_server_error: "server",
  invalid_request_error: "bad_request",
};

/** These say little: the status, or the message, says more. */
const vague: ReadonlySet<string> = new Set([
  "invalid_request_error",
  "api_error",
  "server_error",
  "internal_server_error",
]);

const tooLong = /maximum context length|context (?:length|window)|prompt is too long|too many (?:input|prompt) tokens/i;
const overloaded = /\boverloaded\b|at capacity|no available capacity/i;
const outOfMoney = /insufficient (?:balance|credit|quota|funds)|exceeded your current quota/i;

/**
 * Reads a failed response.
 * @param body Parsed JSON, or the text where it is not JSON.
 */
export function readFailure(status: number, headers: HeaderLookup, body: unknown): ProviderFailure {
  const facts =
    factsOf(body) ?? noFacts(typeof body === "string" && body.trim() !== "" ? body : `HTTP status ${status}`);
  const kind = kindOf(facts, status);
  return {
    ...failure(kind, facts),
    status,
    retryAfterMs: retryAfter(withToldHeaders(headers, body), facts.message, kind),
  };
}

/** OpenRouter tells the headers of a refusal in its body, as `error.metadata.headers` (dirge-code/dirge#719). */
function withToldHeaders(headers: HeaderLookup, body: unknown): HeaderLookup {
  const told = object(object(object(object(body)?.error)?.metadata)?.headers);
  if (told === null) return headers;
  return (name) => headers(name) ?? text(Object.entries(told).find(([header]) => header.toLowerCase() === name)?.[1]);
}

/** The failure that a body with status 200, or a chunk of a stream, holds; null when it holds none. */
export function failureInside(body: Json): ProviderFailure | null {
  const facts = factsOf(body);
  return facts === null ? null : failure(kindOf(facts, facts.status), facts);
}

function failure(kind: FailureKind, facts: ErrorFacts): ProviderFailure {
  return {
    kind,
    message: facts.message.slice(0, maxMessage),
    status: null,
    code: facts.code,
    param: facts.param,
    retryAfterMs: retryAfter(() => null, facts.message, kind),
  };
}

/**
 * The error in a body, in the shapes that are met: OpenAI's `{error: {…}}`; the same in an array (Google); `{error: "…"}`;
 * the members at the top (Mistral, Databricks, and vLLM's `object: "error"`); `{code, error: "…"}` (xAI); `{detail}`
 * (FastAPI, DeepInfra); `{errors: [{message}]}` (Cloudflare, watsonx).
 */
function factsOf(body: unknown): ErrorFacts | null {
  const top = object(Array.isArray(body) ? body[0] : body);
  if (top === null) return null;
  if (isObject(top.error)) return facts(top.error);
  if (text(top.error) !== null) return facts({ ...top, message: top.error });
  if (Array.isArray(top.choices)) return null;
  if (isObject(list(top.errors)[0])) return facts(list(top.errors)[0] as Json);
  if (text(top.message) !== null) return facts(top);
  if (top.detail !== undefined) return facts({ message: detailText(top.detail) });
  return null;
}

function detailText(detail: unknown): string {
  return string(detail) ?? string(object(detail)?.error) ?? JSON.stringify(detail);
}

function facts(error: Json): ErrorFacts {
  const number = count(error.code) ?? count(error.status_code);
  return {
    message: text(error.message) ?? text(error.type) ?? "The provider gave no reason.",
    type: text(error.type),
    code: text(error.code) ?? text(error.error_code) ?? (number === null ? null : String(number)),
    param: text(error.param),
    status: number ?? (/^[45]\d\d$/.test(text(error.code) ?? "") ? Number(error.code) : null),
  };
}

function noFacts(message: string): ErrorFacts {
  return { message, type: null, code: null, param: null, status: null };
}

function kindOf(facts: ErrorFacts, status: number | null): FailureKind {
  const said = [facts.code, facts.type].map((word) => word?.toLowerCase() ?? "");
  const exact = said.find((word) => kinds[word] !== undefined && !vague.has(word));
  // Overload and lack of money hide behind 429, and a prompt too long behind several statuses.
  if (status === null || (status >= 400 && status < 500)) {
    if (outOfMoney.test(facts.message)) return "quota";
    if (tooLong.test(facts.message) && status !== 429) return "context_length";
  }
  if ((status === null || status === 429 || status >= 500) && overloaded.test(facts.message)) return "overloaded";
  if (exact !== undefined) return kinds[exact] ?? "server";
  // A number below is no HTTP status, but a code of the provider's own.
  if (status !== null) return status < 400 ? "bad_request" : kindOfStatus(status);
  const hint = said.find((word) => kinds[word] !== undefined);
  return (hint === undefined ? undefined : kinds[hint]) ?? "server";
}
