// Reads Google's `Schema`, a subset of OpenAPI 3.0, as the JSON Schema that every other vendor takes.
import { asObject, type JsonObject } from "../wire.ts";
import { camelCase } from "./members.ts";

/** Keywords whose value is a schema, a list of schemas, or a map of schemas. */
const NESTED = new Set(["items", "additionalProperties", "not"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const MAPS = new Set(["properties", "$defs", "defs", "definitions"]);

/** Protobuf's JSON has 64-bit integers as strings (SDK, type `Schema`, `minItems`). */
const COUNTS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);

/** What is written anew below, or is of no meaning elsewhere. */
const DROPPED = new Set(["type", "nullable", "propertyOrdering", "example"]);

/**
 * The same schema: types in lower case, `nullable` as the type `null`, properties in their `propertyOrdering`. One that is
 * JSON Schema already (the API takes lower-case types) stays as it is.
 */
export function readSchema(schema: Readonly<JsonObject>): JsonObject {
  const read: JsonObject = {};
  let ordering: unknown;
  let nullable = false;
  for (const [own, value] of Object.entries(schema)) {
    const keyword = camelCase(own);
    if (keyword === "type") Object.assign(read, readType(value));
    if (keyword === "nullable") nullable = value === true;
    if (keyword === "propertyOrdering") ordering = value;
    if (keyword === "example") read.examples = [value];
    if (DROPPED.has(keyword) || value === null) continue;
    if (keyword === "format" && value === "enum") continue;
    read[keyword] = readMember(keyword, value);
  }
  if (Array.isArray(ordering) && asObject(read.properties) !== null) {
    read.properties = ordered(read.properties as JsonObject, ordering);
  }
  return nullable ? orNull(read) : read;
}

function readMember(keyword: string, value: unknown): unknown {
  const object = asObject(value);
  if (NESTED.has(keyword) && object !== null) return readSchema(object);
  if (LISTS.has(keyword) && Array.isArray(value)) return value.map((item) => readMember("items", item));
  if (MAPS.has(keyword) && object !== null) {
    return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, readMember("items", item)]));
  }
  return COUNTS.has(keyword) && typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}

function readType(type: unknown): { type?: unknown } {
  if (Array.isArray(type)) return { type: type.map((name) => (typeof name === "string" ? name.toLowerCase() : name)) };
  if (type === "TYPE_UNSPECIFIED") return {};
  return { type: typeof type === "string" ? type.toLowerCase() : type };
}

function ordered(properties: JsonObject, ordering: readonly unknown[]): JsonObject {
  const names = ordering.filter((name): name is string => typeof name === "string" && Object.hasOwn(properties, name));
  return { ...Object.fromEntries(names.map((name) => [name, properties[name]])), ...properties };
}

function orNull(schema: JsonObject): JsonObject {
  const { type, anyOf } = schema;
  if (typeof type === "string") {
    const values = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {};
    return { ...schema, type: [type, "null"], ...values };
  }
  return Array.isArray(anyOf) ? { ...schema, anyOf: [...anyOf, { type: "null" }] } : schema;
}
