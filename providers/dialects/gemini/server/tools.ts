// Tools: the functions that a client declares, which of them may or must be called, and the tools that Google runs itself.
import type { Foreign, FunctionTool, ToolChoice } from "../../conversation.ts";
import { Invalid, unknownWord } from "../../fields.ts";
import type { Json } from "../../json.ts";
import type { JsonObject } from "../wire.ts";
import { Members } from "./members.ts";
import { readSchema } from "./schema.ts";

export interface Tools {
  readonly tools: readonly FunctionTool[];
  /** The client's path of each. */
  readonly paths: readonly string[];
  readonly toolChoice: ToolChoice | null;
  readonly foreign: readonly Foreign[];
}

const REASON = "is known to Gemini models only";

/** @throws Invalid */
export function readTools(body: Json): Tools {
  const tools: FunctionTool[] = [];
  const paths: string[] = [];
  const foreign: Foreign[] = [];
  for (const tool of new Members(body, "").objects("tools") ?? []) {
    for (const declaration of tool.objects("functionDeclarations") ?? []) {
      tools.push(readDeclaration(declaration));
      paths.push(declaration.path);
    }
    for (const { name, own } of tool.names) {
      if (name === "functionDeclarations") continue;
      foreign.push({ member: `${tool.path}.${own}`, reason: "is one of Google's own tools", droppable: true });
    }
  }
  const { toolChoice, foreign: others } = readConfig(body, tools, foreign.length > 0);
  return { tools, paths, toolChoice, foreign: [...foreign, ...others] };
}

/** `response` and `behavior` say nothing to other vendors: the first describes what comes back, the second is the Live API's. */
function readDeclaration(declaration: Members): FunctionTool {
  const json = declaration.object("parametersJsonSchema");
  const openApi = declaration.object("parameters");
  return {
    name: declaration.requiredString("name"),
    description: declaration.string("description"),
    parameters: json?.json ?? (openApi === null ? null : readSchema(openApi.json as JsonObject)),
    strict: null,
  };
}

const MODES = ["AUTO", "ANY", "NONE", "VALIDATED"] as const;

function readConfig(
  body: Json,
  tools: readonly FunctionTool[],
  others: boolean,
): { readonly toolChoice: ToolChoice | null; readonly foreign: readonly Foreign[] } {
  const config = new Members(body, "").object("toolConfig");
  if (config === null) return { toolChoice: null, foreign: [] };
  const foreign = config.names.flatMap(({ name, own }): Foreign[] =>
    name === "functionCallingConfig" ? [] : [{ member: `${config.path}.${own}`, reason: REASON, droppable: true }],
  );
  const calling = config.object("functionCallingConfig");
  return { toolChoice: calling === null ? null : readChoice(calling, tools, others), foreign };
}

/** `VALIDATED` is `AUTO` with calls held to their schemas, which is for each vendor to do as well as it can. */
function readChoice(calling: Members, tools: readonly FunctionTool[], others: boolean): ToolChoice | null {
  const word = calling.string("mode") ?? "MODE_UNSPECIFIED";
  const mode = MODES.find((known) => known === word.toUpperCase());
  if (mode === undefined && word !== "MODE_UNSPECIFIED") unknownWord(word, MODES, calling.at("mode"));
  const names = calling.strings("allowedFunctionNames");
  const unknown = names.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined) {
    const path = calling.at("allowedFunctionNames");
    const declared = tools.map(({ name }) => `'${name}'`).join(", ");
    throw new Invalid(path, `Invalid '${path}': no function '${unknown}' is declared. Those declared are ${declared}.`);
  }
  if (mode === "ANY" && tools.length === 0 && !others) {
    const path = calling.at("mode");
    throw new Invalid(path, `Invalid '${path}': a call is required, but no functions are declared. Add 'tools'.`);
  }
  if (mode === undefined || tools.length === 0) return null;
  if (mode === "NONE") return { kind: "none" };
  const [first, ...more] = names;
  if (mode !== "ANY") return first === undefined ? { kind: "auto" } : { kind: "allowed", mode: "auto", names };
  if (first === undefined) return { kind: "required" };
  return more.length === 0 ? { kind: "tool", name: first } : { kind: "allowed", mode: "required", names };
}
