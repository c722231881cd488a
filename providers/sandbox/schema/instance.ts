// Makes an instance of a JSON schema: deterministic, recognisable, and valid, or a refusal that says why not.
import { type Budget, budget, Refused } from "./budget.ts";
import { arrays, objects } from "./containers.ts";
import { generousDepth, type Maker, none, type Place } from "./maker.ts";
import { numbers, strings } from "./scalars.ts";
import { both, dereference, isSchema, type Schema, type SchemaObject, schemaList } from "./schema.ts";
import { isValid, type Scope } from "./valid.ts";

export type Made = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** Beyond this depth nothing is made: a schema that demands more refers to itself. */
const deepest = 40;

/**
 * An instance of a schema. `name` stands in its strings where the schema gives no property names; `sibling` makes several
 * instances of one schema differ, so far as it lets them. `work` is shared by several instances of one request.
 */
export function instanceOf(
  schema: Schema,
  { name = "text", sibling = 0, work = budget() }: Partial<Place> & { readonly work?: Budget } = {},
): Made {
  const scope: Scope = { root: schema, budget: work, patterns: new Map() };
  const maker: Maker = { ...scope, make: (inner, place) => make(inner, place, maker) };
  try {
    const value = maker.make(schema, { name, depth: 0, sibling });
    if (value !== none && isValid(schema, value, scope)) return { ok: true, value };
    return { ok: false, reason: "the sandbox found no value that satisfies the schema" };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    if (error instanceof RangeError) return { ok: false, reason: "the schema refers to itself without end" };
    throw error;
  }
}

function make(schema: Schema, place: Place, maker: Maker): unknown {
  maker.budget.spend();
  if (place.depth > deepest || schema === false) return none;
  if (schema === true) return text(place);
  for (const value of candidates(schema, place, maker)) {
    maker.budget.spend();
    if (value !== none && isValid(schema, value, maker)) return value;
  }
  return none;
}

/** Values that may be instances, the preferred first. */
function* candidates(schema: SchemaObject, place: Place, maker: Maker): Generator<unknown> {
  if ("const" in schema) {
    yield schema.const;
    return;
  }
  if (Array.isArray(schema.enum)) {
    const turn = schema.enum.length === 0 ? 0 : place.sibling % schema.enum.length;
    yield* schema.enum.slice(turn);
    yield* schema.enum.slice(0, turn);
    return;
  }
  const simpler = unfolded(schema, place, maker);
  if (simpler !== null) {
    for (const one of simpler) yield maker.make(one, { ...place, depth: place.depth + 1 });
    return;
  }
  for (const type of typesOf(schema, place)) yield* ofType(type, schema, place, maker);
}

/** The schemas that stand for one with a reference, alternatives, a condition or an `allOf`; null when it has none. */
function unfolded(schema: SchemaObject, place: Place, maker: Maker): readonly Schema[] | null {
  const { $ref, allOf, anyOf, oneOf, if: condition, then: consequence, else: otherwise, ...rest } = schema;
  if (typeof $ref === "string") return [both(without(schema, "$ref"), dereference($ref, maker.root))];
  const branches = anyOf ?? oneOf;
  if (Array.isArray(branches)) {
    const base = without(schema, anyOf === undefined ? "oneOf" : "anyOf");
    const list = [...schemaList(branches)];
    if (place.depth >= generousDepth) list.sort((a, b) => weight(a) - weight(b));
    return list.map((branch) => both(base, branch));
  }
  if (isSchema(condition)) {
    const base = Array.isArray(allOf) ? { ...rest, allOf } : rest;
    const met = both(both(base, condition), isSchema(consequence) ? consequence : true);
    return [met, both(base, isSchema(otherwise) ? otherwise : true)];
  }
  return Array.isArray(allOf) ? [merged(schemaList(allOf), without(schema, "allOf"))] : null;
}

/** Keywords that unfolding takes away, so that what an `allOf` says of them can come in their place. */
const passing = ["$ref", "anyOf", "oneOf", "if"];

/** A schema with those of its `allOf`. What they say differently of one keyword is left to the check of the instance. */
function merged(schemas: readonly Schema[], base: SchemaObject): Schema {
  const all = flat(schemas).reduce<Schema>(both, base);
  if (typeof all === "boolean" || passing.some((keyword) => keyword in all)) return all;
  return without(all, "allOf");
}

/** Schemas with the members of their own `allOf` beside them. */
function flat(schemas: readonly Schema[]): readonly Schema[] {
  return schemas.flatMap((schema) => {
    if (typeof schema === "boolean" || !Array.isArray(schema.allOf)) return [schema];
    return [without(schema, "allOf"), ...flat(schemaList(schema.allOf))];
  });
}

function without(schema: SchemaObject, keyword: string): SchemaObject {
  const { [keyword]: _, ...rest } = schema;
  return rest;
}

/** How much a branch leads on to: values that end are chosen first where an instance is deep already. */
function weight(schema: Schema): number {
  if (typeof schema === "boolean") return 0;
  if (schema.type === "null" || "const" in schema || "enum" in schema) return 0;
  if ("$ref" in schema) return 3;
  return schema.type === "object" || schema.type === "array" ? 2 : 1;
}

const allTypes = ["string", "integer", "number", "boolean", "object", "array", "null"] as const;

/** The types to try: those it allows, or that its keywords speak of, and null last (first where it is deep). */
function typesOf(schema: SchemaObject, { depth }: Place): readonly string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) {
    const last = depth >= generousDepth ? -1 : 1;
    const rank = (one: unknown) => (one === "null" ? last : 0);
    return type.filter((one): one is string => typeof one === "string").sort((a, b) => rank(a) - rank(b));
  }
  const spoken = allTypes.filter((one) => keywords[one]?.some((keyword) => keyword in schema));
  return [...spoken, ...allTypes];
}

const keywords: Readonly<Record<string, readonly string[]>> = {
  object: ["properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"],
  array: ["items", "prefixItems", "minItems", "contains", "uniqueItems"],
  string: ["minLength", "maxLength", "pattern", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};

function* ofType(type: string, schema: SchemaObject, place: Place, maker: Maker): Generator<unknown> {
  switch (type) {
    case "string":
      return yield* strings(schema, place, maker);
    case "integer":
    case "number":
      return yield* numbers(schema, place, { integer: type === "integer" });
    case "boolean":
      yield place.sibling % 2 === 0;
      yield place.sibling % 2 !== 0;
      return;
    case "object":
      return yield* objects(schema, place, maker);
    case "array":
      return yield* arrays(schema, place, maker);
    case "null":
      yield null;
      return;
    default:
      throw new Refused(`the type ${JSON.stringify(type)} is not one of JSON Schema's`);
  }
}

function text({ name, sibling }: Place): string {
  return sibling === 0 ? `sandbox ${name}` : `sandbox ${name} ${sibling + 1}`;
}
