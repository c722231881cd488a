// Strict schemas: whether a function's parameters are already what OpenAI's strict mode asks for.
import { isObject, type Json, list } from "../../json.ts";

/**
 * A function that does not say whether it is strict is made so where its schema allows (OpenAI documentation, "Function
 * calling", strict mode). A translation leaves schemas as they are, so that is true of those alone that need no change:
 * every object closed, and all its properties required.
 */
export function isStrict(parameters: Json | null): boolean {
  return parameters !== null && parameters.type === "object" && isStrictSchema(parameters);
}

/** Members that hold one schema, several in a list, and several by name. */
const single = ["items"] as const;
const lists = ["anyOf"] as const;
const named = ["properties", "$defs", "definitions"] as const;

function isStrictSchema(value: unknown): boolean {
  if (!isObject(value)) return false;
  if ("oneOf" in value || "allOf" in value || "not" in value || "patternProperties" in value) return false;
  const types = Array.isArray(value.type) ? value.type : [value.type];
  if ((types.includes("object") || "properties" in value) && !isClosed(value)) return false;
  return (
    single.every((name) => value[name] === undefined || isStrictSchema(value[name])) &&
    lists.every((name) => list(value[name]).every(isStrictSchema)) &&
    named.every((name) => !isObject(value[name]) || Object.values(value[name]).every(isStrictSchema))
  );
}

function isClosed(schema: Json): boolean {
  const required = list(schema.required);
  const properties = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  return schema.additionalProperties === false && properties.every((name) => required.includes(name));
}
