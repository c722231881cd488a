// Reasoning: `thinking` and `output_config.effort`, which say together how much a model should think.
import type { ReasoningRequest } from "../../conversation.ts";
import { missing, optionalChoice, optionalInteger, optionalObject, requiredString, unknownWord } from "../../fields.ts";
import { efforts } from "../client/capabilities.ts";
import type { JsonObject } from "../wire.ts";

const types = ["enabled", "adaptive", "disabled", "between_tools"] as const;

/**
 * - A budget stays one (at least 1024: SDK `ThinkingConfigEnabled`); its thinking is shown unless `display` says otherwise.
 * - `adaptive` is effort, `high` where none is named (SDK `OutputConfig`; documentation, "Effort").
 * - `disabled`, and `between_tools`, which is what the newest models have for it, turn reasoning off whatever the effort.
 * - Effort alone is an effort of reasoning: other vendors know no other.
 */
export function readReasoning(body: JsonObject): ReasoningRequest | null {
  const effort = optionalChoice(optionalObject(body, "output_config") ?? {}, "effort", efforts, "output_config");
  const thinking = optionalObject(body, "thinking");
  if (thinking === null) return effort === null ? null : { effort, budgetTokens: null, includeText: null };
  const type = requiredString(thinking, "type", "thinking");
  const display = optionalChoice(thinking, "display", ["summarized", "omitted"], "thinking");
  const shown = display === null ? null : display === "summarized";
  switch (type) {
    case "enabled": {
      const range = { min: 1024, max: Number.MAX_SAFE_INTEGER };
      const budgetTokens =
        optionalInteger(thinking, "budget_tokens", range, "thinking") ??
        missing("thinking.budget_tokens", "a number of tokens");
      return { effort, budgetTokens, includeText: shown ?? true };
    }
    case "adaptive":
      return { effort: effort ?? "high", budgetTokens: null, includeText: shown };
    case "disabled":
    case "between_tools":
      return { effort: "none", budgetTokens: null, includeText: null };
    default:
      return unknownWord(type, types, "thinking.type");
  }
}
