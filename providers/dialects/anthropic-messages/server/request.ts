// Reads a client's request body into a conversation.
import type { Conversation } from "../../conversation.ts";
import type { InvalidRequest } from "../../dialect.ts";
import {
  Invalid,
  missing,
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalString,
} from "../../fields.ts";
import { gatewayMembers } from "../../openai-chat/wire.ts";
import { asObjects, asText, type JsonObject } from "../wire.ts";
import { type ForeignList, noForeign } from "./foreign.ts";
import { readMessages } from "./messages.ts";
import { readOutput } from "./output.ts";
import { readReasoning } from "./reasoning.ts";
import { readTools } from "./tools.ts";

/**
 * Reads a body of the Messages API (SDK `MessageCreateParams`, stable and beta). A member that is null is absent. What has
 * no form in other dialects is `foreign`: members and tools of Anthropic's own, which may be dropped, and content.
 */
export function readRequest(body: JsonObject): Conversation | InvalidRequest {
  try {
    return readBody(body);
  } catch (error) {
    if (error instanceof Invalid) return error.request;
    throw error;
  }
}

const whole = { min: 0, max: Number.MAX_SAFE_INTEGER };
const unit = { min: 0, max: 1 };

function readBody(body: JsonObject): Conversation {
  const foreign = noForeign();
  const turns = readMessages(body, foreign);
  const { tools, toolChoice, parallelToolCalls } = readTools(body, foreign);
  const metadata = optionalObject(body, "metadata");
  readForeign(body, foreign);
  const tier = optionalChoice(body, "service_tier", ["auto", "standard_only"]);
  return {
    messages: turns.map(({ message }) => message),
    tools,
    toolChoice,
    parallelToolCalls,
    output: readOutput(body),
    maxOutputTokens: readMaxTokens(body, foreign),
    stop: readStop(body),
    temperature: optionalNumber(body, "temperature", unit),
    topP: optionalNumber(body, "top_p", unit),
    topK: optionalInteger(body, "top_k", whole),
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logitBias: null,
    logprobs: null,
    choices: null,
    reasoning: readReasoning(body),
    verbosity: null,
    modalities: null,
    audioOutput: null,
    user: metadata === null ? null : optionalString(metadata, "user_id", "metadata"),
    // `auto` is what every vendor does unasked. OpenAI's name for the standard tier is the one that the others know.
    serviceTier: tier === "standard_only" ? "default" : null,
    stream: optionalBoolean(body, "stream") ?? false,
    extras: {},
    ...(foreign.all.length > 0 && { foreign: foreign.all }),
  };
}

/** The API requires it. Thinking counts inside it, as reasoning does inside OpenAI's `max_completion_tokens`. */
function readMaxTokens(body: JsonObject, foreign: ForeignList): number {
  const limit = optionalInteger(body, "max_tokens", whole) ?? missing("max_tokens", "the most tokens to answer with");
  if (limit === 0) foreign.content("max_tokens", "0 to fill the prompt cache without an answer");
  return limit;
}

function readStop(body: JsonObject): readonly string[] {
  const stop = optionalList(body, "stop_sequences") ?? [];
  return stop.map((sequence, index) => {
    if (typeof sequence === "string") return sequence;
    throw new Invalid(`stop_sequences.${index}`, `Invalid type for 'stop_sequences.${index}': expected a string.`);
  });
}

/** Members that have a place in the conversation, or that only the gateway reads. */
const readMembers: ReadonlySet<string> = new Set([
  ...gatewayMembers,
  "messages",
  "system",
  "cache_control",
  "tools",
  "tool_choice",
  "output_format",
  "max_tokens",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
  "thinking",
  "service_tier",
  "thread",
]);

/** Values that ask for nothing but what happens anyway. */
const harmless: Readonly<Record<string, (value: unknown) => boolean>> = {
  speed: (value) => value === "standard",
  // Which of Claude's earlier thinking is shown to Claude again. Claude Code says so with every request.
  context_management: (value) => {
    const edits = asObjects((value as JsonObject | null)?.edits);
    return edits.every(({ type }) => asText(type)?.startsWith("clear_thinking_") === true);
  },
};

const readInPart: Readonly<Record<string, readonly string[]>> = {
  metadata: ["user_id"],
  output_config: ["effort", "format"],
};

/** Everything else: `container`, `mcp_servers`, `inference_geo`, … Of members that are read in part, the rest. */
function readForeign(body: JsonObject, foreign: ForeignList): void {
  const why = "is known to Anthropic's API alone";
  const thread = optionalObject(body, "thread");
  if (thread?.type === "continue") foreign.content("thread", "a conversation that Anthropic holds");
  else if (thread !== null)
    foreign.wish("thread", "asks the provider to hold the conversation, which only Anthropic does");
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || readMembers.has(name) || harmless[name]?.(value) === true) continue;
    const known = readInPart[name];
    if (known === undefined) foreign.wish(name, why);
    else {
      for (const [member, said] of Object.entries(value)) {
        if (said !== null && !known.includes(member)) foreign.wish(`${name}.${member}`, why);
      }
    }
  }
}
