// Writes a conversation as a request of the Messages API.
import type { Conversation } from "../../conversation.ts";
import type { Encoded, Target } from "../../dialect.ts";
import { generationOf, since } from "../generation.ts";
import type { JsonObject, TextBlock, WireMessage } from "../wire.ts";
import { limitMarkers } from "./cache.ts";
import { encodeExtras } from "./extras.ts";
import { encodeMessages, isThinking, openTurn } from "./messages.ts";
import { encodeSampling, encodeStop, reportMissing } from "./sampling.ts";
import { planThinking, type ThinkingPlan } from "./thinking.ts";
import { encodeTools, isForced, type Tools } from "./tools.ts";
import { type Losses, noLosses } from "./unsupported.ts";

/** File ids need it where the Files API is in beta; elsewhere it does no harm. */
const filesBeta = "files-api-2025-04-14";

/** Deterministic: the same conversation gives the same bytes, so that prompt caches keep hitting. Throws nothing. */
export function encodeRequest(conversation: Conversation, target: Target): Encoded {
  const losses = noLosses();
  const prompt = encodeMessages(conversation.messages, losses);
  const tools = encodeTools(conversation, target, losses);
  const open = openTurn(prompt.messages);
  const plan = planThinking(
    conversation,
    target,
    {
      forcedTool: isForced(tools.choice),
      openTurnThinks: open === null ? null : isThinking(prompt.messages[open]?.content[0]),
    },
    losses,
  );
  const messages = plan.keepsThinking ? prompt.messages : withoutThinking(prompt.messages);
  const system: TextBlock[] = [...prompt.system];
  if (tools.instruction !== null) system.push({ type: "text", text: tools.instruction });
  limitMarkers({ tools: tools.tools, system, messages, origins: prompt.origins }, losses);
  reportMessages(messages, { conversation, target, losses });
  reportMissing(conversation, losses);

  const stop = encodeStop(conversation.stop, losses);
  const extras = encodeExtras(conversation.extras, conversation.user, losses);
  const tier = serviceTier(conversation.serviceTier, losses);
  return {
    body: {
      model: target.model,
      max_tokens: plan.maxTokens,
      ...(system.length > 0 && { system }),
      messages,
      ...(tools.tools.length > 0 && { tools: tools.tools }),
      ...(tools.choice !== null && { tool_choice: tools.choice }),
      ...(plan.thinking !== null && { thinking: plan.thinking }),
      ...outputConfig(plan, tools),
      ...encodeSampling(conversation, target, { thinking: plan.on, losses }),
      ...(stop.length > 0 && { stop_sequences: stop }),
      ...(extras.userId !== null && { metadata: { user_id: extras.userId } }),
      ...(tier !== null && { service_tier: tier }),
      ...(conversation.stream && { stream: true }),
      ...extras.body,
    },
    ...(usesFiles(messages) && { headers: { "anthropic-beta": filesBeta } }),
    unsupported: losses.list,
  };
}

function outputConfig({ effort }: ThinkingPlan, { schema }: Tools): JsonObject {
  if (effort === null && schema === null) return {};
  return {
    output_config: {
      ...(effort !== null && { effort }),
      ...(schema !== null && { format: { type: "json_schema", schema } }),
    },
  };
}

/** No turn ends with thinking, so that none becomes empty. */
function withoutThinking(messages: readonly WireMessage[]): readonly WireMessage[] {
  return messages.map(({ role, content }) => ({ role, content: content.filter((block) => !isThinking(block)) }));
}

function reportMessages(
  messages: readonly WireMessage[],
  {
    conversation,
    target,
    losses,
  }: { readonly conversation: Conversation; readonly target: Target; readonly losses: Losses },
): void {
  if (messages.length === 0)
    losses.refuse("messages", "has nothing to say but instructions; Anthropic needs a message");
  if (messages.at(-1)?.role !== "assistant") return;
  const generation = generationOf(target.model);
  if (generation !== null && generation.version >= since.adaptive) {
    const at = conversation.messages.findLastIndex(({ role }) => role === "assistant");
    losses.refuse(`messages[${at}]`, "is a last assistant message, which this model can't continue");
  }
}

/** OpenAI's tiers, and Anthropic's own: `auto` takes priority capacity where there is some, `standard_only` never does. */
function serviceTier(tier: string | null, losses: Losses): "auto" | "standard_only" | null {
  switch (tier) {
    case null:
      return null;
    case "auto":
      return "auto";
    case "default":
    case "standard":
    case "standard_only":
      return "standard_only";
    default:
      losses.drop("serviceTier", `has no "${tier}" at Anthropic`);
      return null;
  }
}

function usesFiles(messages: readonly WireMessage[]): boolean {
  return messages.some(({ content }) =>
    content.some((block) => {
      const inner = block.type === "tool_result" && typeof block.content === "object" ? block.content : [block];
      return inner.some((one) => (one.type === "image" || one.type === "document") && one.source.type === "file");
    }),
  );
}
