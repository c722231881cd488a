// The tools that a chat request offers, and which of them it wants called.
import { badRequest, type Fault } from "./fault.ts";
import { isObject, isSchema, type Schema } from "./schema/schema.ts";

export interface OfferedTool {
  readonly name: string;
  readonly parameters: Schema;
  /** As it was declared, for counting its tokens. */
  readonly text: string;
}

/** `names`: the tools that may be called. */
export interface ToolChoice {
  readonly mode: "none" | "auto" | "required";
  readonly names: readonly string[];
}

export function readTools(tools: unknown): readonly OfferedTool[] | Fault {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return badRequest("`tools` must be an array.", "tools");
  const read: OfferedTool[] = [];
  for (const [at, tool] of tools.entries()) {
    const declared = isObject(tool) && tool.type === "function" ? tool.function : undefined;
    if (!isObject(declared) || typeof declared.name !== "string") {
      return badRequest(`\`tools[${at}]\` must be a function with a name.`, `tools[${at}]`);
    }
    const parameters = declared.parameters ?? { type: "object", properties: {} };
    if (!isSchema(parameters)) {
      return badRequest(
        `\`tools[${at}].function.parameters\` must be a JSON schema.`,
        `tools[${at}].function.parameters`,
      );
    }
    read.push({ name: declared.name, parameters, text: JSON.stringify(declared) });
  }
  return read;
}

/** Reads `tool_choice`: a mode, one function, or OpenAI's `allowed_tools`. */
export function readToolChoice(choice: unknown, tools: readonly OfferedTool[]): ToolChoice | Fault {
  const all = tools.map(({ name }) => name);
  if (choice === undefined || choice === null) return { mode: "auto", names: all };
  if (choice === "none" || choice === "auto") return { mode: choice, names: all };
  if (tools.length === 0) return badRequest("`tool_choice` needs `tools`.", "tool_choice");
  if (choice === "required") return { mode: choice, names: all };
  const { type, function: named, allowed_tools: allowed } = isObject(choice) ? choice : {};
  if (type === "function") return chosen("required", [named], all);
  if (type === "allowed_tools" && isObject(allowed) && Array.isArray(allowed.tools)) {
    const functions = allowed.tools.map((tool) => (isObject(tool) ? (tool.function ?? tool) : tool));
    return chosen(allowed.mode === "required" ? "required" : "auto", functions, all);
  }
  return badRequest("`tool_choice` is unknown.", "tool_choice");
}

function chosen(mode: ToolChoice["mode"], functions: readonly unknown[], all: readonly string[]): ToolChoice | Fault {
  const names: string[] = [];
  for (const one of functions) {
    const name = isObject(one) ? one.name : undefined;
    if (typeof name !== "string" || !all.includes(name)) {
      return badRequest(`\`tool_choice\` names a tool that is not offered: ${String(name)}.`, "tool_choice");
    }
    names.push(name);
  }
  return { mode, names };
}
