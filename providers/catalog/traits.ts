// What a translator may know of a model, drawn from its facts.
import type { ModelTraits } from "../dialects/dialect.ts";
import type { ModelFacts } from "./facts.ts";

/** Traits of a model for the dialects. Unknown stays absent. */
export function traits(facts: ModelFacts): ModelTraits {
  const { capabilities, reasoningOptions } = facts;
  const effort = reasoningOptions.find((option) => option.type === "effort");
  const budget = reasoningOptions.find((option) => option.type === "budget_tokens");
  return {
    ...(facts.maxOutputTokens !== undefined && { maxOutputTokens: facts.maxOutputTokens }),
    ...(facts.contextWindow !== undefined && { contextWindow: facts.contextWindow }),
    ...(capabilities.reasoning !== undefined && { reasoning: capabilities.reasoning }),
    ...(effort && { reasoningEfforts: effort.values }),
    ...(budget && { reasoningBudget: budgetRange(budget) }),
    ...(capabilities.temperature !== undefined && { temperature: capabilities.temperature }),
    ...(capabilities.jsonSchema !== undefined && { jsonSchema: capabilities.jsonSchema }),
    ...(capabilities.tools !== undefined && { tools: capabilities.tools }),
  };
}

function budgetRange(budget: { readonly min?: number; readonly max?: number }): { min?: number; max?: number } {
  return {
    ...(budget.min !== undefined && { min: budget.min }),
    ...(budget.max !== undefined && { max: budget.max }),
  };
}
