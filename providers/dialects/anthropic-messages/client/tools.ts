// Turns tools, tool choice and output format into the Messages API's forms, which meet in `tool_choice`.
import type { Conversation, FunctionTool, ToolChoice as NeutralChoice, OutputFormat } from "../../conversation.ts";
import type { Target } from "../../dialect.ts";
import { jsonToolName } from "../answer.ts";
import { acceptsForcedTools, generationOf, hasStructuredOutputs } from "../generation.ts";
import type { JsonObject, Tool, ToolChoice } from "../wire.ts";
import { cacheControl } from "./parts.ts";
import { constrainedSchema } from "./schema.ts";
import type { Losses } from "./unsupported.ts";

export interface Tools {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice | null;
  /** The schema that the answer's text must follow, on models that know how. */
  readonly schema: JsonObject | null;
  /** Words for `system` where the format can only be asked for. */
  readonly instruction: string | null;
}

/** Whether the choice makes the model call a tool. */
export function isForced(choice: ToolChoice | null): boolean {
  return choice?.type === "any" || choice?.type === "tool";
}

/** `json_object` has no equivalent: the API has no output format without a schema. */
const jsonInstruction = "Respond with a single valid JSON object only: no Markdown, no code fence, no other text.";

/**
 * `output` with a schema becomes `output_config.format` on models that know it; on older ones a tool of a reserved name that
 * the model must call, and whose input `decode` and the stream decoder give back as text.
 */
export function encodeTools(conversation: Conversation, target: Target, losses: Losses): Tools {
  const { output, toolChoice, parallelToolCalls } = conversation;
  const structured = isStructured(target);
  const declared = conversation.tools.map((tool) => encodeTool(tool, { structured, losses }));
  const allowed = allowedTools(declared, toolChoice);
  const choice = encodeChoice(toolChoice, allowed, losses);
  const serial = parallelToolCalls === false;

  const schema = output.kind === "json-schema" && structured ? constrainedSchema(output.schema) : null;
  const instruction = output.kind === "json" ? jsonInstruction : null;
  // A named tool, or none at all, settles the shape of this answer already.
  if (output.kind === "json-schema" && !structured && choice?.type !== "tool") {
    return { ...withJsonTool(allowed, choice, output, target, losses), schema, instruction };
  }
  const possible = possibleChoice(choice, target, losses);
  return { tools: allowed, choice: withParallel(possible, { serial, tools: allowed }), schema, instruction };
}

/** By the model's name; where it is not Claude's, by the catalogue. */
function isStructured({ model, traits }: Target): boolean {
  const generation = generationOf(model);
  if (generation === null) return traits.jsonSchema === true;
  // The catalogue's `true` for older models means the tool: Sonnet 4 and before refuse `output_config.format`.
  return traits.jsonSchema !== false && hasStructuredOutputs(generation);
}

const toolName = /^[a-zA-Z0-9_-]{1,128}$/;

function encodeTool(
  tool: FunctionTool,
  { structured, losses }: { readonly structured: boolean; readonly losses: Losses },
): Tool {
  if (!toolName.test(tool.name)) {
    losses.refuse("tools", `has a tool named "${tool.name}"; Anthropic takes up to 128 letters, digits, _ and -`);
  }
  const strict = tool.strict === true && structured;
  if (tool.strict === true && !structured) losses.drop("tools", "has strict tools, which this model does not know");
  const schema: JsonObject = { ...(tool.parameters ?? { properties: {} }), type: "object" };
  return {
    name: tool.name,
    ...(tool.description !== null && { description: tool.description }),
    input_schema: (strict ? constrainedSchema(schema) : schema) as Tool["input_schema"],
    ...(strict && { strict: true }),
    ...(tool.cache !== undefined && { cache_control: cacheControl(tool.cache) }),
  };
}

function allowedTools(tools: readonly Tool[], choice: NeutralChoice | null): readonly Tool[] {
  if (choice?.kind !== "allowed") return tools;
  return tools.filter(({ name }) => choice.names.includes(name));
}

function encodeChoice(choice: NeutralChoice | null, tools: readonly Tool[], losses: Losses): ToolChoice | null {
  if (choice === null) return null;
  if (tools.length === 0) {
    // "tool_choice may only be specified while providing tools"
    const forces = choice.kind === "required" || choice.kind === "tool" || choice.kind === "allowed";
    if (forces) losses.drop("toolChoice", "names no tool that is declared");
    return null;
  }
  switch (choice.kind) {
    case "auto":
      return { type: "auto" };
    case "none":
      // The tools stay: earlier turns may hold calls of them, and the cached prefix begins with them.
      return { type: "none" };
    case "required":
      return { type: "any" };
    case "tool":
      return { type: "tool", name: choice.name };
    case "allowed":
      return choice.mode === "required" ? { type: "any" } : { type: "auto" };
  }
}

/** The newest models refuse every choice that forces a call, with thinking or without. */
function possibleChoice(choice: ToolChoice | null, { model }: Target, losses: Losses): ToolChoice | null {
  const generation = generationOf(model);
  if (!isForced(choice) || generation === null || acceptsForcedTools(generation)) return choice;
  losses.drop("toolChoice", "forces a tool call, which this model refuses");
  return { type: "auto" };
}

function withParallel(
  choice: ToolChoice | null,
  { serial, tools }: { readonly serial: boolean; readonly tools: readonly Tool[] },
): ToolChoice | null {
  if (!serial || tools.length === 0 || choice?.type === "none") return choice;
  return { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true };
}

function withJsonTool(
  tools: readonly Tool[],
  choice: ToolChoice | null,
  output: Extract<OutputFormat, { kind: "json-schema" }>,
  target: Target,
  losses: Losses,
): Pick<Tools, "tools" | "choice"> {
  const { type } = output.schema;
  if (type !== undefined && type !== "object") {
    losses.refuse("output", "has a schema that is no object, which this model can't follow");
    return { tools, choice };
  }
  const jsonTool: Tool = {
    name: jsonToolName,
    description: output.description ?? `Respond with the ${output.name} object.`,
    input_schema: { ...output.schema, type: "object" },
  };
  const alone = tools.length === 0 || choice?.type === "none";
  const forced: ToolChoice = alone ? { type: "tool", name: jsonToolName } : { type: "any" };
  const possible = possibleChoice(forced, target, losses);
  return { tools: [...tools, jsonTool], choice: withParallel(possible, { serial: true, tools: [jsonTool] }) };
}
