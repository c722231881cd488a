// Plans how much a model is to think: effort or budget by generation, and what thinking forbids.
import type { Conversation, ReasoningRequest } from "../../conversation.ts";
import type { ModelTraits, Target } from "../../dialect.ts";
import { generationOf, offSwitch, since } from "../generation.ts";
import { asCount, asObject, type Effort, type Thinking } from "../wire.ts";
import { capabilities, efforts } from "./capabilities.ts";
import type { Losses } from "./unsupported.ts";

export interface ThinkingPlan {
  readonly thinking: Thinking | null;
  readonly effort: Effort | null;
  /** Whether the request asks for thinking; sampling is limited then. */
  readonly on: boolean;
  /** The budget counts inside it. Never above what the caller asked. */
  readonly maxTokens: number;
  /**
   * Whether earlier thinking is sent back. Where thinking is off the API refuses it in the open turn ("When thinking is
   * disabled, an `assistant` message in the final position cannot contain `thinking`") and reads over it elsewhere: leaving it
   * out loses nothing, and left out everywhere it keeps the cached prefix from changing when the turn is finished.
   */
  readonly keepsThinking: boolean;
}

/** What the rest of the request means for thinking. */
export interface Surroundings {
  readonly forcedTool: boolean;
  /** Whether the open assistant turn begins with thinking; null when no turn is open. */
  readonly openTurnThinks: boolean | null;
}

/** The least budget, tokens (SDK `ThinkingConfigEnabled`). */
const leastBudget = 1024;
/** The API requires `max_tokens`; this is sent where neither the caller nor the catalogue says. */
const fallbackMaxTokens = 4096;

type NeutralEffort = NonNullable<ReasoningRequest["effort"]>;

/** Tokens for each effort on models that know budgets only. The sizes are ours: Anthropic names none. */
const budgetOfEffort: Readonly<Record<Exclude<NeutralEffort, "none">, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16384,
  xhigh: 32768,
  max: 64000,
};

/**
 * - Effort becomes `thinking: adaptive` with `output_config.effort` from Claude 4.6 on (in the catalogue: models whose efforts
 *   include `max`), a budget before. Opus 4.5 takes both. An effort that a model does not have is rounded down to one that it
 *   has, never up: more thinking costs more.
 * - A budget is sent as it is where the model takes one, else as the effort of that size.
 * - A budget counts inside `max_tokens`, which stays what the caller asked: the budget is cut to leave room for an answer, and
 *   thinking is left out, and said so, where the limit has no room for the least budget.
 * - `none` is sent in the form that the generation knows; where thinking can't be turned off it is reported, and the lowest
 *   effort asked for instead. A wish about the text of reasoning alone turns nothing on.
 * - A budget is incompatible with a forced tool, and with an open turn that begins without thinking ("a final `assistant`
 *   message must start with a thinking block"): thinking is then left out, and said so. Adaptive thinking takes both
 *   (recording `test_anthropic_opus_46_adaptive_thinking_accepts_tool_output-unified-.0`; documentation "Adaptive thinking").
 */
export function planThinking(
  conversation: Conversation,
  target: Target,
  around: Surroundings,
  losses: Losses,
): ThinkingPlan {
  const limit = target.traits.maxOutputTokens;
  const maxTokens = Math.min(
    conversation.maxOutputTokens ?? limit ?? fallbackMaxTokens,
    limit ?? Number.POSITIVE_INFINITY,
  );
  const model = capabilities(target);
  const silent: ThinkingPlan = {
    thinking: null,
    effort: null,
    on: false,
    maxTokens,
    keepsThinking: model.thinksByDefault,
  };
  const asked = wanted(conversation);
  if (asked === null) return silent;
  if (asked === "off") return turnedOff(silent, target, losses);
  if (model.style === "none") {
    losses.drop("reasoning", "is not supported by this model");
    return silent;
  }
  const { includeText } = asked;
  const budget = asked.budgetTokens !== null && model.takesBudget ? asked.budgetTokens : null;
  if (model.style === "adaptive" && (budget === null || asked.effort !== null)) {
    const display =
      includeText === null ? {} : { display: includeText ? ("summarized" as const) : ("omitted" as const) };
    return {
      ...silent,
      thinking: { type: "adaptive", ...display },
      effort: roundedEffort(asked.effort ?? effortOfBudget(asked.budgetTokens), model.efforts),
      on: true,
      keepsThinking: true,
    };
  }
  const conflict = budgetConflict(around);
  if (conflict !== null) {
    losses.drop("reasoning", conflict);
    return silent;
  }
  const wish = budgetWithin(budget ?? budgetOfEffort[asked.effort ?? "medium"], target.traits);
  // Nobody set a limit: thinking comes on top of what an answer is given.
  const total = conversation.maxOutputTokens === null && limit === undefined ? maxTokens + wish : maxTokens;
  const fitting = fitBudget(wish, total, { named: budget !== null });
  if (fitting === null) {
    losses.drop("reasoning", `needs an output limit above ${leastBudget} tokens, the least thinking budget`);
    return silent;
  }
  return {
    thinking: {
      type: "enabled",
      budget_tokens: fitting,
      ...(includeText === false && { display: "omitted" as const }),
    },
    effort: asked.effort === null ? null : roundedEffort(asked.effort, model.efforts),
    on: true,
    maxTokens: total,
    keepsThinking: true,
  };
}

type Wanted = Omit<ReasoningRequest, "effort"> & { readonly effort: Exclude<NeutralEffort, "none"> | null };

/** Null when the caller leaves it to the model: a wish about the text alone turns nothing on. */
function wanted({ reasoning, extras }: Conversation): Wanted | "off" | null {
  const asked = reasoning ?? fromExtra(extras.thinking);
  if (asked === null) return null;
  const { effort, budgetTokens, includeText } = asked;
  if (effort === "none" || (effort === null && budgetTokens === 0)) return "off";
  if (effort === null && budgetTokens === null) return null;
  // A negative budget is Gemini's "as much as it takes".
  return { effort, budgetTokens: budgetTokens !== null && budgetTokens > 0 ? budgetTokens : null, includeText };
}

/** Anthropic's own `thinking` member in the body of another dialect, as users of other gateways write it. */
function fromExtra(extra: unknown): ReasoningRequest | null {
  const thinking = asObject(extra);
  const includeText = thinking?.display === "summarized" ? true : thinking?.display === "omitted" ? false : null;
  switch (thinking?.type) {
    case "enabled":
      return { effort: null, budgetTokens: asCount(thinking.budget_tokens) ?? -1, includeText };
    case "adaptive":
      return { effort: "high", budgetTokens: null, includeText };
    case "disabled":
      return { effort: "none", budgetTokens: null, includeText };
    default:
      return null;
  }
}

/** Whether an extra member `thinking` is Anthropic's, and so is understood here. */
export function isThinkingExtra(extra: unknown): boolean {
  return fromExtra(extra) !== null;
}

function turnedOff(silent: ThinkingPlan, target: Target, losses: Losses): ThinkingPlan {
  const generation = generationOf(target.model);
  if (target.traits.reasoning === false || (generation !== null && generation.version < since.thinking)) return silent;
  const off = generation === null ? "disabled" : offSwitch(generation);
  switch (off) {
    case "disabled":
    case "between_tools":
      return { ...silent, thinking: { type: off }, keepsThinking: off === "between_tools" };
    case "omitted":
      return { ...silent, keepsThinking: false };
    case "impossible":
      losses.drop("reasoning", "can't be turned off on this model; its lowest effort is the least");
      return { ...silent, effort: "low" };
  }
}

function budgetConflict({ forcedTool, openTurnThinks }: Surroundings): string | null {
  if (forcedTool) return "can't be combined with a forced tool call on this model";
  if (openTurnThinks !== false) return null;
  return "can't be turned on within an assistant turn that began without Anthropic's signed reasoning";
}

/** The highest effort that the model has, up to the one asked for; else its lowest. Null where it has none. */
function roundedEffort(asked: Exclude<NeutralEffort, "none"> | null, known: readonly string[]): Effort | null {
  const levels = efforts.filter((effort) => known.includes(effort));
  if (asked === null) return null;
  const limit = asked === "minimal" ? 0 : efforts.indexOf(asked);
  return levels.findLast((effort) => efforts.indexOf(effort) <= limit) ?? levels[0] ?? null;
}

function effortOfBudget(budgetTokens: number | null): Effort | null {
  if (budgetTokens === null) return null;
  return efforts.find((effort) => budgetTokens <= budgetOfEffort[effort]) ?? "max";
}

function budgetWithin(asked: number, { reasoningBudget }: ModelTraits): number {
  const { min = leastBudget, max = Number.POSITIVE_INFINITY } = reasoningBudget ?? {};
  return Math.min(Math.max(asked, min, leastBudget), max);
}

/** The share of the output limit that thinking may take where thinking and answer do not fit beside each other. */
const thinkingShare = 0.8;

/** A budget must be less than `max_tokens`: one that the caller named is kept where it is, and any other leaves room. */
function fitBudget(wish: number, maxTokens: number, { named }: { readonly named: boolean }): number | null {
  if (leastBudget >= maxTokens) return null;
  if (named && wish < maxTokens) return wish;
  return Math.max(leastBudget, Math.min(wish, Math.floor(maxTokens * thinkingShare)));
}
