// Gemini's finish reasons as neutral ones.
import type { FinishReason } from "../../completion.ts";

/** By the names of the SDK's `FinishReason` and `BlockedReason`; MODEL_ARMOR as recorded on Vertex. Others are a plain stop. */
const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["CONTINUATION", "length"],
  ["SAFETY", "content-filter"],
  ["RECITATION", "content-filter"],
  ["BLOCKLIST", "content-filter"],
  ["PROHIBITED_CONTENT", "content-filter"],
  ["SPII", "content-filter"],
  ["MODEL_ARMOR", "content-filter"],
  ["IMAGE_SAFETY", "content-filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content-filter"],
  ["IMAGE_RECITATION", "content-filter"],
  ["MALFORMED_FUNCTION_CALL", "error"],
  ["MALFORMED_RESPONSE", "error"],
  ["UNEXPECTED_TOOL_CALL", "error"],
  ["TOO_MANY_TOOL_CALLS", "error"],
  ["NO_IMAGE", "error"],
  ["IMAGE_OTHER", "error"],
]);

/** Why a candidate ended. Gemini says STOP also when it called tools, so that is told by the calls that were seen. */
export function finishOf(raw: string | null, calls: number): FinishReason {
  const reason = reasons.get(raw ?? "STOP") ?? "stop";
  return reason === "stop" && calls > 0 ? "tool-calls" : reason;
}

/**
 * Vertex's words by their numbers (`google.cloud.aiplatform.v1`, `Candidate.FinishReason`). The Gemini API numbers those from
 * 6 on otherwise, but it is Vertex's clients alone that ask for numbers (`enum-encoding=int`).
 */
const numbered: readonly string[] = [
  "FINISH_REASON_UNSPECIFIED",
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "MODEL_ARMOR",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "UNEXPECTED_TOOL_CALL",
  "NO_IMAGE",
];

/** The word in a `finishReason` member; null while there is none. A number that is not known stays one. */
export function finishWord(finishReason: unknown): string | null {
  if (typeof finishReason === "string") return finishReason;
  return typeof finishReason === "number" ? (numbered[finishReason] ?? String(finishReason)) : null;
}
