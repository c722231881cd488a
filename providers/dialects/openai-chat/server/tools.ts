// Tools: what a client offers the model to call, and which of it the model may or must call.
import { readCacheMarker } from "../../cache.ts";
import type { FunctionTool, ToolChoice } from "../../conversation.ts";
import {
  asObject,
  at,
  Invalid,
  oneOf,
  optionalBoolean,
  optionalList,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import { isObject, type Json } from "../../json.ts";

export interface Tools {
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice | null;
  /** Tools that are no functions (`custom`, a provider's own), as `tools[i]`, and a choice of one of them. */
  readonly extras: Readonly<Record<string, unknown>>;
}

export function readTools(body: Json): Tools {
  const tools: FunctionTool[] = [];
  const extras: Record<string, unknown> = {};
  for (const [index, value] of (optionalList(body, "tools") ?? []).entries()) {
    const path = `tools[${index}]`;
    const tool = asObject(value, path);
    if ((optionalString(tool, "type", path) ?? "function") === "function") {
      const inner = requiredObject(tool, "function", path);
      tools.push(readFunction(inner, at(path, "function"), tool));
    } else extras[path] = tool;
  }
  for (const [index, value] of (optionalList(body, "functions") ?? []).entries()) {
    const path = `functions[${index}]`;
    tools.push(readFunction(asObject(value, path), path, {}));
  }
  const choice = readChoice(body, tools, Object.keys(extras).length > 0);
  if (choice !== null && !("kind" in choice)) return { tools, toolChoice: null, extras: { ...extras, ...choice } };
  return { tools, toolChoice: choice, extras };
}

function readFunction(inner: Json, path: string, tool: Json): FunctionTool {
  const cache = readCacheMarker(tool) ?? readCacheMarker(inner);
  return {
    name: requiredString(inner, "name", path),
    description: optionalString(inner, "description", path),
    parameters: optionalObject(inner, "parameters", path),
    strict: optionalBoolean(inner, "strict", path),
    ...(cache === null ? {} : { cache }),
  };
}

type Choice = ToolChoice | { readonly tool_choice: unknown } | null;

/** `tool_choice`, or the legacy `function_call`. */
function readChoice(body: Json, tools: readonly FunctionTool[], others: boolean): Choice {
  const choice = readWrittenChoice(body);
  if (choice === null || !("kind" in choice)) return choice;
  const param = body.tool_choice === undefined || body.tool_choice === null ? "function_call" : "tool_choice";
  if (choice.kind === "auto" || choice.kind === "none") return tools.length === 0 ? null : choice;
  if (tools.length === 0 && !others) {
    throw new Invalid(param, `Invalid '${param}': a call is required, but no tools are given. Add 'tools'.`);
  }
  const named = choice.kind === "tool" ? [choice.name] : choice.kind === "allowed" ? choice.names : [];
  const unknown = named.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined && !others) {
    const declared = tools.map((tool) => `'${tool.name}'`).join(", ");
    throw new Invalid(
      param,
      `Invalid '${param}': there is no tool named '${unknown}'. The tools given are ${declared}.`,
    );
  }
  return choice;
}

function readWrittenChoice(body: Json): Choice {
  const written = body.tool_choice ?? undefined;
  if (written === undefined) return readLegacyChoice(body);
  if (typeof written === "string")
    return { kind: oneOf(written, ["auto", "none", "required"] as const, "tool_choice") };
  const choice = asObject(written, "tool_choice");
  const type = requiredString(choice, "type", "tool_choice");
  switch (type) {
    case "function":
      return { kind: "tool", name: functionName(choice, "tool_choice") };
    case "allowed_tools": {
      const path = "tool_choice.allowed_tools";
      const allowed = requiredObject(choice, "allowed_tools", "tool_choice");
      const mode = oneOf(requiredString(allowed, "mode", path), ["auto", "required"] as const, at(path, "mode"));
      const names = (optionalList(allowed, "tools", path) ?? []).map((tool, index) =>
        functionName(asObject(tool, `${path}.tools[${index}]`), `${path}.tools[${index}]`),
      );
      return { kind: "allowed", mode, names };
    }
    case "custom":
      return { tool_choice: choice };
    default:
      return unknownWord(type, ["function", "allowed_tools", "custom"], "tool_choice.type");
  }
}

function functionName(holder: Json, path: string): string {
  return requiredString(requiredObject(holder, "function", path), "name", at(path, "function"));
}

function readLegacyChoice(body: Json): ToolChoice | null {
  const written = body.function_call ?? undefined;
  if (written === undefined) return null;
  if (isObject(written)) return { kind: "tool", name: requiredString(written, "name", "function_call") };
  return { kind: oneOf(optionalString(body, "function_call") ?? "", ["auto", "none"] as const, "function_call") };
}
