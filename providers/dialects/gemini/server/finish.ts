// Finish reasons in Gemini's words.
import type { FinishReason } from "../../completion.ts";

export interface WireFinish {
  readonly finishReason: string;
  /** Another vendor's word for an ending that is not ordinary. */
  readonly finishMessage?: string;
}

/** Gemini's words (SDK, `FinishReason`), by the reason they are read as; those of blocked prompts are among them. */
const words: Readonly<Record<FinishReason, readonly string[]>> = {
  stop: ["STOP", "OTHER", "FINISH_REASON_UNSPECIFIED", "LANGUAGE"],
  "tool-calls": ["STOP"],
  length: ["MAX_TOKENS"],
  "content-filter": [
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
  ],
  error: [
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "NO_IMAGE",
    "IMAGE_OTHER",
  ],
};

/**
 * A raw word that is Gemini's own stays. A model that refused did not stop as asked, which Gemini says by `SAFETY`.
 * @param refused Whether a part of the answer is a refusal.
 */
export function writeFinish(reason: FinishReason, raw: string | null, refused: boolean): WireFinish {
  const known = words[reason];
  if (raw !== null && known.includes(raw)) return { finishReason: raw };
  if (reason === "stop" && refused) return { finishReason: "SAFETY", finishMessage: "The model refused to answer." };
  const finishReason = known[0] ?? "OTHER";
  const told = raw !== null && (reason === "content-filter" || reason === "error");
  return told ? { finishReason, finishMessage: raw } : { finishReason };
}
