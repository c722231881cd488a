// Reasoning request: how each kind of server is told how much to reason.
import type { ReasoningRequest } from "../../conversation.ts";
import type { ModelTraits } from "../../dialect.ts";
import type { Behaviour } from "../quirks.ts";

type Members = Record<string, unknown>;

/**
 * @param effort The level asked for, or the one nearest to the budget; null when neither was said.
 * @returns The members of the body that say so.
 */
export function reasoningMembers(
  reasoning: ReasoningRequest,
  effort: ReasoningRequest["effort"],
  traits: ModelTraits,
  form: Behaviour["reasoningParameter"],
): Members {
  switch (form) {
    case "reasoning":
      return { reasoning: openRouter(reasoning) };
    case "reasoning_effort":
      return effort === null ? {} : { reasoning_effort: effort };
    // DeepSeek documentation, "Thinking Mode"; Z.ai, "Thinking Mode"; Moonshot, "Use kimi-k2 Thinking Model".
    case "thinking":
      if (effort === null) return {};
      return {
        thinking: { type: effort === "none" ? "disabled" : "enabled" },
        ...(effort !== "none" && traits.reasoningEfforts?.includes(effort) ? { reasoning_effort: effort } : {}),
      };
    // Alibaba documentation, "Deep thinking".
    case "enable_thinking":
      if (effort === null) return {};
      return {
        enable_thinking: effort !== "none",
        ...(effort === "none" || reasoning.budgetTokens === null ? {} : { thinking_budget: reasoning.budgetTokens }),
      };
  }
}

/** OpenRouter documentation, "Reasoning Tokens": `effort` or `max_tokens`, and `exclude`. */
function openRouter({ effort, budgetTokens, includeText }: ReasoningRequest): Members {
  return {
    ...(budgetTokens === null ? (effort === null ? { enabled: true } : { effort }) : { max_tokens: budgetTokens }),
    ...(includeText === null ? {} : { exclude: !includeText }),
  };
}
