// Tools: what a client offers the model to call, and which of it the model may or must call.
import { readCacheMarker } from "../../cache.ts";
import type { Foreign, FunctionTool, ToolChoice } from "../../conversation.ts";
import {
  asObject,
  Invalid,
  oneOf,
  optionalBoolean,
  optionalList,
  optionalObject,
  optionalString,
  requiredString,
} from "../../fields.ts";
import type { Json } from "../../json.ts";
import { isStrict } from "./strict.ts";

export interface Tools {
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice | null;
  /** Tools that are no functions (OpenAI's built-in ones, `custom`, `mcp`), and a choice of one of them. */
  readonly foreign: readonly Foreign[];
}

/** @throws Invalid */
export function readTools(body: Json): Tools {
  const tools: FunctionTool[] = [];
  const foreign: Foreign[] = [];
  for (const [index, value] of (optionalList(body, "tools") ?? []).entries()) {
    const path = `tools[${index}]`;
    const tool = asObject(value, path);
    const type = requiredString(tool, "type", path);
    if (type === "function") tools.push(readFunction(tool, path));
    else {
      const reason = `is a tool of type \`${type}\`, which this provider does not have: it takes functions`;
      foreign.push({ member: path, reason, droppable: true });
    }
  }
  const toolChoice = readChoice(body, tools, foreign);
  return { tools, toolChoice, foreign };
}

function readFunction(tool: Json, path: string): FunctionTool {
  const cache = readCacheMarker(tool);
  const parameters = optionalObject(tool, "parameters", path);
  return {
    name: requiredString(tool, "name", path),
    description: optionalString(tool, "description", path),
    parameters,
    strict: optionalBoolean(tool, "strict", path) ?? isStrict(parameters),
    ...(cache === null ? {} : { cache }),
  };
}

/** @param foreign Also takes a choice of a tool that is no function. */
function readChoice(body: Json, tools: readonly FunctionTool[], foreign: Foreign[]): ToolChoice | null {
  const others = foreign.length > 0;
  const choice = readWrittenChoice(body, foreign);
  if (choice === null) return null;
  if (choice.kind === "auto" || choice.kind === "none") return tools.length === 0 ? null : choice;
  if (tools.length === 0) {
    if (others) return null;
    throw new Invalid("tool_choice", "Invalid 'tool_choice': a call is required, but no tools are given. Add 'tools'.");
  }
  const named = choice.kind === "tool" ? [choice.name] : choice.kind === "allowed" ? choice.names : [];
  const unknown = named.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown === undefined) return choice;
  const declared = tools.map((tool) => `'${tool.name}'`).join(", ");
  throw new Invalid(
    "tool_choice",
    `Invalid 'tool_choice': there is no function named '${unknown}'. Those given are ${declared}.`,
  );
}

function readWrittenChoice(body: Json, foreign: Foreign[]): ToolChoice | null {
  const written = body.tool_choice ?? null;
  if (written === null) return null;
  if (typeof written === "string") {
    return { kind: oneOf(written, ["auto", "none", "required"] as const, "tool_choice") };
  }
  const choice = asObject(written, "tool_choice");
  const type = requiredString(choice, "type", "tool_choice");
  switch (type) {
    case "function":
      return { kind: "tool", name: requiredString(choice, "name", "tool_choice") };
    case "allowed_tools":
      return readAllowed(choice, foreign);
    default: {
      const reason = `is of type \`${type}\`, which this provider does not have: it takes functions`;
      foreign.push({ member: "tool_choice", reason, droppable: true });
      return null;
    }
  }
}

function readAllowed(choice: Json, foreign: Foreign[]): ToolChoice {
  const mode = oneOf(requiredString(choice, "mode", "tool_choice"), ["auto", "required"] as const, "tool_choice.mode");
  const names: string[] = [];
  for (const [index, value] of (optionalList(choice, "tools", "tool_choice") ?? []).entries()) {
    const path = `tool_choice.tools[${index}]`;
    const tool = asObject(value, path);
    const type = requiredString(tool, "type", path);
    if (type === "function") names.push(requiredString(tool, "name", path));
    else
      foreign.push({
        member: path,
        reason: `is of type \`${type}\`, which this provider does not have`,
        droppable: true,
      });
  }
  return { kind: "allowed", mode, names };
}
