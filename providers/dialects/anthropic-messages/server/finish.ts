// Finish reasons as stop reasons.
import type { FinishReason } from "../../completion.ts";
import { finishReason } from "../answer.ts";

/** SDK `StopReason`: the list is closed. */
const stopReasons = [
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "refusal",
  "model_context_window_exceeded",
] as const;
export type StopReason = (typeof stopReasons)[number];

const words: Readonly<Record<FinishReason, StopReason>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  // A failure of the model inside a successful answer: this dialect has no word for it.
  error: "end_turn",
};

export interface Stop {
  /** Null when the provider's stream did not say. */
  readonly finish: FinishReason | null;
  readonly raw: string | null;
  readonly stopSequence: string | null;
  /** Whether the answer has tool calls, and whether it has a refusal. */
  readonly called: boolean;
  readonly refused: boolean;
}

/**
 * Anthropic's own word where it means the same. A refusal decides (OpenAI says `stop` beside one), and so does a tool call,
 * which in this dialect never ends with `end_turn`.
 */
export function stopReason({ finish, raw, stopSequence, called, refused }: Stop): StopReason {
  if (refused) return "refusal";
  const reason = finish === null || (finish === "stop" && called) ? (called ? "tool-calls" : "stop") : finish;
  if (reason === "stop" && stopSequence !== null) return "stop_sequence";
  const own = stopReasons.find((word) => word === raw);
  return own !== undefined && finishReason(own, { onlyJsonTool: false }) === reason ? own : words[reason];
}
