// Writes an error as google.rpc.Status, which is what the Gemini API answers with.
import type { ErrorView } from "../../dialect.ts";

/** google.rpc.Code by HTTP status (google/rpc/code.proto). */
const words: ReadonlyMap<number, string> = new Map([
  [401, "UNAUTHENTICATED"],
  [402, "FAILED_PRECONDITION"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [408, "DEADLINE_EXCEEDED"],
  [409, "ABORTED"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
  [529, "UNAVAILABLE"],
]);

/** The error body. `ErrorInfo.reason` is Turnpike's code; `BadRequest` names the parameter, as Google's own errors do. */
export function writeError({ status, code, message, param, requestId }: ErrorView): Record<string, unknown> {
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: code,
    domain: "turnpike",
    metadata: { request_id: requestId },
  };
  const field = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field: param, description: message }],
  };
  const word = words.get(status) ?? (status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT");
  return { error: { code: status, message, status: word, details: param === null ? [info] : [info, field] } };
}
