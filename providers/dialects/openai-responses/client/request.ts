// Writes a conversation as the body of a responses request.
import type { Conversation, OutputFormat, ReasoningRequest, ToolChoice } from "../../conversation.ts";
import type { Encoded, Target, Unsupported } from "../../dialect.ts";
import { lossOf } from "../../hints.ts";
import { effortFor } from "../../openai-chat/client/effort.ts";
import type { Behaviour } from "../quirks.ts";
import { writeInput } from "./input.ts";
import { refusesSampling } from "./model-rules.ts";

type Body = Record<string, unknown>;

/**
 * Nothing is stored at the provider, so reasoning is asked for in the form in which it can be sent back (OpenAI
 * documentation, "Reasoning models", encrypted reasoning items).
 * @returns The body, and what was left out of it because this API, server or model can't take it.
 */
export function encodeRequest(conversation: Conversation, target: Target, quirks: Behaviour): Encoded {
  const unsupported: Unsupported[] = [];
  const include: string[] = quirks.vendor === null ? [] : ["reasoning.encrypted_content"];
  const body: Body = {
    model: target.model,
    input: writeInput(conversation.messages, quirks, unsupported),
    store: false,
  };
  addTools(body, conversation, target, unsupported);
  addSampling(body, include, conversation, target, quirks, unsupported);
  addReasoning(body, conversation.reasoning, target, unsupported);
  addText(body, conversation, target, unsupported);
  addLimit(body, conversation.maxOutputTokens, quirks.leastOutputTokens, unsupported);
  if (conversation.user !== null) body.user = conversation.user;
  if (conversation.serviceTier !== null) body.service_tier = conversation.serviceTier;
  if (include.length > 0) body.include = include;
  if (conversation.stream) body.stream = true;
  addExtras(body, conversation.extras, unsupported);
  reportHomeless(conversation, unsupported);
  return { body, unsupported };
}

function addTools(
  body: Body,
  { tools, toolChoice, parallelToolCalls }: Conversation,
  { traits }: Target,
  unsupported: Unsupported[],
): void {
  if (tools.length === 0) return;
  if (traits.tools === false) {
    unsupported.push({ member: "tools", reason: "is not supported by this model", droppable: false });
    return;
  }
  body.tools = tools.map((tool) => ({
    type: "function",
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    parameters: tool.parameters ?? { type: "object", properties: {} },
    // Left out, it would be taken for true (OpenAI documentation, "Function calling", strict mode).
    strict: tool.strict ?? false,
  }));
  if (toolChoice !== null) body.tool_choice = writeToolChoice(toolChoice);
  if (parallelToolCalls !== null) body.parallel_tool_calls = parallelToolCalls;
}

function writeToolChoice(choice: ToolChoice): unknown {
  switch (choice.kind) {
    case "tool":
      return { type: "function", name: choice.name };
    case "allowed":
      return {
        type: "allowed_tools",
        mode: choice.mode,
        tools: choice.names.map((name) => ({ type: "function", name })),
      };
    default:
      return choice.kind;
  }
}

function addSampling(
  body: Body,
  include: string[],
  { temperature, topP, logprobs, reasoning }: Conversation,
  target: Target,
  quirks: Behaviour,
  unsupported: Unsupported[],
): void {
  const refused = refusesSampling(target, reasoning?.effort ?? null, quirks);
  const asked = (member: string, value: unknown): boolean => {
    if (value === null) return false;
    if (refused) unsupported.push({ member, reason: "is not supported by models that reason", droppable: true });
    return !refused;
  };
  if (asked("temperature", temperature)) body.temperature = temperature;
  if (asked("topP", topP)) body.top_p = topP;
  if (logprobs !== null && asked("logprobs", logprobs)) {
    include.push("message.output_text.logprobs");
    if (logprobs.top > 0) body.top_logprobs = logprobs.top;
  }
}

function addReasoning(
  body: Body,
  reasoning: ReasoningRequest | null,
  { traits }: Target,
  unsupported: Unsupported[],
): void {
  if (reasoning === null) return;
  const effort = effortFor(reasoning, traits);
  const summary = reasoning.includeText === true && traits.reasoning !== false ? { summary: "auto" } : {};
  const known = traits.reasoningEfforts;
  if (traits.reasoning === false) {
    // A model that can't reason does what was asked.
    if (effort !== null && effort !== "none") {
      unsupported.push({ member: "reasoning", reason: "is not supported by this model", droppable: true });
    }
    return;
  }
  if (effort !== null && known !== undefined && known.length > 0 && !known.includes(effort)) {
    const reason = `"${effort}" is not supported by this model, which takes ${known.join(", ")}`;
    unsupported.push({ member: "reasoning.effort", reason, droppable: true });
    if ("summary" in summary) body.reasoning = summary;
  } else if (effort !== null || "summary" in summary) {
    body.reasoning = { ...(effort === null ? {} : { effort }), ...summary };
  }
}

function addText(
  body: Body,
  { output, verbosity }: Conversation,
  { traits }: Target,
  unsupported: Unsupported[],
): void {
  const refused = output.kind === "json-schema" && traits.jsonSchema === false;
  if (refused) {
    const reason = "as a JSON schema is not supported by this model";
    unsupported.push({ member: "output", reason, droppable: true });
  }
  const format = refused ? null : writeFormat(output);
  if (format === null && verbosity === null) return;
  body.text = { ...(format === null ? {} : { format }), ...(verbosity === null ? {} : { verbosity }) };
}

function writeFormat(output: OutputFormat): Body | null {
  switch (output.kind) {
    case "text":
      return null;
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return {
        type: "json_schema",
        name: output.name,
        ...(output.description === null ? {} : { description: output.description }),
        schema: output.schema,
        ...(output.strict === null ? {} : { strict: output.strict }),
      };
  }
}

/** A limit below the least is raised to it: with none at all, an answer could cost far more than was allowed. */
function addLimit(body: Body, limit: number | null, least: number, unsupported: Unsupported[]): void {
  if (limit === null) return;
  body.max_output_tokens = Math.max(limit, least);
  if (limit < least) {
    const reason = `must be at least ${least} with this provider`;
    unsupported.push({ member: "maxOutputTokens", reason, droppable: true });
  }
}

/** Members of chat bodies that mean the same here. */
const shared: ReadonlySet<string> = new Set([
  "metadata",
  "moderation",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
  "store",
]);

function addExtras(body: Body, extras: Conversation["extras"], unsupported: Unsupported[]): void {
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined) continue;
    const loss = shared.has(name) ? null : lossOf(name, value, "OpenAI's responses API");
    if (loss !== null) unsupported.push(loss);
    else if (shared.has(name)) body[name] = value;
  }
}

const homeless: readonly (readonly [member: keyof Conversation, asked: (conversation: Conversation) => boolean])[] = [
  ["stop", ({ stop }) => stop.length > 0],
  ["seed", ({ seed }) => seed !== null],
  ["topK", ({ topK }) => topK !== null],
  ["presencePenalty", ({ presencePenalty }) => presencePenalty !== null && presencePenalty !== 0],
  ["frequencyPenalty", ({ frequencyPenalty }) => frequencyPenalty !== null && frequencyPenalty !== 0],
  ["logitBias", ({ logitBias }) => logitBias !== null && Object.keys(logitBias).length > 0],
  ["choices", ({ choices }) => choices !== null && choices > 1],
  ["modalities", ({ modalities }) => modalities?.some((modality) => modality !== "text") ?? false],
  ["audioOutput", ({ audioOutput }) => audioOutput !== null],
];

function reportHomeless(conversation: Conversation, unsupported: Unsupported[]): void {
  for (const [member, asked] of homeless) {
    if (!asked(conversation)) continue;
    unsupported.push({ member, reason: "is not supported by OpenAI's responses API", droppable: true });
  }
}
