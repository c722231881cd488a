// Turns tools, tool choice and output format into `toolConfig` and `outputConfig`.
import { jsonToolName } from "../../anthropic-messages/answer.ts";
import { constrainedSchema } from "../../anthropic-messages/client/schema.ts";
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import { acceptsForcedTools, generationOf, hasStructuredOutputs } from "../../anthropic-messages/generation.ts";
import type { Conversation, FunctionTool, ToolChoice as NeutralChoice, OutputFormat } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import type { Family } from "../family.ts";
import type { JsonObject, ToolChoice, ToolSpec } from "../wire.ts";
import type { CacheMarks } from "./cache.ts";

export interface Tools {
  readonly tools: readonly ToolSpec[];
  readonly choice: ToolChoice | null;
  /** `outputConfig`, on models that follow a schema. */
  readonly output: JsonObject | null;
  /** Words for `system` where the format can only be asked for. */
  readonly instruction: string | null;
  /** Claude's own `tool_choice`, for what Converse can't say. */
  readonly claudeChoice: JsonObject | null;
}

export interface ToolsContext {
  readonly target: Target;
  readonly family: Family;
  /** Names of tools that earlier turns call: the API refuses calls and results without `toolConfig`. */
  readonly history: readonly string[];
  readonly marks: CacheMarks;
  readonly losses: Losses;
}

/** Whether the choice makes the model call a tool. */
export function isForced(choice: ToolChoice | null): boolean {
  return choice !== null && !("auto" in choice);
}

const jsonInstruction = "Respond with a single valid JSON object only: no Markdown, no code fence, no other text.";

/**
 * A schema for the answer becomes `outputConfig.textFormat`; on older Claude models, and others that do not know it, a
 * tool of a reserved name that the model must call, whose input is read back as text.
 */
export function encodeTools(conversation: Conversation, context: ToolsContext): Tools {
  const { output, toolChoice } = conversation;
  const { target, family, losses } = context;
  const structured = isStructured(target, family);
  const declared = declare(conversation, { ...context, structured });
  const possible = conversation.tools.length === 0 ? [] : possibleTools(declared, toolChoice, family);
  // Where the choice leaves no tool, all stay that earlier turns need, and the model may choose.
  const tools = possible.length === 0 && context.history.length > 0 ? declared : possible;
  const choice = possible.length === 0 ? null : encodeChoice(toolChoice, tools, context);
  const claudeChoice = ownChoice(conversation, choice, { ...context, tools });
  const instruction = output.kind === "json" ? jsonInstruction : null;
  if (output.kind === "json-schema" && !structured && !(choice !== null && "tool" in choice)) {
    return {
      ...withJsonTool(tools, output, { ...context, alone: possible.length === 0 || toolChoice?.kind === "none" }),
      output: null,
      instruction,
      claudeChoice: null,
    };
  }
  const format = output.kind === "json-schema" ? textFormat(output, family) : null;
  if (possible.length === 0 && forces(toolChoice)) losses.drop("toolChoice", "names no tool that is declared");
  return { tools, choice, output: format, instruction, claudeChoice };
}

function isStructured({ model, traits }: Target, family: Family): boolean {
  const generation = family === "claude" ? generationOf(model) : null;
  if (generation !== null) return traits.jsonSchema !== false && hasStructuredOutputs(generation);
  // Amazon's and Meta's models do not know it; the others of the recordings do (Gemma, MiniMax, Nemotron, Qwen, GLM).
  return traits.jsonSchema ?? !(family === "nova" || family === "llama" || family === "cohere");
}

function textFormat(output: Extract<OutputFormat, { kind: "json-schema" }>, family: Family): JsonObject {
  const schema = family === "claude" ? constrainedSchema(output.schema) : output.schema;
  return {
    textFormat: {
      type: "json_schema",
      structure: {
        jsonSchema: {
          name: output.name,
          ...(output.description !== null && { description: output.description }),
          schema: JSON.stringify(schema),
        },
      },
    },
  };
}

function declare(
  { tools, toolChoice }: Conversation,
  context: ToolsContext & { readonly structured: boolean },
): readonly ToolSpec[] {
  const { history } = context;
  const wanted = toolChoice?.kind === "none" && history.length === 0 ? [] : tools;
  if (wanted.length > 0) return wanted.map((tool) => encodeTool(tool, context));
  return history.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: "object", properties: {} } } } }));
}

/** API Reference, "ToolSpecification". */
const toolName = /^[a-zA-Z0-9_-]{1,64}$/;

function encodeTool(
  tool: FunctionTool,
  { structured, family, losses, marks }: ToolsContext & { readonly structured: boolean },
): ToolSpec {
  if (!toolName.test(tool.name)) {
    losses.refuse("tools", `has a tool named "${tool.name}"; Bedrock takes up to 64 letters, digits, _ and -`);
  }
  const strict = tool.strict === true && structured;
  if (tool.strict === true && !structured) losses.drop("tools", "has strict tools, which this model does not know");
  const schema: JsonObject = { ...(tool.parameters ?? { properties: {} }), type: "object" };
  const spec: ToolSpec = {
    toolSpec: {
      name: tool.name,
      // A blank one is refused.
      ...(tool.description !== null && /\S/.test(tool.description) && { description: tool.description }),
      inputSchema: { json: strict && family === "claude" ? constrainedSchema(schema) : schema },
      ...(strict && { strict: true }),
    },
  };
  if (tool.cache !== undefined) marks.mark(spec, tool.cache, "tools");
  return spec;
}

/** Only Claude and Nova can be told one tool by name; for the others it is the only one, and they must call one. */
function possibleTools(tools: readonly ToolSpec[], choice: NeutralChoice | null, family: Family): readonly ToolSpec[] {
  if (choice?.kind === "allowed") return tools.filter(({ toolSpec }) => choice.names.includes(toolSpec.name));
  if (choice?.kind !== "tool" || family === "claude" || family === "nova") return tools;
  return tools.filter(({ toolSpec }) => toolSpec.name === choice.name);
}

function encodeChoice(
  choice: NeutralChoice | null,
  tools: readonly ToolSpec[],
  { target, family, losses }: ToolsContext,
): ToolChoice | null {
  if (choice === null || tools.length === 0) return null;
  if (!forces(choice)) return choice.kind === "auto" || choice.kind === "allowed" ? { auto: {} } : null;
  const generation = family === "claude" ? generationOf(target.model) : null;
  if (family === "llama" || (generation !== null && !acceptsForcedTools(generation))) {
    losses.drop("toolChoice", "forces a tool call, which this model refuses");
    return { auto: {} };
  }
  const byName = family === "claude" || family === "nova";
  return choice.kind === "tool" && byName ? { tool: { name: choice.name } } : { any: {} };
}

function forces(choice: NeutralChoice | null): boolean {
  if (choice?.kind === "allowed") return choice.mode === "required";
  return choice?.kind === "required" || choice?.kind === "tool";
}

/** Converse has neither `none` nor a word about parallel calls. Claude's own `tool_choice` says both. */
function ownChoice(
  { toolChoice, parallelToolCalls }: Conversation,
  choice: ToolChoice | null,
  { tools, family, losses }: ToolsContext & { readonly tools: readonly ToolSpec[] },
): JsonObject | null {
  if (tools.length === 0) return null;
  if (toolChoice?.kind === "none") {
    if (family === "claude") return { type: "none" };
    losses.drop("toolChoice", 'can\'t be "none" on Bedrock in a conversation that has tool calls');
    return null;
  }
  if (parallelToolCalls !== false || family !== "claude") return null;
  const own =
    choice !== null && "tool" in choice
      ? { type: "tool", name: choice.tool.name }
      : { type: choice !== null && "any" in choice ? "any" : "auto" };
  return { ...own, disable_parallel_tool_use: true };
}

function withJsonTool(
  tools: readonly ToolSpec[],
  output: Extract<OutputFormat, { kind: "json-schema" }>,
  context: ToolsContext & { readonly alone: boolean },
): Pick<Tools, "tools" | "choice"> {
  const { type } = output.schema;
  if (type !== undefined && type !== "object") {
    context.losses.refuse("output", "has a schema that is no object, which this model can't follow");
    return { tools, choice: null };
  }
  const jsonTool: ToolSpec = {
    toolSpec: {
      name: jsonToolName,
      description: output.description ?? `Respond with the ${output.name} object.`,
      inputSchema: { json: { ...output.schema, type: "object" } },
    },
  };
  const all = [...tools, jsonTool];
  const kind = context.alone ? ({ kind: "tool", name: jsonToolName } as const) : ({ kind: "required" } as const);
  return { tools: all, choice: encodeChoice(kind, all, context) };
}
