// The sandbox's instances of JSON schemas, judged by Ajv.
import Ajv2020 from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instanceOf } from "../../../../providers/sandbox/schema/instance.ts";
import type { Schema } from "../../../../providers/sandbox/schema/schema.ts";

function problems(schema: Schema, value: unknown): string | null {
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema as object);
  return validate(value) ? null : `${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`;
}

/** A condition of JSON Schema. */
function conditional(condition: Schema, consequence: Schema): Record<string, Schema> {
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword, and nothing awaits a schema.
  return { if: condition, then: consequence };
}

/** The instance of a schema, checked. */
function made(schema: Schema): unknown {
  const found = instanceOf(schema);
  if (!found.ok) throw new Error(`refused: ${found.reason} for ${JSON.stringify(schema)}`);
  const wrong = problems(schema, found.value);
  if (wrong !== null) throw new Error(`${wrong} for ${JSON.stringify(schema)}`);
  return found.value;
}

describe("an instance", () => {
  test("has every declared property, and strings that name them", () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" }, metric: { type: "boolean" } },
      required: ["city"],
      additionalProperties: false,
    };
    expect(made(schema)).toEqual({ city: "sandbox city", days: 1, metric: true });
  });

  test("is the same each time", () => {
    const schema = { type: "array", items: { type: "object", properties: { a: { enum: ["x", "y"] } } } };
    expect(made(schema)).toEqual(made(schema));
  });

  test.each<[string, Schema, unknown]>([
    ["a constant", { const: { a: [1] } }, { a: [1] }],
    ["the first of an enumeration", { enum: ["red", "green"] }, "red"],
    ["an enumeration's member of the right type", { enum: ["red", 3], type: "integer" }, 3],
    ["a value rather than null", { type: ["null", "string"] }, "sandbox text"],
    ["anything where all is allowed", true, "sandbox text"],
    ["anything where nothing is said", {}, "sandbox text"],
    ["an object where only properties are spoken of", { properties: { a: { const: 1 } } }, { a: 1 }],
    ["a number between its limits", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.5 }, 0.25],
    ["an integer that is a multiple", { type: "integer", multipleOf: 7, minimum: 20 }, 21],
    ["a string of a format", { type: "string", format: "date" }, "2025-01-01"],
    ["a tuple", { type: "array", prefixItems: [{ const: 1 }, { const: 2 }], items: false }, [1, 2]],
    [
      "different items where they must differ",
      { type: "array", items: { enum: ["a", "b", "c"] }, uniqueItems: true },
      ["a", "b"],
    ],
  ])("is %s", (_, schema, expected) => {
    expect(made(schema)).toEqual(expected);
  });

  test.each<[string, Schema]>([
    ["limits of length", { type: "string", minLength: 40, maxLength: 41 }],
    ["a length of nothing", { type: "string", maxLength: 0 }],
    ["a negative range", { type: "integer", minimum: -9, maximum: -3 }],
    ["a fraction's multiple", { type: "number", multipleOf: 0.1, minimum: 0.25 }],
    ["a great range", { type: "integer", minimum: 9007199254740000 }],
    [
      "an array of a certain size",
      { type: "array", items: { type: "integer" }, minItems: 5, maxItems: 5, uniqueItems: true },
    ],
    ["an array that may hold one thing only", { type: "array", items: { const: 1 }, uniqueItems: true }],
    ["an array that holds something", { type: "array", contains: { const: 7 }, minContains: 2 }],
    ["draft 7's tuples", { type: "array", minItems: 3, prefixItems: [{ type: "null" }], items: { type: "boolean" } }],
    ["alternatives", { anyOf: [false, { type: "integer", minimum: 3 }] }],
    ["exactly one of some", { oneOf: [{ type: "integer" }, { type: "integer", minimum: 0 }, { type: "string" }] }],
    [
      "all of some",
      { allOf: [{ properties: { a: { type: "integer" } } }, { properties: { a: { minimum: 9 } }, required: ["a"] }] },
    ],
    [
      "a base and alternatives",
      {
        type: "object",
        properties: { k: { type: "string" } },
        required: ["k"],
        anyOf: [{ properties: { k: { const: "a" } } }],
      },
    ],
    ["what it is not", { not: { type: "string" } }],
    [
      "a condition",
      { type: "object", properties: { a: { const: 1 } }, ...conditional({ required: ["a"] }, { required: ["b"] }) },
    ],
    [
      "required properties that are not declared",
      { type: "object", required: ["x"], additionalProperties: { type: "integer" } },
    ],
    [
      "names of a pattern",
      {
        type: "object",
        patternProperties: { "^x-[a-z]+$": { type: "integer" } },
        additionalProperties: false,
        minProperties: 2,
      },
    ],
    ["names within limits", { type: "object", propertyNames: { maxLength: 3 }, minProperties: 3 }],
    ["few properties", { type: "object", properties: { a: {}, b: {}, c: {} }, maxProperties: 1 }],
    ["properties that bring others", { type: "object", required: ["a"], dependentRequired: { a: ["b"], b: ["c"] } }],
    [
      "a reference",
      { $defs: { city: { type: "string", minLength: 30 } }, type: "array", items: { $ref: "#/$defs/city" } },
    ],
    ["a reference with limits beside it", { $defs: { n: { type: "integer" } }, $ref: "#/$defs/n", minimum: 5 }],
    ["escaped references", { definitions: { "a/b~c %": { const: 1 } }, $ref: "#/definitions/a~1b~0c%20%25" }],
    ["odd names", { type: "object", required: ["__proto__", "constructor", ""], properties: { "": { type: "null" } } }],
  ])("keeps to %s", (_, schema) => {
    expect(problems(schema, made(schema))).toBeNull();
  });

  test("ends where a schema refers to itself", () => {
    const tree = {
      $defs: {
        node: {
          type: "object",
          properties: {
            value: { type: "string" },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
            next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
          },
          required: ["value", "children", "next"],
          additionalProperties: false,
        },
      },
      $ref: "#/$defs/node",
    };
    expect(JSON.stringify(made(tree)).length).toBeLessThan(20_000);
    made({ type: "object", properties: { self: { $ref: "#" } }, additionalProperties: false });
  });
});

describe("a pattern", () => {
  test.each([
    "^[a-z]+$",
    "^\\d{3}-\\d{4}$",
    "^(red|green|blue)$",
    "^[A-Z][a-z]*( [A-Z][a-z]*)*$",
    "^\\+?[1-9]\\d{1,14}$",
    "^#(?:[0-9a-fA-F]{3}){1,2}$",
    "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$",
    "^v\\d+\\.\\d+\\.\\d+(-[a-z]+)?$",
    "^[\\w.-]{4,8}$",
    "^\\p{Lu}\\p{Ll}+$",
    "^[\\u4e00-\\u9fa5]{2,4}$",
    "^(?<year>\\d{4})/(?<month>0[1-9]|1[0-2])$",
    "sandbox",
    "",
    "^.*$",
    "^[\\[\\]]\\]$",
    "a|^b$|",
    "^\\u0041\\x42$",
    "^😀+$",
  ])("%j is matched", (pattern) => {
    made({ type: "string", pattern });
  });

  test("is matched at the length that is asked for", () => {
    expect([...String(made({ type: "string", pattern: "^[a-z]+$", minLength: 30, maxLength: 30 }))]).toHaveLength(30);
    made({ type: "string", pattern: "^(ab)+$", minLength: 9, maxLength: 10 });
    made({ type: "string", pattern: "^a", minLength: 12 });
  });

  test("gives different strings where they must differ", () => {
    made({ type: "array", items: { type: "string", pattern: "^[a-z]+$" }, minItems: 4, uniqueItems: true });
  });

  test.each(["^(?=a)b$", "(a)\\1", "\\bword\\b", "(", "a{3,1}", "*", "[a", "[z-a]"])(
    "%j is refused with a reason",
    (pattern) => {
      const found = instanceOf({ type: "string", pattern });
      expect(found).toMatchObject({ ok: false, reason: expect.stringContaining("pattern") });
    },
  );
});

describe("a schema without instances", () => {
  test.each<[string, Schema]>([
    ["nothing", false],
    ["a contradiction", { type: "integer", minimum: 3, maximum: 2 }],
    ["endless demands", { type: "object", properties: { self: { $ref: "#" } }, required: ["self"] }],
    ["a reference to itself", { $ref: "#" }],
    ["a reference to nothing", { $ref: "#/$defs/none" }],
    ["a reference elsewhere", { $ref: "https://example.com/schema.json" }],
    ["an unknown type", { type: "text" }],
    ["a keyword that is not followed", { type: "object", unevaluatedProperties: false }],
    ["a string too long", { type: "string", minLength: 1e9 }],
    ["an array too long", { type: "array", minItems: 1e9 }],
    ["too many properties", { type: "object", minProperties: 1e9 }],
  ])("is refused with a reason: %s", (_, schema) => {
    const found = instanceOf(schema);
    expect(found.ok).toBe(false);
    if (!found.ok) expect(found.reason.length).toBeGreaterThan(10);
  });

  test.each<[string, Schema]>([
    [
      "patterns that take others exponential time",
      { type: "string", pattern: "^(a+)+b(a+)+$", not: { pattern: "(a*)*(a*)*c" } },
    ],
    ["repetitions of repetitions", { type: "string", pattern: "((a{1000}){1000}){1000}" }],
    ["combinations of combinations", nested(12)],
    ["wide and deep objects", wide(12)],
  ])("and one of much work alike end soon: %s", (_, schema) => {
    const found = instanceOf(schema);
    if (found.ok) expect(problems(schema, found.value)).toBeNull();
    else expect(found.reason).toMatch(/work|no value/);
  });
});

/** Alternatives of alternatives, none of which has an instance. */
function nested(depth: number): Schema {
  return depth === 0
    ? { type: "string", minLength: 5, maxLength: 4 }
    : { anyOf: [nested(depth - 1), nested(depth - 1)] };
}

/** A small schema whose least instance has five to the power of `depth` values. */
function wide(depth: number): Schema {
  const required = ["a", "b", "c", "d", "e"];
  const levels = Array.from({ length: depth }, (_, level): [string, Schema] => {
    const next = level === depth - 1 ? { type: "string" } : { $ref: `#/$defs/level${level + 1}` };
    return [
      `level${level}`,
      { type: "object", required, properties: Object.fromEntries(required.map((name) => [name, next])) },
    ];
  });
  return { $defs: Object.fromEntries(levels), $ref: "#/$defs/level0" };
}

/** Any value without numbers that are written with an exponent: Ajv's `multipleOf` reads them digit by digit (8.17, `parseInt`). */
const plainValue = fc.jsonValue({ maxDepth: 2 }).filter((value) => !/\de[+-]/.test(JSON.stringify(value)));

/** Schemas that have instances by the way they are made. */
const { schema: anySchema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar(),
    container(tie("schema")),
    combined(tie("schema")),
  ),
}));

function scalar(): fc.Arbitrary<Schema> {
  const range = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(1000));
  return fc.oneof(
    fc.constantFrom<Schema>({ type: "null" }, { type: "boolean" }, {}, true, { type: ["string", "null"] }),
    fc.array(plainValue, { minLength: 1, maxLength: 4 }).map((values): Schema => ({ enum: values })),
    plainValue.map((value): Schema => ({ const: value })),
    range.map(([minimum, width]): Schema => ({ type: "integer", minimum, maximum: minimum + width })),
    range.map(
      ([minimum, width]): Schema => ({
        type: "number",
        exclusiveMinimum: minimum,
        exclusiveMaximum: minimum + width + 1,
      }),
    ),
    fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer())
      .map(([multipleOf, minimum]): Schema => ({ type: "integer", multipleOf, minimum })),
    fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([minLength, more]): Schema => ({ type: "string", minLength, maxLength: minLength + more })),
    fc
      .constantFrom("date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
      .map((format): Schema => ({ type: "string", format })),
    fc.constantFrom("^[a-z]{2,5}$", "^\\d+$", "^(a|b)c?$").map((pattern): Schema => ({ type: "string", pattern })),
  );
}

function container(inner: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  const properties = fc.dictionary(fc.string({ maxLength: 6 }), inner, { maxKeys: 4 });
  const object = fc.tuple(properties, fc.boolean(), fc.infiniteStream(fc.boolean())).map(
    ([declared, closed, picks]): Schema => ({
      type: "object",
      properties: declared,
      required: Object.keys(declared).filter(() => picks.next().value),
      ...(closed && { additionalProperties: false }),
    }),
  );
  const array = fc
    .tuple(inner, fc.nat(4), fc.nat(4))
    .map(([items, minItems, more]): Schema => ({ type: "array", items, minItems, maxItems: minItems + more }));
  const tuple = fc
    .array(inner, { minLength: 1, maxLength: 3 })
    .map((prefixItems): Schema => ({ type: "array", prefixItems }));
  return fc.oneof(object, array, tuple);
}

function combined(inner: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  const several = fc.array(inner, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    several.map((anyOf): Schema => ({ anyOf })),
    inner.map((one): Schema => ({ allOf: [one, {}] })),
    inner.map((one): Schema => ({ oneOf: [one, false] })),
    fc.tuple(inner, inner).map(([a, b]): Schema => conditional(a, { anyOf: [b, true] })),
  );
}

test("any schema that has instances gets one that Ajv finds valid", () => {
  fc.assert(
    fc.property(anySchema, (schema) => {
      made(schema);
    }),
    { numRuns: 200 },
  );
});

test("any two schemas together get an instance that Ajv finds valid, or a reason", () => {
  fc.assert(
    fc.property(anySchema, anySchema, anySchema, (a, b, c) => {
      const schema: Schema = {
        $defs: { a, b, c },
        allOf: [{ $ref: "#/$defs/a" }, { not: { $ref: "#/$defs/c" } }],
        anyOf: [{ $ref: "#/$defs/b" }, true],
      };
      const found = instanceOf(schema);
      if (found.ok) expect(problems(schema, found.value)).toBeNull();
      else expect(found.reason).not.toBe("");
    }),
    { numRuns: 200 },
  );
});
