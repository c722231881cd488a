// Errors of the admin surface, in OpenAI's shape, whoever raised them.
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { GatewayError } from "../errors.ts";
import { errorHeaders, errorView } from "../gateway/respond.ts";

/** The answer to an error. What is no GatewayError is ours, and shows nothing of itself. */
export function errorResponse(c: Context, error: GatewayError, requestId: string): Response {
  const headers: Record<string, string> = {
    ...errorHeaders(error),
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-request-id": requestId,
  };
  if (error.status === 401) headers["www-authenticate"] = "Bearer";
  const body = JSON.stringify(openaiChatServer.error(errorView(error, requestId)));
  return c.body(body, error.status as ContentfulStatusCode, headers);
}

/** Any thrown thing as a GatewayError; null when it is a failure of ours. */
export function knownError(error: unknown): GatewayError | null {
  if (error instanceof GatewayError) return error;
  if (!(error instanceof HTTPException) || error.status >= 500) return null;
  // Raised by the validators: a media type that is not declared, or a body that is missing.
  return error.status === 415
    ? new GatewayError("unsupported_media_type", "The body must be sent as application/json.")
    : new GatewayError("invalid_json", "The body is missing or is not valid JSON.");
}

/** The first problem of an input that failed its schema, naming the member where it lies. */
export function validationError(error: z.core.$ZodError): GatewayError {
  const [issue] = error.issues;
  if (issue === undefined) return new GatewayError("invalid_request", "The request is not valid.");
  if (issue.code === "unrecognized_keys") return unknownMember([...issue.path, ...issue.keys.slice(0, 1)].join("."));
  const param = issue.path.join(".");
  const where = param === "" ? "The request" : `\`${param.slice(0, 100)}\``;
  const what = isMissing(issue) ? " must be given" : `: ${issue.message}`;
  return new GatewayError("invalid_request", `${where}${what}.`, { param: param === "" ? null : param });
}

/** Issues hold no input, only words of it. */
function isMissing({ code, message }: z.core.$ZodIssue): boolean {
  return code === "invalid_type" && message.endsWith("received undefined");
}

function unknownMember(name: string): GatewayError {
  const param = name.slice(0, 100);
  return new GatewayError("invalid_request", `\`${param}\` is not known here.`, { param });
}
