// Writes a conversation as a request of the Converse API.
import { encodeStop } from "../../anthropic-messages/client/sampling.ts";
import { isThinkingExtra, planThinking } from "../../anthropic-messages/client/thinking.ts";
import { type Losses, noLosses } from "../../anthropic-messages/client/unsupported.ts";
import { generationOf, since } from "../../anthropic-messages/generation.ts";
import type { Conversation } from "../../conversation.ts";
import type { Encoded, Target } from "../../dialect.ts";
import { lossOf } from "../../hints.ts";
import { type Family, familyOf } from "../family.ts";
import type { Block, JsonObject, WireMessage } from "../wire.ts";
import { asObject } from "../wire.ts";
import { CacheMarks } from "./cache.ts";
import { encodeFields } from "./fields.ts";
import { encodeMessages, isReasoning, openTurnThinks, toolsOfHistory } from "./messages.ts";
import { encodeTools, isForced } from "./tools.ts";

/** Deterministic: the same conversation gives the same bytes, so that prompt caches keep hitting. Throws nothing. */
export function encodeRequest(conversation: Conversation, target: Target): Encoded {
  const losses = noLosses();
  const family = familyOf(target.model);
  const marks = new CacheMarks(target.model);
  const prompt = encodeMessages(conversation.messages, { family, losses, marks, keepsThinking: true });
  const history = toolsOfHistory(prompt.messages);
  const tools = encodeTools(conversation, { target, family, history, marks, losses });
  const around = { forcedTool: isForced(tools.choice), openTurnThinks: openTurnThinks(prompt.messages) };
  const plan = family === "claude" ? planThinking(conversation, target, around, losses) : null;
  const fields = encodeFields(conversation, target, { family, plan, losses });
  const turns = plan?.keepsThinking === false ? withoutReasoning(prompt.messages) : prompt.messages;
  const system: Block[] = [...prompt.system];
  if (tools.instruction !== null) system.push({ text: tools.instruction });
  const placed = marks.place({ tools: tools.tools, system, messages: turns }, losses);
  reportMessages(turns, { conversation, target, family, losses });
  reportMissing(conversation, losses);

  const stop = encodeStop(conversation.stop, losses);
  const inferenceConfig = { ...fields.inferenceConfig, ...(stop.length > 0 && { stopSequences: stop }) };
  const extras = encodeExtras(conversation.extras, family, losses);
  const model = {
    ...fields.model,
    ...(tools.claudeChoice !== null && { tool_choice: tools.claudeChoice }),
    ...asObject(extras.additionalModelRequestFields),
  };
  const tier = serviceTier(conversation.serviceTier, losses);
  return {
    body: {
      ...(placed.system.length > 0 && { system: placed.system }),
      messages: placed.messages,
      ...(Object.keys(inferenceConfig).length > 0 && { inferenceConfig }),
      ...(placed.tools.length > 0 && {
        toolConfig: { tools: placed.tools, ...(tools.choice !== null && { toolChoice: tools.choice }) },
      }),
      ...(tools.output !== null && { outputConfig: tools.output }),
      ...(tier !== null && { serviceTier: { type: tier } }),
      ...encodeUser(conversation, extras, losses),
      ...extras,
      ...(Object.keys(model).length > 0 && { additionalModelRequestFields: model }),
      // Converse leaves out which sequence stopped a Claude model unless asked.
      ...(family === "claude" && stop.length > 0 && { additionalModelResponseFieldPaths: ["/stop_sequence"] }),
    },
    ...(conversation.stream && { headers: { accept: "application/vnd.amazon.eventstream" } }),
    unsupported: losses.list,
  };
}

/** No turn ends with reasoning, so that none becomes empty. */
function withoutReasoning(messages: readonly WireMessage[]): readonly WireMessage[] {
  return messages.map(({ role, content }) => ({ role, content: content.filter((block) => !isReasoning(block)) }));
}

interface Context {
  readonly conversation: Conversation;
  readonly target: Target;
  readonly family: Family;
  readonly losses: Losses;
}

function reportMessages(messages: readonly WireMessage[], { conversation, target, family, losses }: Context): void {
  if (messages.length === 0) losses.refuse("messages", "has nothing to say but instructions; Bedrock needs a message");
  if (messages.at(-1)?.role !== "assistant" || family !== "claude") return;
  const generation = generationOf(target.model);
  if (generation !== null && generation.version >= since.adaptive) {
    const at = conversation.messages.findLastIndex(({ role }) => role === "assistant");
    losses.refuse(`messages[${at}]`, "is a last assistant message, which this model can't continue");
  }
}

/** API Reference, "ServiceTier"; `auto` and OpenAI's `standard` are Bedrock's `default`. */
function serviceTier(tier: string | null, losses: Losses): string | null {
  switch (tier) {
    case null:
    case "auto":
      return null;
    case "standard":
    case "standard_only":
      return "default";
    case "default":
    case "flex":
    case "priority":
    case "reserved":
      return tier;
    default:
      losses.drop("serviceTier", `has no "${tier}" at Bedrock`);
      return null;
  }
}

/**
 * What `requestMetadata` takes as a value: it is for filtering one's own invocation logs (API Reference, "Converse").
 */
const metadataValue = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;

/** An end-user id becomes metadata of the request, unless the caller gives its own. */
function encodeUser({ user }: Conversation, extras: JsonObject, losses: Losses): JsonObject {
  if (user === null) return {};
  if (extras.requestMetadata === undefined && metadataValue.test(user)) return { requestMetadata: { user } };
  losses.hint("user", "can't be said in Bedrock's request metadata");
  return {};
}

/** Members without any form here. Values that ask for nothing (a penalty of 0, one choice) are no loss. */
function reportMissing(conversation: Conversation, losses: Losses): void {
  const why = "is not supported by the Bedrock Converse API";
  const { choices, presencePenalty, frequencyPenalty, logitBias, verbosity, modalities } = conversation;
  if (choices !== null && choices > 1) losses.drop("choices", `${why}, which gives one answer`);
  if (conversation.seed !== null) losses.drop("seed", why);
  if (presencePenalty !== null && presencePenalty !== 0) losses.drop("presencePenalty", why);
  if (frequencyPenalty !== null && frequencyPenalty !== 0) losses.drop("frequencyPenalty", why);
  if (logitBias !== null && Object.keys(logitBias).length > 0) losses.drop("logitBias", why);
  if (conversation.logprobs !== null) losses.drop("logprobs", why);
  if (verbosity !== null && verbosity !== "medium") losses.drop("verbosity", why);
  if (modalities?.some((modality) => modality !== "text")) losses.drop("modalities", `${why}, which answers in text`);
  if (conversation.audioOutput !== null) losses.drop("audioOutput", `${why}, which answers in text`);
}

/** Converse's own members, understood by their name: passed on as they are. */
const passedOn = new Set(["additionalModelRequestFields", "guardrailConfig", "performanceConfig", "requestMetadata"]);

function encodeExtras(extras: JsonObject, family: Family, losses: Losses): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined) continue;
    if (passedOn.has(name)) body[name] = value;
    else if (!(name === "thinking" && family === "claude" && isThinkingExtra(value))) {
      losses.add(lossOf(name, value, "the Bedrock Converse API"));
    }
  }
  return body;
}
