// Objects and arrays that a schema allows.
import { Refused } from "./budget.ts";
import { generousDepth, type Maker, none, type Place } from "./maker.ts";
import { sampleOf } from "./pattern.ts";
import { both, isObject, isSchema, numeric, type Schema, type SchemaObject, schemaMap } from "./schema.ts";
import { itemSchema, patternOf, propertySchemas } from "./valid.ts";

/** The most items or added properties that are made to please a minimum. */
const most = 1000;

/** Objects for a schema: with all its properties, then with those that it requires only. */
export function* objects(schema: SchemaObject, place: Place, maker: Maker): Generator<unknown> {
  const required = Array.isArray(schema.required)
    ? schema.required.filter((name): name is string => typeof name === "string")
    : [];
  if (place.depth < generousDepth) {
    yield objectWith([...schemaMap(schema.properties).keys(), ...required], { schema, place, maker, required });
  }
  yield objectWith(dependents(required, schema), { schema, place, maker, required });
}

interface ObjectPlan {
  readonly schema: SchemaObject;
  readonly place: Place;
  readonly maker: Maker;
  readonly required: readonly string[];
}

function objectWith(names: readonly string[], { schema, place, maker, required }: ObjectPlan): unknown {
  const entries = new Map<string, unknown>();
  const add = (name: string): boolean => {
    const property = propertySchemas(schema, name, maker).reduce<Schema>(both, true);
    const value = maker.make(property, { name, depth: place.depth + 1, sibling: place.sibling });
    if (value !== none) entries.set(name, value);
    return value !== none;
  };
  for (const name of new Set(names)) {
    if (!add(name) && required.includes(name)) return none;
  }
  const least = numeric(schema.minProperties) ?? 0;
  if (least > most) throw new Refused(`minProperties ${least} is more than the sandbox makes (${most})`);
  for (const name of furtherNames(schema, maker)) {
    if (entries.size >= least) break;
    if (!entries.has(name)) add(name);
  }
  return Object.fromEntries(entries);
}

/** Names with those that they bring along. */
function dependents(names: readonly string[], { dependentRequired }: SchemaObject): readonly string[] {
  if (!isObject(dependentRequired)) return names;
  const found = new Set(names);
  for (const name of found) {
    const others = dependentRequired[name];
    if (Array.isArray(others)) for (const other of others) if (typeof other === "string") found.add(other);
  }
  return [...found];
}

/** Names for properties that are only there to be enough: declared, then of a pattern, then made up. */
function* furtherNames(schema: SchemaObject, maker: Maker): Generator<string> {
  yield* schemaMap(schema.properties).keys();
  for (const source of schemaMap(schema.patternProperties).keys()) {
    for (let more = 0; more < 8; more++) yield sampleOf(patternOf(source, maker), more, maker.budget);
  }
  for (let at = 0; at < most; at++) {
    const named = isSchema(schema.propertyNames)
      ? maker.make(schema.propertyNames, { name: "property", depth: 1, sibling: at })
      : `property${at + 1}`;
    if (typeof named === "string") yield named;
  }
}

/** Arrays for a schema: of two items or as many as it demands, then of as few as it allows. */
export function* arrays(schema: SchemaObject, place: Place, maker: Maker): Generator<unknown> {
  const least = leastItems(schema);
  if (least > most) throw new Refused(`minItems ${least} is more than the sandbox makes (${most})`);
  const allowed = numeric(schema.maxItems) ?? Number.POSITIVE_INFINITY;
  const pleasant = Math.min(
    allowed,
    Math.max(least, place.depth < generousDepth ? Math.max(2, prefixLength(schema)) : 0),
  );
  yield arrayOf(pleasant, schema, place, maker);
  if (pleasant > least + 1) yield arrayOf(least + 1, schema, place, maker);
  if (pleasant > least) yield arrayOf(least, schema, place, maker);
}

function leastItems({ minItems, contains, minContains }: SchemaObject): number {
  return Math.max(numeric(minItems) ?? 0, isSchema(contains) ? (numeric(minContains) ?? 1) : 0);
}

function prefixLength({ prefixItems, items }: SchemaObject): number {
  const prefix = prefixItems ?? items;
  return Array.isArray(prefix) ? prefix.length : 0;
}

function arrayOf(length: number, schema: SchemaObject, place: Place, maker: Maker): unknown {
  const { contains } = schema;
  const contained = isSchema(contains) ? Math.min(numeric(schema.minContains) ?? 1, length) : 0;
  const items: unknown[] = [];
  for (let at = 0; at < length; at++) {
    const own = itemSchema(schema, at);
    const item = isSchema(contains) && at >= length - contained ? both(own, contains) : own;
    const value = maker.make(item, { name: place.name, depth: place.depth + 1, sibling: at });
    if (value === none) return none;
    items.push(value);
  }
  return items;
}
