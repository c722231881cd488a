// What an answer says besides the model's words: its headers, and errors in the caller's dialect.
import type { ErrorView } from "../../providers/dialects/dialect.ts";
import type { GatewayError } from "../errors.ts";
import type { Deployment } from "../router/deployment.ts";
import type { AnswerDialect } from "./call.ts";
import type { Sink } from "./sink.ts";

export const streamHeaders: readonly (readonly [name: string, value: string])[] = [
  ["content-type", "text/event-stream; charset=utf-8"],
  ["cache-control", "no-cache"],
  // nginx would hold a stream back otherwise.
  ["x-accel-buffering", "no"],
];

export interface AnswerFacts {
  readonly requestId: string;
  readonly deployment: Deployment | null;
  readonly attempts: number;
  /** Time spent in this gateway rather than at the provider. */
  readonly overheadMs: number;
  readonly dropped: readonly string[];
}

/** The headers that every answer of the pipeline carries (INTERFACE, "Answer headers"). */
export function answerHeaders(facts: AnswerFacts): Record<string, string> {
  const headers: Record<string, string> = {
    "x-request-id": facts.requestId,
    "x-turnpike-attempts": String(facts.attempts),
    "x-turnpike-overhead-ms": Math.max(0, facts.overheadMs).toFixed(2),
  };
  if (facts.deployment !== null) {
    headers["x-turnpike-provider"] = facts.deployment.connection.provider.id;
    headers["x-turnpike-model"] = headerValue(facts.deployment.model);
  }
  if (facts.dropped.length > 0) headers["x-turnpike-dropped-params"] = headerValue(facts.dropped.join(", "));
  return headers;
}

export function errorView(error: GatewayError, requestId: string): ErrorView {
  return { status: error.status, code: error.code, message: error.message, param: error.param, requestId };
}

/** Sends a whole error answer in the caller's dialect. */
export function sendError(
  sink: Sink,
  dialect: Pick<AnswerDialect, "error">,
  error: GatewayError,
  headers: Readonly<Record<string, string>>,
  requestId: string,
): void {
  const body = JSON.stringify(dialect.error(errorView(error, requestId)));
  sink.head(error.status, { ...headers, ...errorHeaders(error), "content-type": "application/json" });
  sink.end(body);
}

/** The error's own, and `retry-after` in whole seconds and, for the official SDKs, in milliseconds. */
export function errorHeaders(error: GatewayError): Readonly<Record<string, string>> {
  if (error.retryAfterMs === null) return error.headers;
  return {
    ...error.headers,
    "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))),
    "retry-after-ms": String(Math.ceil(error.retryAfterMs)),
  };
}

/** Header values take visible Latin-1 only; anything else would be refused by the server or split the header. */
function headerValue(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
