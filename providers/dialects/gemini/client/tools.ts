// Turns tools and the choice among them into function declarations and a calling mode.
import type { Conversation, FunctionTool, ToolChoice } from "../../conversation.ts";
import type { Unsupported } from "../../dialect.ts";
import type { JsonObject, WireFunctionDeclaration } from "../wire.ts";
import type { Generation } from "./generation.ts";
import { encodeSchema } from "./schema.ts";

export interface Tools {
  /** The `tools` and `toolConfig` members of the body, where there are any. */
  readonly body: JsonObject;
  readonly unsupported: readonly Unsupported[];
}

/** The tools of a request. */
export function encodeTools(conversation: Conversation, generation: Generation): Tools {
  const { tools, toolChoice } = conversation;
  const unsupported: Unsupported[] = [];
  if (tools.length === 0) {
    if (toolChoice !== null && toolChoice.kind !== "none" && toolChoice.kind !== "auto") {
      unsupported.push({ member: "toolChoice", reason: "needs tools to choose from", droppable: true });
    }
    return { body: {}, unsupported };
  }
  const functionDeclarations = tools.map((tool, index) => declaration(tool, index, generation, unsupported));
  const config = callingConfig(toolChoice, tools);
  return {
    body: {
      tools: [{ functionDeclarations }],
      ...(config === null ? {} : { toolConfig: { functionCallingConfig: config } }),
    },
    unsupported,
  };
}

function declaration(
  tool: FunctionTool,
  index: number,
  generation: Generation,
  unsupported: Unsupported[],
): WireFunctionDeclaration {
  const declared: WireFunctionDeclaration = { name: tool.name, description: tool.description ?? "" };
  if (tool.parameters === null) return declared;
  const encoded = encodeSchema(tool.parameters, generation);
  if (encoded.form === "json-schema") return { ...declared, parametersJsonSchema: encoded.schema };
  if (encoded.loosened) {
    unsupported.push({
      member: `tools[${index}].parameters`,
      reason: "refers to itself, or to what it does not hold, which this model's schemas can't express",
      droppable: true,
    });
  }
  // These models refuse an object without properties.
  const properties = encoded.schema.properties ?? {};
  return Object.keys(properties).length === 0 ? declared : { ...declared, parameters: encoded.schema };
}

interface CallingConfig {
  readonly mode: "AUTO" | "ANY" | "NONE" | "VALIDATED";
  readonly allowedFunctionNames?: readonly string[];
}

/**
 * Names may be given in the modes `ANY` (the model must call) and `VALIDATED` (it may, and then keeps to the schema): SDK,
 * `FunctionCallingConfigMode`. Strict tools ask for the latter.
 */
function callingConfig(choice: ToolChoice | null, tools: readonly FunctionTool[]): CallingConfig | null {
  switch (choice?.kind) {
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [choice.name] };
    case "allowed":
      return { mode: choice.mode === "required" ? "ANY" : "VALIDATED", allowedFunctionNames: choice.names };
    default:
      if (tools.some((tool) => tool.strict === true)) return { mode: "VALIDATED" };
      return choice === null ? null : { mode: "AUTO" };
  }
}
