// Schemas for constrained decoding come out as the official SDK's own helper makes them.
import { transformJSONSchema } from "@anthropic-ai/sdk/lib/transform-json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constrainedSchema } from "../../../../../providers/dialects/anthropic-messages/client/schema.ts";

type Schema = Record<string, unknown>;

const described = fc.record(
  { description: fc.string({ minLength: 1, maxLength: 5 }), title: fc.string({ maxLength: 5 }) },
  { requiredKeys: [] },
);

const { schema } = fc.letrec<{ schema: Schema }>((tie) => {
  const child = tie("schema");
  const scalar = fc.record(
    {
      type: fc.constantFrom("number", "integer", "boolean", "null"),
      minimum: fc.integer(),
      default: fc.integer(),
    },
    { requiredKeys: ["type"] },
  );
  const text = fc.record(
    {
      type: fc.constant("string"),
      format: fc.constantFrom("date-time", "uuid", "color"),
      maxLength: fc.nat(),
      pattern: fc.constant("^a"),
    },
    { requiredKeys: ["type"] },
  );
  const literal = fc.oneof(
    fc.record({ type: fc.constant("string"), enum: fc.array(fc.string(), { minLength: 1, maxLength: 2 }) }),
    fc.record({ const: fc.oneof(fc.string(), fc.integer()) }),
  );
  const list = fc.record(
    { type: fc.constant("array"), items: child, minItems: fc.constantFrom(0, 1, 2), maxItems: fc.nat() },
    { requiredKeys: ["type", "items"] },
  );
  const object = fc.record(
    {
      type: fc.constant("object"),
      properties: fc.dictionary(fc.constantFrom("a", "b", "c"), child, { maxKeys: 3 }),
      required: fc.constant(["a"]),
      additionalProperties: fc.boolean(),
      $schema: fc.constant("https://json-schema.org/draft/2020-12/schema"),
      minProperties: fc.nat(),
    },
    { requiredKeys: ["type", "properties"] },
  );
  const union = fc.oneof(
    fc.record({ anyOf: fc.array(child, { minLength: 1, maxLength: 2 }) }),
    fc.record({ oneOf: fc.array(child, { minLength: 1, maxLength: 2 }) }),
    fc.record({ allOf: fc.array(child, { minLength: 1, maxLength: 2 }) }),
  );
  const reference = fc.record({ $ref: fc.constant("#/$defs/x"), $defs: fc.record({ x: child }) });
  const any = fc.oneof({ depthSize: "small" }, text, scalar, literal, list, object, union, reference);
  return { schema: fc.tuple(any, described).map(([made, words]) => ({ ...made, ...words })) };
});

/** The same words in any order are the same description. */
function unordered(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === "description" && typeof inner === "string" ? [...inner].sort().join("") : inner,
    ),
  );
}

describe("a schema", () => {
  it("is made as the SDK makes it", () => {
    fc.assert(
      fc.property(schema, (made) => {
        expect(unordered(constrainedSchema(made))).toEqual(unordered(transformJSONSchema(made)));
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps older definitions, lists of types and schemas that say nothing", () => {
    expect(
      constrainedSchema({
        type: ["object", "null"],
        properties: { a: {}, b: { $ref: "#/definitions/x", description: "gone" }, c: true },
        definitions: { x: { type: "object" } },
      }),
    ).toEqual({
      type: ["object", "null"],
      properties: { a: {}, b: { $ref: "#/definitions/x" }, c: true },
      definitions: { x: { type: "object", properties: {}, additionalProperties: false } },
      additionalProperties: false,
    });
  });

  it("is not changed in place", () => {
    const given = { type: "object", properties: { a: { type: "string", maxLength: 3 } } };
    const before = structuredClone(given);
    constrainedSchema(given);
    expect(given).toEqual(before);
  });
});
