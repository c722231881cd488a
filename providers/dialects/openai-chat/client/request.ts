// Writes a conversation as the body of a chat completion request.
import { writeCacheMarker } from "../../cache.ts";
import type { Conversation, OutputFormat, ReasoningRequest, ToolChoice } from "../../conversation.ts";
import type { Encoded, Target, Unsupported } from "../../dialect.ts";
import { lossOf } from "../../hints.ts";
import type { Behaviour } from "../quirks.ts";
import { effortFor } from "./effort.ts";
import { writeMessages } from "./messages.ts";
import { maxTokensField, refusesSampling } from "./model-rules.ts";
import { refusesHint, takenBy } from "./parameters.ts";
import { reasoningMembers } from "./reasoning.ts";

type Body = Record<string, unknown>;

/** @returns The body, and what was left out of it because this server or model can't take it. */
export function encodeRequest(asked: Conversation, target: Target, quirks: Behaviour): Encoded {
  const unsupported: Unsupported[] = [];
  const conversation = takenBy(quirks, asked, unsupported);
  const body: Body = {
    model: target.model,
    messages: writeMessages(conversation.messages, quirks, unsupported),
  };
  addTools(body, conversation, target, quirks, unsupported);
  addSampling(body, conversation, target, quirks, unsupported);
  addReasoning(body, conversation.reasoning, target, quirks, unsupported);
  addOutput(body, conversation.output, target, unsupported);
  set(body, maxTokensField(quirks), conversation.maxOutputTokens);
  set(body, "stop", conversation.stop.length === 0 ? null : conversation.stop);
  set(body, quirks.seedField, conversation.seed);
  set(body, "n", conversation.choices);
  set(body, "verbosity", conversation.verbosity);
  set(body, "modalities", conversation.modalities);
  set(body, "audio", conversation.audioOutput);
  set(body, "user", conversation.user);
  set(body, "service_tier", conversation.serviceTier);
  if (conversation.stream) {
    body.stream = true;
    if (quirks.streamOptions) body.stream_options = { include_usage: true };
  }
  addExtras(body, conversation.extras, quirks, unsupported);
  return { body, unsupported };
}

function set(body: Body, name: string, value: unknown): void {
  if (value !== null) body[name] = value;
}

function addTools(
  body: Body,
  { tools: declared, toolChoice, parallelToolCalls }: Conversation,
  { traits }: Target,
  { cacheControl, allowedTools, requiredTool }: Behaviour,
  unsupported: Unsupported[],
): void {
  // Where only some of the tools can't be named as allowed, those alone are declared.
  const only = toolChoice?.kind === "allowed" && !allowedTools ? toolChoice : null;
  const tools = only === null ? declared : declared.filter(({ name }) => only.names.includes(name));
  if (tools.length === 0) return;
  if (traits.tools === false) {
    unsupported.push({ member: "tools", reason: "is not supported by this model", droppable: false });
    return;
  }
  body.tools = tools.map((tool) => ({
    type: "function",
    function: {
      name: tool.name,
      ...(tool.description === null ? {} : { description: tool.description }),
      ...(tool.parameters === null ? {} : { parameters: tool.parameters }),
      ...(tool.strict === null ? {} : { strict: tool.strict }),
    },
    ...(cacheControl && tool.cache !== undefined ? { cache_control: writeCacheMarker(tool.cache) } : {}),
  }));
  const choice: ToolChoice | null = only === null ? toolChoice : { kind: only.mode };
  if (choice !== null) body.tool_choice = choice.kind === "required" ? requiredTool : writeToolChoice(choice);
  set(body, "parallel_tool_calls", parallelToolCalls);
}

function writeToolChoice(choice: ToolChoice): unknown {
  switch (choice.kind) {
    case "tool":
      return { type: "function", function: { name: choice.name } };
    case "allowed":
      return {
        type: "allowed_tools",
        allowed_tools: {
          mode: choice.mode,
          tools: choice.names.map((name) => ({ type: "function", function: { name } })),
        },
      };
    default:
      return choice.kind;
  }
}

const samplingReason = "is not supported by models that reason";

/** Sampling parameters, which OpenAI's reasoning models refuse (OpenAI documentation, "Reasoning models"). */
function addSampling(
  body: Body,
  conversation: Conversation,
  target: Target,
  quirks: Behaviour,
  unsupported: Unsupported[],
): void {
  const refused = refusesSampling(target, conversation.reasoning?.effort ?? null, quirks);
  const logprobs = conversation.logprobs;
  const members: readonly (readonly [member: string, value: unknown, fields: Body])[] = [
    ["temperature", conversation.temperature, { temperature: conversation.temperature }],
    ["topP", conversation.topP, { top_p: conversation.topP }],
    ["presencePenalty", conversation.presencePenalty, { presence_penalty: conversation.presencePenalty }],
    ["frequencyPenalty", conversation.frequencyPenalty, { frequency_penalty: conversation.frequencyPenalty }],
    ["logitBias", conversation.logitBias, { logit_bias: conversation.logitBias }],
    [
      "logprobs",
      logprobs,
      { logprobs: true, ...(logprobs === null || logprobs.top === 0 ? {} : { top_logprobs: logprobs.top }) },
    ],
  ];
  for (const [member, value, fields] of members) {
    if (value === null) continue;
    if (refused) unsupported.push({ member, reason: samplingReason, droppable: true });
    else Object.assign(body, fields);
  }
  if (conversation.topK === null) return;
  if (quirks.topK) body.top_k = conversation.topK;
  else unsupported.push({ member: "topK", reason: "is not supported by this provider", droppable: true });
}

function addReasoning(
  body: Body,
  reasoning: ReasoningRequest | null,
  { traits }: Target,
  { reasoningParameter }: Behaviour,
  unsupported: Unsupported[],
): void {
  if (reasoning === null) return;
  const effort = effortFor(reasoning, traits);
  const known = traits.reasoningEfforts ?? [];
  if (reasoningParameter !== "reasoning" && traits.reasoning === false) {
    // A model that can't reason does what was asked.
    if (effort !== null && effort !== "none") {
      unsupported.push({ member: "reasoning", reason: "is not supported by this model", droppable: true });
    }
  } else if (
    reasoningParameter === "reasoning_effort" &&
    effort !== null &&
    known.length > 0 &&
    !known.includes(effort)
  ) {
    const reason = `"${effort}" is not supported by this model, which takes ${known.join(", ")}`;
    unsupported.push({ member: "reasoning.effort", reason, droppable: true });
  } else {
    Object.assign(body, reasoningMembers(reasoning, effort, traits, reasoningParameter));
  }
}

function addOutput(body: Body, output: OutputFormat, { traits }: Target, unsupported: Unsupported[]): void {
  switch (output.kind) {
    case "text":
      return;
    case "json":
      body.response_format = { type: "json_object" };
      return;
    case "json-schema":
      if (traits.jsonSchema === false) {
        unsupported.push({
          member: "output",
          reason: "as a JSON schema is not supported by this model",
          droppable: true,
        });
        return;
      }
      body.response_format = {
        type: "json_schema",
        json_schema: {
          name: output.name,
          ...(output.description === null ? {} : { description: output.description }),
          schema: output.schema,
          ...(output.strict === null ? {} : { strict: output.strict }),
        },
      };
  }
}

/**
 * Members without a neutral form, under their own names. `tools[i]` is a tool that is no function (`custom` tools, server
 * tools): it goes back to its place.
 */
function addExtras(body: Body, extras: Conversation["extras"], quirks: Behaviour, unsupported: Unsupported[]): void {
  const tools = Array.isArray(body.tools) ? [...body.tools] : [];
  for (const [name, value] of Object.entries(extras)) {
    if (refusesHint(quirks, name)) {
      const loss = lossOf(name, value, "this provider");
      if (loss !== null) unsupported.push(loss);
      continue;
    }
    const place = /^tools\[(\d+)\]$/.exec(name)?.[1];
    if (place === undefined) body[name] = value;
    else tools.splice(Number(place), 0, value);
  }
  if (tools.length > 0) body.tools = tools;
}
