import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { encoded, functionTool } from "./conversations.ts";

type Schema = Record<string, unknown>;

interface Declaration {
  readonly parametersJsonSchema?: Schema;
  readonly parameters?: Schema;
}

/** The declaration of a tool with these parameters. */
function declared(parameters: Schema, model: string): Declaration | undefined {
  const { tools } = encoded({ tools: [functionTool("f", parameters)] }, model).body;
  return (tools as { functionDeclarations: Declaration[] }[])[0]?.functionDeclarations[0];
}

const json = (schema: Schema) => declared(schema, "gemini-2.5-flash")?.parametersJsonSchema;
/** A property's schema in the OpenAPI form. */
function openApi(property: Schema, root: Schema = {}): unknown {
  const declaration = declared({ type: "object", properties: { p: property }, ...root }, "gemini-1.5-pro");
  return (declaration?.parameters?.properties as Schema | undefined)?.p;
}

describe("JSON Schema for Gemini 2 and later", () => {
  it.each<[string, Schema, Schema]>([
    [
      "supported keywords stay",
      {
        type: "object",
        properties: { a: { type: ["string", "null"], title: "A", pattern: "^a" } },
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { a: { type: ["string", "null"], title: "A", pattern: "^a" } },
        additionalProperties: false,
      },
    ],
    ["$schema goes", { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" }, { type: "object" }],
    [
      "a constant is an enum of one",
      { properties: { a: { const: "x" }, b: { const: 1 }, c: { type: "string", const: "y" } } },
      {
        properties: {
          a: { enum: ["x"], type: "string" },
          b: { enum: [1], type: "integer" },
          c: { type: "string", enum: ["y"] },
        },
      },
    ],
    [
      "exclusive bounds of integers are exact",
      { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: "integer", minimum: 1, maximum: 9 },
    ],
    [
      "exclusive bounds of numbers are as near as can be",
      { type: "number", exclusiveMinimum: 0, minimum: -5 },
      { type: "number", minimum: 0 },
    ],
    ["a narrower bound stays", { type: "integer", exclusiveMinimum: 0, minimum: 5 }, { type: "integer", minimum: 5 }],
    [
      "definitions are $defs, also in references",
      { $ref: "#/definitions/A", definitions: { A: { const: true } } },
      { $ref: "#/$defs/A", $defs: { A: { enum: [true], type: "boolean" } } },
    ],
    [
      "a reference's siblings move around it",
      { properties: { a: { $ref: "#/$defs/A", description: "An A." } } },
      { properties: { a: { description: "An A.", anyOf: [{ $ref: "#/$defs/A" }] } } },
    ],
    [
      "a property may be named like a keyword",
      { properties: { const: { type: "string" }, $schema: { type: "string" }, definitions: { const: "x" } } },
      {
        properties: {
          const: { type: "string" },
          $schema: { type: "string" },
          definitions: { enum: ["x"], type: "string" },
        },
      },
    ],
    [
      "nested schemas are reached wherever they stand",
      {
        items: { const: "a" },
        prefixItems: [{ const: "b" }],
        anyOf: [{ const: "c" }],
        additionalProperties: { const: "d" },
      },
      {
        items: { enum: ["a"], type: "string" },
        prefixItems: [{ enum: ["b"], type: "string" }],
        anyOf: [{ enum: ["c"], type: "string" }],
        additionalProperties: { enum: ["d"], type: "string" },
      },
    ],
  ])("%s", (_, schema, expected) => {
    expect(json(schema)).toEqual(expected);
  });

  it("a schema accepts the same values as before", () => {
    const schema = {
      type: "object",
      properties: {
        kind: { const: "cat" },
        age: { type: "integer", exclusiveMinimum: 0 },
        owner: { $ref: "#/definitions/Owner", description: "Who." },
      },
      required: ["kind"],
      additionalProperties: false,
      definitions: { Owner: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
    };
    const ajv = new Ajv({ strict: false });
    const [before, after] = [ajv.compile(schema), ajv.compile(json(schema) ?? {})];
    const values = [
      { kind: "cat" },
      { kind: "dog" },
      { kind: "cat", age: 0 },
      { kind: "cat", age: 1 },
      { kind: "cat", owner: {} },
      { kind: "cat", owner: { name: "A" } },
      { kind: "cat", x: 1 },
    ];
    expect(values.map((value) => after(value))).toEqual(values.map((value) => before(value)));
  });
});

describe("the OpenAPI subset for older models and Gemma", () => {
  it.each<[string, Schema, Schema]>([
    [
      "types are in capitals",
      { type: "array", items: { type: "integer", format: "int32" }, minItems: 1 },
      { type: "ARRAY", items: { type: "INTEGER", format: "int32" }, minItems: 1 },
    ],
    [
      "null is nullable",
      { type: ["string", "null"], description: "D" },
      { type: "STRING", nullable: true, description: "D" },
    ],
    [
      "several types are a union",
      { type: ["string", "integer"] },
      { anyOf: [{ type: "STRING" }, { type: "INTEGER" }] },
    ],
    [
      "an optional union of one is that one",
      { anyOf: [{ type: "string" }, { type: "null" }], description: "D" },
      { type: "STRING", nullable: true, description: "D" },
    ],
    [
      "oneOf is anyOf",
      { oneOf: [{ type: "string" }, { type: "number" }] },
      { anyOf: [{ type: "STRING" }, { type: "NUMBER" }] },
    ],
    ["a constant is an enum", { const: "x" }, { type: "STRING", format: "enum", enum: ["x"] }],
    [
      "numbers of an enum are told in words",
      { type: "integer", enum: [1, 2], description: "D." },
      { type: "INTEGER", description: "D. One of: 1, 2." },
    ],
    [
      "unknown formats and keywords go",
      { type: "string", format: "email", examples: ["a"], $comment: "c", default: "x" },
      { type: "STRING" },
    ],
    [
      "allOf is merged",
      {
        allOf: [
          { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
          { properties: { b: { type: "string" } }, required: ["b"] },
        ],
      },
      { type: "OBJECT", properties: { a: { type: "STRING" }, b: { type: "STRING" } }, required: ["a", "b"] },
    ],
    [
      "a shape without a type is an object's",
      { properties: { a: { type: "string" } } },
      { type: "OBJECT", properties: { a: { type: "STRING" } } },
    ],
  ])("%s", (_, schema, expected) => {
    expect(openApi(schema)).toEqual(expected);
  });

  it("references are written out, with what stands beside them", () => {
    const root = {
      $defs: { A: { type: "object", properties: { b: { $ref: "#/$defs/B~1C" } } }, "B/C": { type: "string" } },
    };
    expect(openApi({ $ref: "#/$defs/A", description: "An A." }, root)).toEqual({
      type: "OBJECT",
      description: "An A.",
      properties: { b: { type: "STRING" } },
    });
  });

  it.each<[string, Schema]>([
    ["a recursion", { type: "object", properties: { next: { $ref: "#" } } }],
    ["an unknown reference", { type: "object", properties: { next: { $ref: "#/$defs/None" } } }],
    ["a reference to elsewhere", { type: "object", properties: { next: { $ref: "https://a.example/schema" } } }],
  ])("%s is cut, and named", (_, parameters) => {
    const { body, unsupported } = encoded({ tools: [functionTool("f", parameters)] }, "gemini-1.5-pro");
    expect(unsupported).toMatchObject([{ member: "tools[0].parameters", droppable: true }]);
    expect(JSON.stringify(body)).toContain('"type":"OBJECT"');
  });

  it("definitions that double each other do not fill the memory", () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `D${at}`,
        { type: "object", properties: { a: { $ref: `#/$defs/D${at + 1}` }, b: { $ref: `#/$defs/D${at + 1}` } } },
      ]),
    );
    const { body, unsupported } = encoded(
      { tools: [functionTool("f", { type: "object", properties: { r: { $ref: "#/$defs/D0" } }, $defs })] },
      "gemini-1.5-pro",
    );
    expect(unsupported).toHaveLength(1);
    expect(JSON.stringify(body).length).toBeLessThan(2_000_000);
  });
});
