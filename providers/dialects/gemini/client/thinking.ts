// Turns a request to reason into `thinkingConfig`: levels from Gemini 3 on, token budgets before.
import type { Conversation, ReasoningRequest } from "../../conversation.ts";
import type { ModelTraits, Unsupported } from "../../dialect.ts";
import type { WireThinkingConfig } from "../wire.ts";
import type { Generation } from "./generation.ts";

type Effort = NonNullable<ReasoningRequest["effort"]>;

const LEVELS = ["minimal", "low", "medium", "high"] as const;
type Level = (typeof LEVELS)[number];

/** Efforts above `high` have no level of their own. `none` becomes the lowest level, and is reported. */
const levelOf: Readonly<Record<Effort, Level>> = {
  none: "minimal",
  minimal: "minimal",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

/** Tokens per effort: the table of the Gemini API's OpenAI compatibility page, section "Thinking". */
const budgetOf: Readonly<Record<Exclude<Effort, "none" | "xhigh" | "max">, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
};

/** The least that Gemini 2.5 Pro can be told to think (ai.google.dev, "Gemini thinking", section "Thinking budgets"). */
const LEAST_PRO_BUDGET = 128;
const LARGEST_BUDGET = { pro: 32_768, flash: 24_576 };

export interface Thinking {
  readonly config: WireThinkingConfig | null;
  readonly unsupported: readonly Unsupported[];
}

const NOTHING: Thinking = { config: null, unsupported: [] };

/**
 * The thinking configuration for a model. Thoughts are asked for (`includeThoughts`) whenever the client asked for reasoning
 * and did not say that it does not want to see it: they cost nothing beyond the thinking itself, and clients of the other
 * dialects expect to be shown what they asked for.
 */
export function encodeThinking(
  reasoning: Conversation["reasoning"],
  traits: ModelTraits,
  generation: Generation,
): Thinking {
  if (reasoning === null) return NOTHING;
  const { effort, budgetTokens } = reasoning;
  const off = effort === "none" || (effort === null && budgetTokens === 0);
  if (!canThink(traits, generation)) {
    if (off || reasoning.includeText === false) return NOTHING;
    return { config: null, unsupported: [unsupported("is not supported: this model does not think")] };
  }
  const asked = effort !== null || budgetTokens !== null;
  const config: WireThinkingConfig = {};
  if (!off && (reasoning.includeText ?? asked)) config.includeThoughts = true;
  if (!asked) return config.includeThoughts === true ? { config, unsupported: [] } : NOTHING;
  const byLevel = usesLevels(traits, generation) && (effort !== null || off);
  if (byLevel) config.thinkingLevel = nearestLevel(levelOf[effort ?? "none"], supportedLevels(traits, generation));
  else config.thinkingBudget = budget(reasoning, off, traits, generation);
  const cannotStop = off && (byLevel || generation.pro);
  return { config, unsupported: cannotStop ? [unsupported("can't be turned off for this model")] : [] };
}

function unsupported(reason: string): Unsupported {
  return { member: "reasoning", reason, droppable: true };
}

function canThink(traits: ModelTraits, generation: Generation): boolean {
  return traits.reasoning ?? (generation.family === "gemini" && generation.version >= 2.5);
}

function usesLevels(traits: ModelTraits, generation: Generation): boolean {
  if (traits.reasoningEfforts !== undefined && traits.reasoningEfforts.length > 0) return true;
  return traits.reasoningBudget === undefined && generation.version >= 3;
}

function supportedLevels(traits: ModelTraits, generation: Generation): readonly Level[] {
  const known = LEVELS.filter((level) => traits.reasoningEfforts?.includes(level));
  if (known.length > 0) return known;
  return generation.pro ? ["low", "high"] : LEVELS;
}

/** The wanted level, else the next higher one that the model has, else its highest. */
function nearestLevel(wanted: Level, supported: readonly Level[]): Level {
  const from = LEVELS.indexOf(wanted);
  return supported.find((level) => LEVELS.indexOf(level) >= from) ?? supported.at(-1) ?? wanted;
}

/** Tokens. A negative budget leaves the amount to the model (-1), and 0 turns thinking off. */
function budget(reasoning: ReasoningRequest, off: boolean, traits: ModelTraits, generation: Generation): number {
  const least = traits.reasoningBudget?.min ?? (generation.pro ? LEAST_PRO_BUDGET : 0);
  const most = traits.reasoningBudget?.max ?? (generation.pro ? LARGEST_BUDGET.pro : LARGEST_BUDGET.flash);
  if (off) return generation.pro ? least : 0;
  const wanted = reasoning.budgetTokens ?? effortBudget(reasoning.effort ?? "medium", most);
  return wanted < 0 ? -1 : Math.min(Math.max(wanted, least), most);
}

function effortBudget(effort: Effort, most: number): number {
  if (effort === "none") return 0;
  return effort === "xhigh" || effort === "max" ? most : budgetOf[effort];
}
