// Says how much a Cohere model is to think: on or off, with a budget.
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type { Conversation } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import type { JsonObject } from "../wire.ts";

/** Tokens for each effort; `null` is as much as it takes. The sizes are ours: Cohere names none. */
const budgetOfEffort = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: null,
  xhigh: null,
  max: null,
} as const;

/** `thinking: { type, token_budget }` (docs.cohere.com, "Reasoning"); null when the caller leaves it to the model. */
export function encodeThinking(
  { reasoning }: Conversation,
  { model, traits }: Target,
  losses: Losses,
): JsonObject | null {
  const effort = reasoning?.effort ?? null;
  const asked = reasoning?.budgetTokens ?? null;
  if (effort === null && asked === null) return null;
  const off = effort === "none" || (effort === null && asked === 0);
  if (!(traits.reasoning ?? /reasoning|command-a-plus/.test(model))) {
    if (!off) losses.drop("reasoning", "is not supported by this model");
    return null;
  }
  if (effort === "none" || (effort === null && asked === 0)) return { type: "disabled" };
  const budget = asked !== null && asked > 0 ? asked : effort === null ? null : budgetOfEffort[effort];
  return { type: "enabled", ...(budget !== null && { token_budget: budget }) };
}
