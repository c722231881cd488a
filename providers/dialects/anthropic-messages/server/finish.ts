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
 * A refusal decides: OpenAI says `stop` beside one. Anthropic's own word stays where it means the same as `finish`. Else a
 * tool call decides, for which clients look.
 */
export function stopReason({ finish, raw, stopSequence, called, refused }: Stop): StopReason {
  if (refused) return "refusal";
  const own = stopReasons.find((word) => word === raw);
  if (own !== undefined && finishReason(own, { onlyJsonTool: false }) === finish) return own;
  if (finish !== null && finish !== "stop") return words[finish];
  if (called) return "tool_use";
  return stopSequence === null ? "end_turn" : "stop_sequence";
}
