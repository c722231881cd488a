// Whether a value is an instance of a JSON schema (draft 2020-12, and the array forms of draft 7), in bounded time.
import { type Budget, Refused } from "./budget.ts";
import { matches, type Pattern, parsePattern } from "./pattern.ts";
import {
  dereference,
  isObject,
  isSchema,
  numeric,
  type Schema,
  type SchemaObject,
  schemaList,
  schemaMap,
} from "./schema.ts";

/** What a check of one schema is told. */
export interface Scope {
  /** The whole schema, which references point into. */
  readonly root: Schema;
  readonly budget: Budget;
  readonly patterns: Map<string, Pattern>;
}

/** Keywords that look at what other keywords left over: the sandbox does not follow that. */
const unsupported = ["unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef"];

/** `format` is taken as a remark, as the draft has it. Throws Refused for what is not supported. */
export function isValid(schema: Schema, value: unknown, scope: Scope): boolean {
  scope.budget.spend();
  if (typeof schema === "boolean") return schema;
  const foreign = unsupported.find((keyword) => keyword in schema);
  if (foreign !== undefined) throw new Refused(`the keyword ${foreign} is not supported`);
  return (
    validType(schema, value) &&
    validCombination(schema, value, scope) &&
    (typeof value !== "number" || validNumber(schema, value)) &&
    (typeof value !== "string" || validString(schema, value, scope)) &&
    (!Array.isArray(value) || validArray(schema, value, scope)) &&
    (!isObject(value) || validObject(schema, value, scope))
  );
}

/** The parsed form of a pattern, parsed once for a schema. */
export function patternOf(source: string, scope: Scope): Pattern {
  let pattern = scope.patterns.get(source);
  if (pattern === undefined) {
    pattern = parsePattern(source);
    scope.patterns.set(source, pattern);
  }
  return pattern;
}

function validType({ type, enum: values, const: only }: SchemaObject, value: unknown): boolean {
  if (type !== undefined && !(Array.isArray(type) ? type : [type]).some((one) => isType(one, value))) return false;
  if (only !== undefined && !same(only, value)) return false;
  return !Array.isArray(values) || values.some((one) => same(one, value));
}

function isType(type: unknown, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function validCombination(schema: SchemaObject, value: unknown, scope: Scope): boolean {
  const valid = (one: Schema) => isValid(one, value, scope);
  const { $ref, anyOf, oneOf, not } = schema;
  if (typeof $ref === "string" && !valid(dereference($ref, scope.root))) return false;
  if (!schemaList(schema.allOf).every(valid)) return false;
  if (Array.isArray(anyOf) && !schemaList(anyOf).some(valid)) return false;
  if (Array.isArray(oneOf) && schemaList(oneOf).filter(valid).length !== 1) return false;
  if (isSchema(not) && valid(not)) return false;
  if (!isSchema(schema.if)) return true;
  const branch = valid(schema.if) ? schema.then : schema.else;
  return !isSchema(branch) || valid(branch);
}

function validNumber(schema: SchemaObject, value: number): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return (
    value >= (numeric(minimum) ?? value) &&
    value <= (numeric(maximum) ?? value) &&
    value > (numeric(exclusiveMinimum) ?? Number.NEGATIVE_INFINITY) &&
    value < (numeric(exclusiveMaximum) ?? Number.POSITIVE_INFINITY) &&
    Number.isInteger(value / (numeric(multipleOf) ?? (value || 1)))
  );
}

function validString(schema: SchemaObject, value: string, scope: Scope): boolean {
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  if (length < (numeric(minLength) ?? 0) || length > (numeric(maxLength) ?? length)) return false;
  return typeof pattern !== "string" || matches(patternOf(pattern, scope), value, scope.budget);
}

function validArray(schema: SchemaObject, value: readonly unknown[], scope: Scope): boolean {
  const { minItems, maxItems, uniqueItems, contains, minContains, maxContains } = schema;
  if (value.length < (numeric(minItems) ?? 0) || value.length > (numeric(maxItems) ?? value.length)) return false;
  if (uniqueItems === true && new Set(value.map(canonicalText)).size !== value.length) return false;
  if (isSchema(contains)) {
    const found = value.filter((item) => isValid(contains, item, scope)).length;
    if (found < (numeric(minContains) ?? 1) || found > (numeric(maxContains) ?? found)) return false;
  }
  return value.every((item, at) => isValid(itemSchema(schema, at), item, scope));
}

/** The schema of an array's item by its place. */
export function itemSchema(schema: SchemaObject, at: number): Schema {
  const { items, prefixItems, additionalItems } = schema;
  const prefix = schemaList(prefixItems ?? (Array.isArray(items) ? items : undefined));
  const own = prefix[at];
  if (own !== undefined) return own;
  const rest = Array.isArray(items) ? additionalItems : items;
  return isSchema(rest) ? rest : true;
}

function validObject(schema: SchemaObject, value: SchemaObject, scope: Scope): boolean {
  const { required, minProperties, maxProperties, propertyNames, dependentRequired, dependentSchemas } = schema;
  const names = Object.keys(value);
  const has = (name: unknown) => typeof name === "string" && Object.hasOwn(value, name);
  if (names.length < (numeric(minProperties) ?? 0) || names.length > (numeric(maxProperties) ?? names.length))
    return false;
  if (Array.isArray(required) && !required.every(has)) return false;
  if (isSchema(propertyNames) && !names.every((name) => isValid(propertyNames, name, scope))) return false;
  if (isObject(dependentRequired)) {
    const missing = Object.entries(dependentRequired).some(
      ([name, others]) => has(name) && Array.isArray(others) && !others.every(has),
    );
    if (missing) return false;
  }
  for (const [name, dependent] of schemaMap(dependentSchemas)) {
    if (has(name) && !isValid(dependent, value, scope)) return false;
  }
  return names.every((name) =>
    propertySchemas(schema, name, scope).every((property) => isValid(property, value[name], scope)),
  );
}

/** The schemas that a property of a name must satisfy. */
export function propertySchemas(schema: SchemaObject, name: string, scope: Scope): readonly Schema[] {
  const own = schemaMap(schema.properties).get(name);
  const found = own === undefined ? [] : [own];
  for (const [source, property] of schemaMap(schema.patternProperties)) {
    if (matches(patternOf(source, scope), name, scope.budget)) found.push(property);
  }
  const { additionalProperties } = schema;
  return found.length === 0 && isSchema(additionalProperties) ? [additionalProperties] : found;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || canonicalText(a) === canonicalText(b);
}

/** JSON with members in alphabetical order: equal for equal values. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
