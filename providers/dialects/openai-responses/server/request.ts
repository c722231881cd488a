// Reads a client's request body into a conversation.
import type { Conversation, Foreign, OutputFormat, ReasoningRequest } from "../../conversation.ts";
import type { InvalidRequest } from "../../dialect.ts";
import {
  at,
  Invalid,
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import { type Json, object } from "../../json.ts";
import { gatewayMembers } from "../../openai-chat/wire.ts";
import { readInput } from "./input.ts";
import { readTools } from "./tools.ts";

/**
 * Reads a body of the responses endpoint (OpenAI API reference, "Create a model response"). A member that is null is
 * absent. It is asked only when an answer must be translated: what only OpenAI's API can do is then `foreign`, and what
 * lives in OpenAI's store is invalid, because the gateway has put stored items in place before.
 */
export function readRequest(body: Json): Conversation | InvalidRequest {
  try {
    return readBody(body);
  } catch (error) {
    if (error instanceof Invalid) return error.request;
    throw error;
  }
}

function readBody(body: Json): Conversation {
  refuseStored(body);
  const { messages, foreign: items } = readInput(body);
  const { tools, toolChoice, foreign: others } = readTools(body);
  const { reasoning, foreign: modes } = readReasoning(body);
  const foreign = [...items, ...others, ...modes, ...readForeign(body)];
  const topLogprobs = optionalInteger(body, "top_logprobs", { min: 0, max: 20 }) ?? 0;
  return {
    messages,
    tools,
    toolChoice,
    parallelToolCalls: optionalBoolean(body, "parallel_tool_calls"),
    ...readText(body),
    maxOutputTokens: optionalInteger(body, "max_output_tokens", { min: 1, max: Number.MAX_SAFE_INTEGER }),
    stop: [],
    temperature: optionalNumber(body, "temperature", { min: 0, max: 2 }),
    topP: optionalNumber(body, "top_p", { min: 0, max: 1 }),
    topK: null,
    seed: null,
    presencePenalty: null,
    frequencyPenalty: null,
    logitBias: null,
    logprobs: topLogprobs > 0 || includesLogprobs(body) ? { top: topLogprobs } : null,
    choices: null,
    reasoning,
    modalities: null,
    audioOutput: null,
    user: optionalString(body, "user") ?? optionalString(body, "safety_identifier"),
    serviceTier: optionalString(body, "service_tier"),
    stream: optionalBoolean(body, "stream") ?? false,
    extras: readExtras(body),
    ...(foreign.length === 0 ? {} : { foreign }),
  };
}

/** Where a member's content is kept that is not in the body. */
const stored: Readonly<Record<string, string>> = {
  previous_response_id: "no such response is stored here. Send the earlier items in 'input'",
  conversation: "conversations are kept by OpenAI alone. Send the earlier items in 'input'",
  prompt: "prompt templates are kept by OpenAI alone. Send the prompt itself in 'instructions' and 'input'",
};

/** @throws Invalid for content that is only named, and for a response that nobody would wait for. */
function refuseStored(body: Json): void {
  for (const [name, why] of Object.entries(stored)) {
    if (body[name] !== undefined && body[name] !== null) throw new Invalid(name, `Invalid '${name}': ${why}.`);
  }
  if (optionalBoolean(body, "background") === true) {
    throw new Invalid("background", "Invalid 'background': this model answers in the foreground only. Leave it out.");
  }
}

function includesLogprobs(body: Json): boolean {
  return (optionalList(body, "include") ?? []).includes("message.output_text.logprobs");
}

function readText(body: Json): { output: OutputFormat; verbosity: Conversation["verbosity"] } {
  const text = optionalObject(body, "text");
  if (text === null) return { output: { kind: "text" }, verbosity: null };
  return {
    output: readFormat(optionalObject(text, "format", "text")),
    verbosity: optionalChoice(text, "verbosity", ["low", "medium", "high"], "text"),
  };
}

function readFormat(format: Json | null): OutputFormat {
  if (format === null) return { kind: "text" };
  const path = "text.format";
  const type = requiredString(format, "type", path);
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json" };
    case "json_schema":
      return {
        kind: "json-schema",
        name: requiredString(format, "name", path),
        description: optionalString(format, "description", path),
        schema: requiredObject(format, "schema", path),
        strict: optionalBoolean(format, "strict", path),
      };
    default:
      return unknownWord(type, ["text", "json_object", "json_schema"], at(path, "type"));
  }
}

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const summaries = ["auto", "concise", "detailed"] as const;

/** `context` is about reasoning that OpenAI stores, and says nothing to others. */
const reasoningMembers = ["effort", "summary", "generate_summary", "context", "mode"];

function readReasoning(body: Json): { reasoning: ReasoningRequest | null; foreign: readonly Foreign[] } {
  const wanted = optionalObject(body, "reasoning");
  if (wanted === null) return { reasoning: null, foreign: [] };
  const unknown = Object.keys(wanted).find((name) => !reasoningMembers.includes(name));
  if (unknown !== undefined) {
    throw new Invalid(at("reasoning", unknown), `Unknown parameter: '${at("reasoning", unknown)}'. Leave it out.`);
  }
  const effort = optionalChoice(wanted, "effort", efforts, "reasoning");
  const summary =
    optionalChoice(wanted, "summary", summaries, "reasoning") ??
    optionalChoice(wanted, "generate_summary", summaries, "reasoning");
  const mode = optionalString(wanted, "mode", "reasoning") ?? "standard";
  return {
    reasoning:
      effort === null && summary === null
        ? null
        : { effort, budgetTokens: null, includeText: summary === null ? null : true },
    foreign:
      mode === "standard"
        ? []
        : [{ member: "reasoning.mode", reason: `"${mode}" is not known to this provider`, droppable: true }],
  };
}

/**
 * Members that have a place in the conversation, that the gateway itself answers to, or that ask nothing of a model without
 * built-in tools: `metadata` is repeated in the answer, `store` is this gateway's store, `include` and `max_tool_calls` are
 * about items of such tools (reasoning is always given encrypted).
 */
const readMembers: ReadonlySet<string> = new Set([
  ...gatewayMembers,
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "max_output_tokens",
  "temperature",
  "top_p",
  "top_logprobs",
  "include",
  "reasoning",
  "user",
  "service_tier",
  "metadata",
  "store",
  "max_tool_calls",
  "background",
]);

/** What OpenAI's API does with a response besides asking a model, and for which values that is nothing. */
const servedByOpenai: Readonly<Record<string, (value: unknown) => boolean>> = {
  truncation: (value) => value === "disabled",
  context_management: (value) => Array.isArray(value) && value.length === 0,
  moderation: () => false,
  access_programs: () => false,
  image: (value) => object(value)?.context_compression !== "enabled",
};

function readForeign(body: Json): Foreign[] {
  return Object.entries(servedByOpenai)
    .filter(([name, asksNothing]) => body[name] !== undefined && body[name] !== null && !asksNothing(body[name]))
    .map(([member]) => ({
      member,
      reason: "is a service of OpenAI, which this provider does not have",
      droppable: true,
    }));
}

/** Everything else, by its wire name. `safety_identifier` is one of these where `user` is given too and differs. */
function readExtras(body: Json): Record<string, unknown> {
  const extras: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || readMembers.has(name) || name in servedByOpenai) continue;
    if (name === "safety_identifier" && (body.user ?? value) === value) continue;
    extras[name] = value;
  }
  return extras;
}
