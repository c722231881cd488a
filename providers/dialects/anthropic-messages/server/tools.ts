// Tools: what a client offers the model to call, and which of it the model may or must call.
import { readCacheMarker } from "../../cache.ts";
import type { FunctionTool, ToolChoice } from "../../conversation.ts";
import {
  asObject,
  Invalid,
  optionalBoolean,
  optionalList,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import { asList, type JsonObject } from "../wire.ts";
import type { ForeignList } from "./foreign.ts";

export interface Tools {
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice | null;
  readonly parallelToolCalls: boolean | null;
}

/** @param foreign Is told Anthropic's own tools (`web_search_20250305`, `bash_20250124`, …), and a choice of one of them. */
export function readTools(body: JsonObject, foreign: ForeignList): Tools {
  const tools: FunctionTool[] = [];
  let others = false;
  for (const [index, value] of (optionalList(body, "tools") ?? []).entries()) {
    const path = `tools.${index}`;
    const tool = asObject(value, path);
    const type = optionalString(tool, "type", path) ?? "custom";
    if (type !== "custom") {
      others = true;
      foreign.wish(path, `is \`${type}\`, a tool of Anthropic's that this provider does not have`);
    } else {
      tools.push(readTool(tool, path));
      if (isForCodeOnly(tool)) foreign.wish(`${path}.allowed_callers`, "can't be asked of this provider");
    }
  }
  const wanted = optionalObject(body, "tool_choice");
  if (wanted === null) return { tools, toolChoice: null, parallelToolCalls: null };
  const serial = optionalBoolean(wanted, "disable_parallel_tool_use", "tool_choice") === true;
  const choice = readChoice(wanted, tools, others);
  if (choice === "of another tool") foreign.wish("tool_choice", "chooses a tool that this provider does not have");
  return {
    tools,
    toolChoice: choice === "of another tool" ? null : choice,
    parallelToolCalls: serial && tools.length > 0 ? false : null,
  };
}

/** `input_examples`, `defer_loading` and `eager_input_streaming` say nothing that another vendor could act upon. */
function readTool(tool: JsonObject, path: string): FunctionTool {
  const cache = readCacheMarker(tool);
  return {
    name: requiredString(tool, "name", path),
    description: optionalString(tool, "description", path),
    parameters: requiredObject(tool, "input_schema", path),
    strict: optionalBoolean(tool, "strict", path),
    ...(cache !== null && { cache }),
  };
}

/** A tool that the model may not call by itself, but by code that it writes (documentation, "Programmatic tool calling"). */
function isForCodeOnly(tool: JsonObject): boolean {
  const callers = asList(tool.allowed_callers);
  return callers.length > 0 && !callers.includes("direct");
}

function readChoice(
  wanted: JsonObject,
  tools: readonly FunctionTool[],
  others: boolean,
): ToolChoice | "of another tool" | null {
  const type = requiredString(wanted, "type", "tool_choice");
  const none = tools.length === 0;
  switch (type) {
    case "auto":
    case "none":
      return none ? null : { kind: type };
    case "any":
      if (!none) return { kind: "required" };
      if (others) return "of another tool";
      throw new Invalid(
        "tool_choice",
        "Invalid 'tool_choice': a call is required, but no tools are given. Add 'tools'.",
      );
    case "tool": {
      const name = requiredString(wanted, "name", "tool_choice");
      if (tools.some((tool) => tool.name === name)) return { kind: "tool", name };
      if (others) return "of another tool";
      throw new Invalid("tool_choice.name", `Invalid 'tool_choice.name': no tool named '${name}' is given.`);
    }
    default:
      return unknownWord(type, ["auto", "any", "tool", "none"], "tool_choice.type");
  }
}
