// Gemini reads JSON as protobuf does: member names in camelCase or snake_case, a single value where a list is meant.
import type { Json, JsonObject } from "../recordings.ts";

/** Members whose values are the caller's own data, in which names are left as they are. */
const OPAQUE = new Set([
  "args",
  "response",
  "parametersJsonSchema",
  "responseJsonSchema",
  "properties",
  "enum",
  "required",
]);

/** The request with the member names of the API reference (ProtoJSON format, "JSON Options"). */
export function toCamelCase(object: JsonObject): JsonObject {
  const entries = Object.entries(object).map(([name, value]): [string, Json] => {
    const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [camel, OPAQUE.has(camel) ? value : inner(value)];
  });
  return Object.fromEntries(entries);
}

function inner(value: Json): Json {
  if (Array.isArray(value)) return value.map(inner);
  return typeof value === "object" && value !== null ? toCamelCase(value as JsonObject) : value;
}
