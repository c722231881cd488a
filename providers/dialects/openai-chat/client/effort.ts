// Reasoning effort: OpenAI chat knows levels only, so a budget of tokens becomes the level nearest to it.
import type { ReasoningRequest } from "../../conversation.ts";
import type { ModelTraits } from "../../dialect.ts";

type Effort = NonNullable<ReasoningRequest["effort"]>;

/** Budgets up to so many tokens for a level; the last level has no end. */
const levels: readonly (readonly [budgetTokens: number, effort: Effort])[] = [
  [0, "none"],
  [512, "minimal"],
  [2048, "low"],
  [8192, "medium"],
  [Number.POSITIVE_INFINITY, "high"],
];

/** @returns The level asked for, else the nearest one that the model has to the budget; null when neither was said. */
export function effortFor(reasoning: ReasoningRequest, traits: ModelTraits): Effort | null {
  if (reasoning.effort !== null) return reasoning.effort;
  const budget = reasoning.budgetTokens;
  if (budget === null) return null;
  const wanted = levels.findIndex(([upTo]) => budget <= upTo);
  const known = traits.reasoningEfforts;
  const possible = levels
    .map(([, effort], at) => ({ effort, distance: Math.abs(at - wanted) }))
    .filter(({ effort }) => known === undefined || known.length === 0 || known.includes(effort));
  possible.sort((a, b) => a.distance - b.distance);
  return possible[0]?.effort ?? null;
}
