// Writes an error as the Messages API's error body.
import type { ErrorView } from "../../dialect.ts";

/**
 * The SDK's threads and its tool runner ask the server to hold their conversation, and go on by themselves, without its help,
 * when they are told so (SDK `lib/internal/threads/ThreadState`, `unsupportedFeatures`).
 */
const noThreads = { details: { error_code: "thread_unsupported_request", unsupported: ["thread"] } };

/**
 * The `type` follows the status (SDK `ErrorType`; documentation, "Errors"); our `code` and `param` stand beside it.
 *
 * Claude Code recovers from a conversation that is too long, and tells that by Anthropic's words for it: they come first.
 */
export function writeError({ status, code, message, param, requestId }: ErrorView): Record<string, unknown> {
  const tooLong = code === "context_length_exceeded" && !/prompt is too long/i.test(message);
  return {
    type: "error",
    error: {
      type: errorType(status),
      message: tooLong ? `prompt is too long: ${message}` : message,
      code,
      param,
      ...(code === "unsupported_parameter" && param === "thread" && noThreads),
    },
    request_id: requestId,
  };
}

const types: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};

function errorType(status: number): string {
  return types[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}
