// Reasoning that a client asks not to be shown: OpenRouter's `reasoning.exclude` and its elder `include_reasoning: false`.
import type { AssistantPart } from "../conversation.ts";
import { type Json, object } from "../json.ts";

/** Whether a body asks for answers without the words of reasoning (OpenRouter documentation, "Reasoning Tokens"). */
export function hidesReasoning(body: Json): boolean {
  const exclude = object(body.reasoning)?.exclude;
  return typeof exclude === "boolean" ? exclude : body.include_reasoning === false;
}

/** Leaves out the words. Proofs stay: they tell nothing, and without them a model can't go on with its tool loop. */
export function withoutReasoning(parts: readonly AssistantPart[]): readonly AssistantPart[] {
  return parts.flatMap((part): readonly AssistantPart[] => {
    if (part.type !== "reasoning") return [part];
    return part.signature === undefined && part.encrypted === undefined ? [] : [{ ...part, text: "" }];
  });
}
