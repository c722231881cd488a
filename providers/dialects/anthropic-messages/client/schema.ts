// Makes a JSON Schema one that the API's constrained decoding takes.
import { asList, asObject, type JsonObject } from "../wire.ts";

const stringFormats = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * The API refuses objects that are open, and keywords such as `minimum` or `maxLength` ("For 'object' type,
 * 'additionalProperties' must be explicitly set to false"). As the SDK's `lib/transform-json-schema` does: objects are
 * closed; other constraints become words in the description, so that the model still knows them; `oneOf` becomes `anyOf`; a
 * reference stands alone; literals need no type.
 */
export function constrainedSchema(schema: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  const words: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const kept = constrainedKeyword(keyword, value);
    if (kept === "words") words.push(`${keyword}: ${JSON.stringify(value)}`);
    else if (kept !== null) Object.assign(result, kept);
  }
  const { $ref, $defs, definitions } = result;
  if ($ref !== undefined)
    return { $ref, ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) };
  if (result.type === "object" || asList(result.type).includes("object")) {
    result.properties ??= {};
    result.additionalProperties = false;
  }
  if (result.enum !== undefined || result.const !== undefined) delete result.type;
  const description = [schema.description, words.length > 0 ? `{${words.join(", ")}}` : ""]
    .filter(Boolean)
    .join("\n\n");
  if (description !== "") result.description = description;
  return result;
}

/** What a keyword becomes; null when it says nothing, `words` when only words can say it. */
function constrainedKeyword(keyword: string, value: unknown): JsonObject | "words" | null {
  switch (keyword) {
    case "$schema":
    case "$comment":
    case "additionalProperties":
    case "description":
      return null;
    case "type":
    case "title":
    case "required":
    case "$ref":
      return { [keyword]: value };
    case "enum":
      return asList(value).length > 0 && asList(value).every(isPrimitive) ? { enum: value } : "words";
    case "const":
      return isPrimitive(value) ? { const: value } : "words";
    case "$defs":
    case "definitions":
    case "properties":
      return { [keyword]: constrainedMap(value) };
    case "items":
      return { items: constrained(value) };
    case "anyOf":
    case "allOf":
      return { [keyword]: asList(value).map(constrained) };
    case "oneOf":
      return { anyOf: asList(value).map(constrained) };
    case "format":
      return typeof value === "string" && stringFormats.has(value) ? { format: value } : "words";
    case "minItems":
      return value === 0 || value === 1 ? { minItems: value } : "words";
    default:
      return "words";
  }
}

function constrained(value: unknown): unknown {
  const schema = asObject(value);
  return schema === null ? value : constrainedSchema(schema);
}

function constrainedMap(value: unknown): JsonObject {
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).map(([name, schema]) => [name, constrained(schema)]));
}

function isPrimitive(value: unknown): boolean {
  return value === null || typeof value !== "object";
}
