// Why a response ended: OpenAI's status and incomplete reason into the neutral finish, and back.
import type { FinishReason } from "../completion.ts";
import { type Json, object, text } from "../json.ts";

/** `steered` and `max_messages` end a response in good order. */
const reasons: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: "length",
  content_filter: "content-filter",
  steered: "stop",
  max_messages: "stop",
};

/**
 * @param response A whole response. Some servers write no status, or `complete` (recordings of pydantic-ai).
 * @param calledTools Whether it holds a function call.
 */
export function readFinish(
  response: Json,
  calledTools: boolean,
): { readonly reason: FinishReason; readonly raw: string | null } {
  const status = text(response.status);
  const why = text(object(response.incomplete_details)?.reason);
  if (status === "incomplete") return { reason: reasons[why ?? ""] ?? "length", raw: why ?? status };
  if (status === "cancelled") return { reason: "error", raw: status };
  return { reason: calledTools ? "tool-calls" : "stop", raw: status };
}

export interface Outcome {
  readonly status: "completed" | "incomplete" | "failed";
  readonly incomplete: "max_output_tokens" | "content_filter" | null;
}

/** A failure of the model inside an answer, such as a malformed function call, is OpenAI's `failed`. */
export function writeFinish(reason: FinishReason): Outcome {
  switch (reason) {
    case "length":
      return { status: "incomplete", incomplete: "max_output_tokens" };
    case "content-filter":
      return { status: "incomplete", incomplete: "content_filter" };
    case "error":
      return { status: "failed", incomplete: null };
    case "stop":
    case "tool-calls":
      return { status: "completed", incomplete: null };
  }
}
