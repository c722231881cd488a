// Writes a conversation as a request of Cohere's Chat API.
import { type Losses, noLosses } from "../../anthropic-messages/client/unsupported.ts";
import type { Conversation, OutputFormat } from "../../conversation.ts";
import type { Encoded, Target } from "../../dialect.ts";
import { asList, type JsonObject, type WireTool } from "../wire.ts";
import { encodeExtras } from "./extras.ts";
import { encodeMessages } from "./messages.ts";
import { encodeThinking } from "./thinking.ts";

/** Deterministic: the same conversation gives the same bytes. Throws nothing. */
export function encodeRequest(conversation: Conversation, target: Target): Encoded {
  const losses = noLosses();
  const prompt = encodeMessages(conversation.messages, losses);
  if (prompt.messages.length === 0) losses.refuse("messages", "has nothing to say; Cohere needs a message");
  const tools = encodeTools(conversation, losses);
  const thinking = encodeThinking(conversation, target, losses);
  const extras = encodeExtras(conversation.extras, losses);
  const documents = [...prompt.documents, ...asList(extras.documents)];
  reportMissing(conversation, losses);
  return {
    body: {
      model: target.model,
      messages: prompt.messages,
      stream: conversation.stream,
      ...tools,
      ...encodeFormat(conversation.output, {
        tools: tools.tools !== undefined,
        documents: documents.length > 0,
        losses,
      }),
      ...(thinking !== null && { thinking }),
      ...encodeSampling(conversation, target, losses),
      ...extras,
      ...(documents.length > 0 && { documents }),
    },
    unsupported: losses.list,
  };
}

/** Cohere knows `REQUIRED` and `NONE`; one tool by name is the only tool there is, and required. */
function encodeTools(
  { tools, toolChoice }: Conversation,
  losses: Losses,
): { readonly tools?: readonly WireTool[]; readonly tool_choice?: string; readonly strict_tools?: true } {
  const chosen =
    toolChoice?.kind === "tool" ? [toolChoice.name] : toolChoice?.kind === "allowed" ? toolChoice.names : null;
  const declared = chosen === null ? tools : tools.filter(({ name }) => chosen.includes(name));
  const required =
    toolChoice?.kind === "required" ||
    toolChoice?.kind === "tool" ||
    (toolChoice?.kind === "allowed" && toolChoice.mode === "required");
  if (declared.length === 0) {
    if (required) losses.drop("toolChoice", "names no tool that is declared");
    return {};
  }
  const strict = declared.filter((tool) => tool.strict === true).length;
  if (strict > 0 && strict < declared.length) {
    losses.drop("tools", "has strict tools beside others; at Cohere all are strict or none");
  }
  return {
    tools: declared.map(({ name, description, parameters }) => ({
      type: "function",
      function: {
        name,
        ...(description !== null && { description }),
        parameters: parameters ?? { type: "object", properties: {} },
      },
    })),
    ...(required && { tool_choice: "REQUIRED" }),
    ...(toolChoice?.kind === "none" && { tool_choice: "NONE" }),
    ...(strict === declared.length && { strict_tools: true }),
  };
}

/**
 * JSON is refused beside tools and beside documents ("response_format is not supported with RAG"; docs.cohere.com,
 * "Errors").
 */
function encodeFormat(
  output: OutputFormat,
  { tools, documents, losses }: { readonly tools: boolean; readonly documents: boolean; readonly losses: Losses },
): JsonObject {
  if (output.kind === "text") return {};
  if (tools || documents) {
    losses.drop("output", `can't be combined with ${tools ? "tools" : "documents"} at Cohere`);
    return {};
  }
  const schema = output.kind === "json-schema" ? { json_schema: output.schema } : {};
  return { response_format: { type: "json_object", ...schema } };
}

/** `stop_sequences` are five at most. */
const maxStop = 5;

/** Ranges of docs.cohere.com, "Chat API (v2)": temperature and penalties 0 to 1, `p` 0.01 to 0.99, `k` 0 to 500. */
function encodeSampling(conversation: Conversation, { traits }: Target, losses: Losses): JsonObject {
  const { temperature, topP, topK, seed, stop, maxOutputTokens } = conversation;
  if (stop.length > maxStop) losses.drop("stop", `has more than ${maxStop} sequences, the most that Cohere takes`);
  const limit = traits.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return {
    ...(maxOutputTokens !== null && { max_tokens: Math.min(maxOutputTokens, limit) }),
    ...(stop.length > 0 && { stop_sequences: stop.slice(0, maxStop) }),
    ...(temperature !== null && { temperature: within(temperature, 0, 1) }),
    ...(topP !== null && { p: within(topP, 0.01, 0.99) }),
    ...(topK !== null && { k: within(topK, 0, 500) }),
    ...(seed !== null && { seed }),
    ...penalty("frequency_penalty", "frequencyPenalty", conversation.frequencyPenalty, losses),
    ...penalty("presence_penalty", "presencePenalty", conversation.presencePenalty, losses),
  };
}

function penalty(name: string, member: string, value: number | null, losses: Losses): JsonObject {
  if (value === null || value === 0) return {};
  if (value > 0) return { [name]: within(value, 0, 1) };
  losses.drop(member, "can't be negative at Cohere");
  return {};
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Members without any form here. Values that ask for nothing are no loss. */
function reportMissing(conversation: Conversation, losses: Losses): void {
  const why = "is not supported by Cohere";
  const { choices, logitBias, verbosity, modalities, serviceTier } = conversation;
  if (choices !== null && choices > 1) losses.drop("choices", `${why}, which gives one answer`);
  if (logitBias !== null && Object.keys(logitBias).length > 0) losses.drop("logitBias", why);
  if (conversation.logprobs !== null) losses.drop("logprobs", `${why} in a form that tells tokens apart`);
  if (verbosity !== null && verbosity !== "medium") losses.drop("verbosity", why);
  if (modalities?.some((modality) => modality !== "text")) losses.drop("modalities", `${why}, which answers in text`);
  if (conversation.audioOutput !== null) losses.drop("audioOutput", `${why}, which answers in text`);
  if (conversation.user !== null) losses.hint("user", `${why}, which has no end-user ids`);
  if (serviceTier !== null && serviceTier !== "auto" && serviceTier !== "default") losses.drop("serviceTier", why);
}
