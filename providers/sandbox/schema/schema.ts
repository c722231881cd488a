// What a JSON schema is here, and how its references and its parts come together.
import { Refused } from "./budget.ts";

export type Schema = boolean | SchemaObject;
/** Keywords by name, as the caller wrote them: each reader checks what it reads. */
export type SchemaObject = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === "boolean" || isObject(value);
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schemas in a keyword that holds a list of them. */
export function schemaList(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** The schemas in a keyword that holds them by name. */
export function schemaMap(value: unknown): ReadonlyMap<string, Schema> {
  if (!isObject(value)) return new Map();
  return new Map(Object.entries(value).filter((entry): entry is [string, Schema] => isSchema(entry[1])));
}

/** A finite number in a keyword, or undefined. */
export function numeric(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** What a local reference (`#`, `#/$defs/node`) points to. */
export function dereference(reference: string, root: Schema): Schema {
  if (reference !== "#" && !reference.startsWith("#/")) {
    throw new Refused(`only references within the schema are supported, not ${reference}`);
  }
  let found: unknown = root;
  for (const segment of reference.split("/").slice(1)) {
    const name = decodeSegment(segment);
    const inside = isObject(found) || Array.isArray(found) ? found : {};
    found = Object.hasOwn(inside, name) ? (inside as Record<string, unknown>)[name] : undefined;
  }
  if (!isSchema(found)) throw new Refused(`the schema has nothing at ${reference}`);
  return found;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    throw new Refused(`the schema has a broken reference: ${segment}`);
  }
}

/** A schema of both: what one keyword can say of both is said by it, the rest stays as an `allOf`. */
export function both(a: Schema, b: Schema): Schema {
  if (a === false || b === false) return false;
  if (a === true) return b;
  if (b === true) return a;
  const merged: Record<string, unknown> = { ...a };
  const rest: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(b)) {
    const own = merged[keyword];
    if (own === undefined) merged[keyword] = value;
    else if (keyword in joiners) merged[keyword] = joiners[keyword as keyof typeof joiners](own, value);
    else if (own !== value) rest[keyword] = value;
  }
  if (Object.keys(rest).length > 0) merged.allOf = [...schemaList(merged.allOf), rest];
  return merged;
}

const largest = (a: unknown, b: unknown) => Math.max(Number(a), Number(b));
const smallest = (a: unknown, b: unknown) => Math.min(Number(a), Number(b));

const joiners = {
  required: (a: unknown, b: unknown) => [...new Set([...asList(a), ...asList(b)])],
  properties: joinMaps,
  patternProperties: joinMaps,
  $defs: (a: unknown, b: unknown) => ({ ...(isObject(a) ? a : {}), ...(isObject(b) ? b : {}) }),
  type: (a: unknown, b: unknown) => commonTypes(asList(a), asList(b)),
  enum: (a: unknown, b: unknown) => {
    const known = new Set(asList(b).map((value) => JSON.stringify(value)));
    return asList(a).filter((value) => known.has(JSON.stringify(value)));
  },
  allOf: (a: unknown, b: unknown) => [...asList(a), ...asList(b)],
  minimum: largest,
  exclusiveMinimum: largest,
  minLength: largest,
  minItems: largest,
  minProperties: largest,
  maximum: smallest,
  exclusiveMaximum: smallest,
  maxLength: smallest,
  maxItems: smallest,
  maxProperties: smallest,
  items: joinSchemas,
  additionalProperties: joinSchemas,
  propertyNames: joinSchemas,
  not: (a: unknown, b: unknown) => ({ anyOf: [a, b] }),
  description: (a: unknown) => a,
  title: (a: unknown) => a,
} as const;

function joinSchemas(a: unknown, b: unknown): unknown {
  return isSchema(a) && isSchema(b) ? both(a, b) : a;
}

function joinMaps(a: unknown, b: unknown): Record<string, Schema> {
  const joined = new Map(schemaMap(a));
  for (const [name, schema] of schemaMap(b)) {
    const own = joined.get(name);
    joined.set(name, own === undefined ? schema : both(own, schema));
  }
  return Object.fromEntries(joined);
}

function commonTypes(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const integers = [...a, ...b].includes("integer");
  const has = (types: readonly unknown[], type: unknown) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  const common = [...new Set([...a, ...b])].filter((type) => has(a, type) && has(b, type));
  return integers
    ? common.filter((type) => type !== "number" || (a.includes("number") && b.includes("number")))
    : common;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
