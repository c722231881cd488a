// The parameters of a request: Converse's own, and those that go to the model as they are, by its vendor.
import { encodeSampling } from "../../anthropic-messages/client/sampling.ts";
import type { ThinkingPlan } from "../../anthropic-messages/client/thinking.ts";
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import { generationOf } from "../../anthropic-messages/generation.ts";
import type { Conversation, ReasoningRequest } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import type { Family } from "../family.ts";
import type { JsonObject } from "../wire.ts";

export interface Fields {
  readonly inferenceConfig: JsonObject;
  /** `additionalModelRequestFields`. */
  readonly model: JsonObject;
}

/** `plan` is null for models that are not Claude's. */
export function encodeFields(
  conversation: Conversation,
  target: Target,
  { family, plan, losses }: { readonly family: Family; readonly plan: ThinkingPlan | null; readonly losses: Losses },
): Fields {
  if (plan !== null) return claudeFields(conversation, target, plan, losses);
  const { maxOutputTokens, temperature, topP, topK } = conversation;
  const limit = target.traits.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const reasoning = encodeReasoning(conversation, target, family, losses);
  if (target.traits.temperature === false) {
    if (temperature !== null && temperature !== 1) losses.drop("temperature", "is not supported by this model");
  }
  const heat = target.traits.temperature === false || temperature === null ? null : clamp(temperature);
  return {
    inferenceConfig: {
      ...(maxOutputTokens !== null && { maxTokens: Math.min(maxOutputTokens, limit) }),
      ...(heat !== null && { temperature: heat }),
      ...(topP !== null && { topP }),
    },
    model: { ...reasoning, ...(topK === null ? {} : encodeTopK(topK, family, losses)) },
  };
}

/** Opus 4.5 knows effort in beta alone. */
const effortBeta = "effort-2025-11-24";

function claudeFields(conversation: Conversation, target: Target, plan: ThinkingPlan, losses: Losses): Fields {
  const sampling = encodeSampling(conversation, target, { thinking: plan.on, losses });
  const generation = generationOf(target.model);
  const beta = plan.effort !== null && generation?.version === 405;
  return {
    inferenceConfig: {
      maxTokens: plan.maxTokens,
      ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
      ...(sampling.top_p !== undefined && { topP: sampling.top_p }),
    },
    model: {
      ...(plan.thinking !== null && { thinking: plan.thinking }),
      ...(plan.effort !== null && { output_config: { effort: plan.effort } }),
      ...(beta && { anthropic_beta: [effortBeta] }),
      ...(sampling.top_k !== undefined && { top_k: sampling.top_k }),
    },
  };
}

/** Temperatures end at 1 on Bedrock. */
function clamp(temperature: number): number {
  return Math.min(Math.max(temperature, 0), 1);
}

/** Amazon Bedrock User Guide, "Inference request parameters"; Nova's is in recording `test-nova-converse`. */
function encodeTopK(topK: number, family: Family, losses: Losses): JsonObject {
  switch (family) {
    case "nova":
      return { inferenceConfig: { topK } };
    case "mistral":
    case "qwen":
      return { top_k: topK };
    case "cohere":
      return { k: topK };
    default:
      losses.drop("topK", "is not supported by this model on Bedrock");
      return {};
  }
}

type Level = "low" | "medium" | "high";

/**
 * OpenAI's models take `reasoning_effort`, Qwen's `reasoning_config` (recording
 * `test_bedrock_thinking_high_qwen_variant.0`), Nova 2 `reasoningConfig`. Other models reason as they please.
 */
function encodeReasoning(
  { reasoning, maxOutputTokens }: Conversation,
  { model, traits }: Target,
  family: Family,
  losses: Losses,
): JsonObject {
  const level = levelOf(reasoning);
  if (level === null) return {};
  if (traits.reasoning !== false) {
    if (family === "nova" && /nova-2/.test(model)) return { reasoningConfig: novaReasoning(level, maxOutputTokens) };
    if (level !== "none" && family === "openai") return { reasoning_effort: level };
    if (level !== "none" && family === "qwen") return { reasoning_config: level };
  } else if (level === "none") return {};
  const what = level === "none" ? "can't be turned off on this model" : "can't be steered on this model";
  losses.drop("reasoning", what);
  return {};
}

/**
 * Nova's high effort refuses an output limit (Amazon Nova 2 User Guide, "Extended thinking"): where there is one,
 * medium.
 */
function novaReasoning(level: Level | "none", maxOutputTokens: number | null): JsonObject {
  if (level === "none") return { type: "disabled" };
  const effort = level === "high" && maxOutputTokens !== null ? "medium" : level;
  return { type: "enabled", maxReasoningEffort: effort };
}

/** Up to which budget, tokens, an effort is that low. The sizes are ours. */
const lowBudget = 2048;
const mediumBudget = 8192;

function levelOf(reasoning: ReasoningRequest | null): Level | "none" | null {
  switch (reasoning?.effort ?? null) {
    case "none":
      return "none";
    case "minimal":
    case "low":
      return "low";
    case "medium":
      return "medium";
    case "high":
    case "xhigh":
    case "max":
      return "high";
    case null: {
      const budget = reasoning?.budgetTokens ?? null;
      if (budget === null) return null;
      if (budget === 0) return "none";
      if (budget < 0 || budget > mediumBudget) return "high";
      return budget <= lowBudget ? "low" : "medium";
    }
  }
}
