// Reads a client's request body into a conversation.
import type { Conversation, OutputFormat, ReasoningRequest } from "../../conversation.ts";
import type { InvalidRequest } from "../../dialect.ts";
import {
  at,
  Invalid,
  optionalBoolean,
  optionalChoice,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import type { Json } from "../../json.ts";
import { gatewayMembers } from "../wire.ts";
import { readMessages } from "./messages.ts";
import { readTools } from "./tools.ts";

const integer = { min: 0, max: Number.MAX_SAFE_INTEGER };
const positive = { min: 1, max: Number.MAX_SAFE_INTEGER };

/**
 * Reads a body of the chat completions endpoint (OpenAI API reference, "Create chat completion"), with OpenRouter's
 * `reasoning`, Anthropic's `cache_control` and `top_k` besides. A member that is null is absent. Members inside messages
 * and tools that say nothing to other vendors are passed over; whole members of the body never are (see `extras`).
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
  const messages = readMessages(body);
  const { tools, toolChoice, extras } = readTools(body);
  const topK = optionalInteger(body, "top_k", { min: -1, max: Number.MAX_SAFE_INTEGER });
  const choices = optionalInteger(body, "n", { min: 1, max: 128 });
  return {
    messages,
    tools,
    toolChoice,
    parallelToolCalls: optionalBoolean(body, "parallel_tool_calls"),
    output: readFormat(body),
    maxOutputTokens:
      optionalInteger(body, "max_completion_tokens", positive) ?? optionalInteger(body, "max_tokens", positive),
    stop: readStop(body),
    temperature: optionalNumber(body, "temperature", { min: 0, max: 2 }),
    topP: optionalNumber(body, "top_p", { min: 0, max: 1 }),
    // 0 and -1 mean "all tokens", which is what leaving it out means (OpenRouter, vLLM).
    topK: topK === null || topK < 1 ? null : topK,
    seed: optionalInteger(body, "seed", { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    presencePenalty: optionalNumber(body, "presence_penalty", { min: -2, max: 2 }),
    frequencyPenalty: optionalNumber(body, "frequency_penalty", { min: -2, max: 2 }),
    logitBias: readLogitBias(body),
    logprobs: readLogprobs(body),
    choices: choices === 1 ? null : choices,
    reasoning: readReasoning(body),
    verbosity: optionalChoice(body, "verbosity", ["low", "medium", "high"]),
    modalities: readModalities(body),
    audioOutput: optionalObject(body, "audio"),
    user: optionalString(body, "user") ?? optionalString(body, "safety_identifier"),
    serviceTier: optionalString(body, "service_tier"),
    stream: optionalBoolean(body, "stream") ?? false,
    extras: { ...extras, ...readExtras(body) },
  };
}

function readFormat(body: Json): OutputFormat {
  const format = optionalObject(body, "response_format");
  if (format === null) return { kind: "text" };
  const type = requiredString(format, "type", "response_format");
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json" };
    case "json_schema": {
      const path = "response_format.json_schema";
      const wanted = requiredObject(format, "json_schema", "response_format");
      return {
        kind: "json-schema",
        name: requiredString(wanted, "name", path),
        description: optionalString(wanted, "description", path),
        schema: requiredObject(wanted, "schema", path),
        strict: optionalBoolean(wanted, "strict", path),
      };
    }
    default:
      return unknownWord(type, ["text", "json_object", "json_schema"], "response_format.type");
  }
}

function readStop(body: Json): readonly string[] {
  if (typeof body.stop === "string") return [body.stop];
  return strings(body, "stop", "a string or an array of strings");
}

function readModalities(body: Json): readonly string[] | null {
  const modalities = strings(body, "modalities", "an array of strings");
  return modalities.every((modality) => modality === "text") ? null : modalities;
}

function strings(body: Json, name: string, expected: string): readonly string[] {
  const value = body[name] ?? [];
  if (Array.isArray(value) && value.every((item): item is string => typeof item === "string")) return value;
  throw new Invalid(name, `Invalid type for '${name}': expected ${expected}.`);
}

function readLogitBias(body: Json): Readonly<Record<string, number>> | null {
  const bias = optionalObject(body, "logit_bias");
  if (bias === null) return null;
  const read: Record<string, number> = {};
  for (const token of Object.keys(bias)) {
    const value = optionalNumber(bias, token, { min: -100, max: 100 }, "logit_bias");
    if (value !== null) read[token] = value;
  }
  return read;
}

function readLogprobs(body: Json): { readonly top: number } | null {
  const wanted = optionalBoolean(body, "logprobs") ?? false;
  const top = optionalInteger(body, "top_logprobs", { min: 0, max: 20 }) ?? 0;
  if (top > 0 && !wanted) {
    throw new Invalid(
      "top_logprobs",
      "Invalid 'top_logprobs': it needs 'logprobs' to be true. Set it, or leave both out.",
    );
  }
  return wanted ? { top } : null;
}

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

/**
 * `reasoning_effort` (OpenAI), `reasoning` (OpenRouter documentation, "Reasoning Tokens") and its elder
 * `include_reasoning`.
 */
function readReasoning(body: Json): ReasoningRequest | null {
  const level = optionalChoice(body, "reasoning_effort", efforts);
  const include = optionalBoolean(body, "include_reasoning");
  const wanted = optionalObject(body, "reasoning");
  if (wanted === null) {
    return level === null && include === null ? null : { effort: level, budgetTokens: null, includeText: include };
  }
  const known = ["effort", "max_tokens", "exclude", "enabled", "summary"];
  const unknown = Object.keys(wanted).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Invalid(at("reasoning", unknown), `Unknown parameter: '${at("reasoning", unknown)}'. Leave it out.`);
  }
  const effort = optionalChoice(wanted, "effort", efforts, "reasoning");
  if (level !== null && effort !== null && level !== effort) {
    const message = "'reasoning_effort' and 'reasoning.effort' say different things. Send one of them.";
    throw new Invalid("reasoning_effort", message);
  }
  const budgetTokens = optionalInteger(wanted, "max_tokens", integer, "reasoning");
  const enabled = optionalBoolean(wanted, "enabled", "reasoning");
  const exclude = optionalBoolean(wanted, "exclude", "reasoning");
  const summary = optionalString(wanted, "summary", "reasoning") === null ? null : true;
  return {
    effort:
      enabled === false ? "none" : (level ?? effort ?? (enabled === true && budgetTokens === null ? "medium" : null)),
    budgetTokens: enabled === false ? null : budgetTokens,
    includeText: exclude === null ? (include ?? summary) : !exclude,
  };
}

/** Members that have a place in the conversation, or that only the gateway reads. */
const readMembers: ReadonlySet<string> = new Set([
  ...gatewayMembers,
  "messages",
  "tools",
  "functions",
  "tool_choice",
  "function_call",
  "parallel_tool_calls",
  "response_format",
  "max_completion_tokens",
  "max_tokens",
  "stop",
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "n",
  "reasoning_effort",
  "reasoning",
  "include_reasoning",
  "verbosity",
  "modalities",
  "audio",
  "user",
  "service_tier",
]);

/** Everything else, by its wire name. `safety_identifier` is one of these where `user` is given too and differs. */
function readExtras(body: Json): Record<string, unknown> {
  const extras: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || readMembers.has(name)) continue;
    if (name === "safety_identifier" && (body.user ?? value) === value) continue;
    extras[name] = value;
  }
  return extras;
}
