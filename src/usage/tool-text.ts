// How OpenAI's models are shown a request's functions: as TypeScript declarations, whose tokens are billed as input.
import type { FunctionTool } from "../../providers/dialects/conversation.ts";

/**
 * The text that function declarations cost as much as. Its form is not documented; it is known from models that repeat it
 * (OpenAI community, "How to calculate the tokens when using function call") and agrees with recorded usage to a few tokens.
 */
export function toolText(tools: readonly FunctionTool[]): string {
  const declared = tools.map(({ name, description, parameters }) => {
    const type = parameters === null ? "" : typeText(parameters, deepest);
    const signature = type === "" || type === "object" ? "() => any" : `(_: ${type}) => any`;
    return `${comment(description)}type ${name} = ${signature};`;
  });
  return `# Tools\n\n## functions\n\nnamespace functions {\n\n${declared.join("\n\n")}\n\n} // namespace functions`;
}

/** Schemas nested deeper than this count as `any`. */
const deepest = 16;

function typeText(schema: unknown, depth: number): string {
  if (typeof schema !== "object" || schema === null || depth === 0) return "any";
  const { type, enum: values, anyOf, oneOf, properties, required, items, $ref } = schema as Record<string, unknown>;
  if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  const alternatives = anyOf ?? oneOf;
  if (Array.isArray(alternatives)) return alternatives.map((one) => typeText(one, depth - 1)).join(" | ");
  if (Array.isArray(type)) return type.map((one) => typeText({ ...schema, type: one }, depth - 1)).join(" | ");
  if (typeof properties === "object" && properties !== null) {
    return objectText(properties as Record<string, unknown>, Array.isArray(required) ? required : [], depth);
  }
  if (type === "array") return `${typeText(items, depth - 1)}[]`;
  if (type === "integer") return "number";
  return typeof type === "string" ? type : "any";
}

function objectText(properties: Record<string, unknown>, required: readonly unknown[], depth: number): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const described = (schema as { description?: unknown } | null)?.description;
    const optional = required.includes(name) ? "" : "?";
    return `${comment(described)}${name}${optional}: ${typeText(schema, depth - 1)},`;
  });
  return members.length === 0 ? "object" : `{\n${members.join("\n")}\n}`;
}

function comment(text: unknown): string {
  return typeof text === "string" && text !== "" ? `// ${text}\n` : "";
}
