// Writes a completion as a message.
import type { Completion } from "../../completion.ts";
import type { AnswerContext, CostView } from "../../dialect.ts";
import { asText } from "../wire.ts";
import { type AnswerBlock, writeBlocks } from "./blocks.ts";
import { type Stop, type StopReason, stopReason } from "./finish.ts";
import { type WireUsage, writeUsage } from "./usage.ts";

export interface WireMessage {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly AnswerBlock[];
  readonly stop_reason: StopReason | null;
  readonly stop_sequence: string | null;
  readonly stop_details: null;
  readonly usage: WireUsage;
}

/** This dialect has one answer: the first choice. */
export function writeCompletion(completion: Completion, context: AnswerContext, cost: CostView): WireMessage {
  const { content = [], finish = null, rawFinish = null, stopSequence = null } = completion.choices[0] ?? {};
  const stop: Stop = {
    finish,
    raw: rawFinish,
    stopSequence,
    called: content.some(({ type }) => type === "tool-call"),
    refused: content.some(({ type }) => type === "refusal"),
  };
  return {
    ...heading(completion.id, context),
    content: writeBlocks(content),
    ...writeStop(stop),
    usage: writeUsage(completion.usage, completion.serviceTier, cost.usd),
  };
}

/**
 * The provider's id, or the call's own in this dialect's manner. The model is the one that was asked for: Claude Code takes
 * thinking, and with it other vendors' signatures, out of turns whose model is not the one that it asks next
 * (musistudio/claude-code-router #1629). Which model served is told in a header.
 */
export function heading(id: string, context: AnswerContext): Pick<WireMessage, "id" | "type" | "role" | "model"> {
  return {
    id: id === "" ? context.fallbackId.replace(/^(?:[a-z]+_)?/, "msg_") : id,
    type: "message",
    role: "assistant",
    model: asText(context.request?.model) ?? context.model,
  };
}

export function writeStop(stop: Stop): Pick<WireMessage, "stop_reason" | "stop_sequence" | "stop_details"> {
  const reason = stopReason(stop);
  return {
    stop_reason: reason,
    stop_sequence: reason === "stop_sequence" ? stop.stopSequence : null,
    stop_details: null,
  };
}
