// JSON Schema as Gemini 2 and later take it: the same document, without the keywords that these models refuse.
import { asObject, asObjects, type JsonObject } from "../wire.ts";
import type { Generation } from "./generation.ts";
import { toOpenApi } from "./openapi-schema.ts";

/** A schema in the form that a generation takes; the names of the wire members differ by form. */
export type EncodedSchema =
  | { readonly form: "json-schema"; readonly schema: JsonObject }
  /** `loosened`: a recursion had to be cut, and the model may write anything there. */
  | { readonly form: "openapi"; readonly schema: JsonObject; readonly loosened: boolean };

/**
 * `parametersJsonSchema` and `responseJsonSchema` from Gemini 2 on (recordings show the latter on `gemini-2.0-flash` with
 * `$defs`, `$ref` and integer enums), the OpenAPI subset for older models and Gemma.
 */
export function encodeSchema(schema: Readonly<JsonObject>, generation: Generation): EncodedSchema {
  if (generation.family === "gemini" && generation.version >= 2) {
    return { form: "json-schema", schema: clean(schema) };
  }
  return { form: "openapi", ...toOpenApi(schema) };
}

/** Keywords whose value is a schema, a list of schemas, or a map of schemas. */
const NESTED = new Set(["items", "additionalProperties"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const MAPS = new Set(["properties", "$defs", "definitions"]);
const DROPPED = new Set(["$schema", "const", "exclusiveMinimum", "exclusiveMaximum", "discriminator", "examples"]);

/**
 * Supported keywords are listed at the SDK's `GenerateContentConfig.responseJsonSchema`; of the others some are ignored and
 * some refused, so those with an equivalent are written as it. Two more rules stand there: a `$ref` has no siblings (they
 * move to an `anyOf` of one around it), and definitions live under `$defs`.
 */
function clean(schema: Readonly<JsonObject>): JsonObject {
  const cleaned: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (DROPPED.has(keyword)) continue;
    cleaned[keyword === "definitions" ? "$defs" : keyword] = cleanMember(keyword, value);
  }
  if ("const" in schema) cleaned.enum = [schema.const];
  if ("const" in schema && schema.type === undefined) cleaned.type = typeOf(schema.const);
  setBound(cleaned, "minimum", schema.exclusiveMinimum, 1);
  setBound(cleaned, "maximum", schema.exclusiveMaximum, -1);
  return apartFromReference(cleaned);
}

function cleanMember(keyword: string, value: unknown): unknown {
  if (keyword === "$ref" && typeof value === "string") return value.replace(/^#\/definitions\//, "#/$defs/");
  const object = asObject(value);
  if (NESTED.has(keyword) && object !== null) return clean(object);
  if (LISTS.has(keyword) && Array.isArray(value)) return value.map((item) => cleanMember("items", item));
  if (MAPS.has(keyword) && object !== null) {
    return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, cleanMember("items", item)]));
  }
  return value;
}

/** An exclusive bound as an inclusive one: exact for integers, for other numbers wider by the bound itself. */
function setBound(schema: JsonObject, keyword: "minimum" | "maximum", exclusive: unknown, step: 1 | -1): void {
  if (typeof exclusive !== "number") return;
  const bound = schema.type === "integer" && Number.isInteger(exclusive) ? exclusive + step : exclusive;
  const given = schema[keyword];
  if (typeof given !== "number" || (given - bound) * step < 0) schema[keyword] = bound;
}

function apartFromReference(schema: JsonObject): JsonObject {
  const reference = schema.$ref;
  const beside = Object.keys(schema).filter((keyword) => !keyword.startsWith("$"));
  if (reference === undefined || beside.length === 0) return schema;
  const { $ref, ...rest } = schema;
  return { ...rest, anyOf: [...asObjects(rest.anyOf), { $ref }] };
}

/** The JSON Schema type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
