// JSON Schema as the subset of OpenAPI 3.0 that `parameters` and `responseSchema` take (SDK, type `Schema`).
import { asObject, asObjects, asString, type JsonObject } from "../wire.ts";

export interface OpenApiSchema {
  readonly schema: JsonObject;
  /** True when a recursive or unknown reference had to be cut: an object of any shape stands in its place. */
  readonly loosened: boolean;
}

/** Keywords that are the same in both. Everything else that has no translation below is left out: the API refuses it. */
const SAME = [
  "title",
  "description",
  "required",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "propertyOrdering",
];

/** "only 'enum' and 'date-time' are supported for STRING type": the API's own error on any other. */
const FORMATS = new Set(["enum", "date-time", "int32", "int64", "float", "double"]);

/** How many schemas one may become. References are written out, and a few that name each other twice would fill the memory. */
const MOST_SCHEMAS = 5000;

/** The schema with references resolved, types in capitals, `null` as `nullable` and constants as enums of strings. */
export function toOpenApi(root: Readonly<JsonObject>): OpenApiSchema {
  let loosened = false;
  let count = 0;

  const convert = (schema: Readonly<JsonObject>, open: readonly string[]): JsonObject => {
    count += 1;
    const reference = asString(schema.$ref);
    if (reference !== null) {
      const { $ref, ...beside } = schema;
      const target = open.includes(reference) || count > MOST_SCHEMAS ? null : resolve(root, reference);
      if (target !== null) return convert({ ...target, ...beside }, [...open, reference]);
      loosened = true;
      return { type: "OBJECT", ...same(beside) };
    }
    const merged = withoutAllOf(schema);
    if (merged !== schema) return convert(merged, open);
    const converted: JsonObject = same(schema);
    const format = asString(schema.format);
    if (format !== null && FORMATS.has(format)) converted.format = format;
    const properties = asObject(schema.properties);
    if (properties !== null) {
      converted.properties = Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, convert(asObject(property) ?? {}, open)]),
      );
    }
    const items = asObject(schema.items);
    if (items !== null) converted.items = convert(items, open);
    return typed(converted, schema, open);
  };

  /** Adds `type`, `enum`, `nullable` and `anyOf`, in which types, constants and unions are spread in JSON Schema. */
  const typed = (converted: JsonObject, schema: Readonly<JsonObject>, open: readonly string[]): JsonObject => {
    const listed = Array.isArray(schema.type) ? schema.type : [schema.type];
    const names = listed.filter((name): name is string => typeof name === "string" && name !== "null");
    const choices = [...asObjects(schema.anyOf), ...asObjects(schema.oneOf)];
    const others = choices.filter((choice) => choice.type !== "null");
    if (listed.includes("null") || others.length < choices.length) converted.nullable = true;
    const values = "const" in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : null;
    if (values !== null) return { ...converted, ...enumOf(values, names[0], converted) };
    const only = others[0];
    if (only !== undefined && others.length === 1) return { ...convert(only, open), ...converted };
    if (others.length > 1) return { ...converted, anyOf: others.map((choice) => convert(choice, open)) };
    if (names.length > 1) return { ...converted, anyOf: names.map((name) => convert({ ...schema, type: name }, open)) };
    const name = names[0] ?? (converted.properties === undefined ? undefined : "object");
    return name === undefined ? converted : { ...converted, type: name.toUpperCase() };
  };

  return { schema: convert(root, []), loosened };
}

/** Enums are of strings only; values of other types are told in the description, where the model reads them. */
function enumOf(values: readonly unknown[], type: string | undefined, converted: JsonObject): JsonObject {
  if (values.every((value) => typeof value === "string")) return { type: "STRING", format: "enum", enum: values };
  const told = `One of: ${values.map((value) => JSON.stringify(value)).join(", ")}.`;
  const description = asString(converted.description);
  return {
    ...(type === undefined ? {} : { type: type.toUpperCase() }),
    description: description === null ? told : `${description} ${told}`,
  };
}

function same(schema: Readonly<JsonObject>): JsonObject {
  return Object.fromEntries(SAME.flatMap((keyword) => (keyword in schema ? [[keyword, schema[keyword]]] : [])));
}

/** The schema with the members of its `allOf` merged into it, properties and required names joined. */
function withoutAllOf(schema: Readonly<JsonObject>): Readonly<JsonObject> {
  const { allOf, ...rest } = schema;
  let merged: JsonObject = rest;
  if (allOf === undefined) return schema;
  for (const part of asObjects(allOf)) {
    merged = {
      ...part,
      ...merged,
      ...("properties" in part || "properties" in merged
        ? { properties: { ...asObject(part.properties), ...asObject(merged.properties) } }
        : {}),
      ...("required" in part || "required" in merged
        ? { required: [...list(merged.required), ...list(part.required)] }
        : {}),
    };
  }
  return merged;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The schema that a reference into the same document names; null when there is none. */
function resolve(root: Readonly<JsonObject>, reference: string): Readonly<JsonObject> | null {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return null;
  let at: unknown = root;
  for (const step of reference.slice(2).split("/")) {
    at = asObject(at)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return asObject(at);
}
