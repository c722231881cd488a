import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spliceBody } from "../../src/gateway/splice.ts";

const object = fc.dictionary(
  fc.oneof(fc.constantFrom("model", "stream", 'a"b', "é\\", "usage"), fc.string()),
  fc.jsonValue(),
  { noNullPrototype: true },
);

describe("spliceBody", () => {
  test("an edited body parses to the object with the same edits", () => {
    fc.assert(
      fc.property(
        object,
        object,
        fc.array(fc.constantFrom("model", "stream", "usage")),
        fc.boolean(),
        (body, set, remove, pretty) => {
          const text = JSON.stringify(body, null, pretty ? 2 : undefined);
          const wanted: Record<string, unknown> = { ...JSON.parse(text) };
          for (const key of remove) if (!Object.hasOwn(set, key)) delete wanted[key];
          for (const [key, value] of Object.entries(set)) if (key !== "__proto__") wanted[key] = value;
          const edits = Object.fromEntries(Object.entries(set).filter(([key]) => key !== "__proto__"));
          const result = spliceBody(text, { set: edits, remove: remove.filter((key) => !Object.hasOwn(set, key)) });
          expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify(wanted)));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const { nested } = fc.letrec<{ nested: unknown; value: unknown }>((tie) => ({
    nested: fc.dictionary(fc.constantFrom("model", "m", "}", "[", "\u006dodel", '"model'), tie("value"), {
      noNullPrototype: true,
    }),
    value: fc.oneof(
      fc.constantFrom("model", '"model":', "{", "]", "\\u", 1, null),
      tie("nested"),
      fc.array(tie("value"), { maxLength: 2 }),
    ),
  }));

  test("one member is set where it stands, whatever else has its name", () => {
    fc.assert(
      fc.property(nested, fc.boolean(), fc.boolean(), (body, pretty, escaped) => {
        const plain = JSON.stringify(body, null, pretty ? 2 : undefined);
        const text = escaped ? plain.replace('"m"', '"\\u006d"') : plain;
        const result = spliceBody(text, { set: { model: { of: "b" } }, remove: [] });
        expect(JSON.parse(result)).toEqual({ ...(JSON.parse(text) as object), model: { of: "b" } });
      }),
      { numRuns: 5_000 },
    );
  });

  test("members that no edit names keep their bytes", () => {
    const text =
      '{ "big": 12345678901234567890, "model" : "a",\n "exp": 1.0E+2, "nested": {"model":"x\\"}"}, "u":"\\u00e9" }';
    expect(spliceBody(text, { set: { model: "b" }, remove: [] })).toBe(
      '{"big": 12345678901234567890,"model" : "b","exp": 1.0E+2,"nested": {"model":"x\\"}"},"u":"\\u00e9"}',
    );
  });

  test("without a change the text is the same", () => {
    const text = '{ "a" : 1 }';
    expect(spliceBody(text, { set: {}, remove: ["model"] })).toBe(text);
  });

  test("a repeated member cannot smuggle a second value past an edit", () => {
    expect(spliceBody('{"model":"x","model":"y","z":1}', { set: { model: "b" }, remove: [] })).toBe(
      '{"model":"b","z":1}',
    );
    expect(
      spliceBody('{"provider":1,"mod\\u0065l":"y","provider":2}', { set: { model: "b" }, remove: ["provider"] }),
    ).toBe('{"mod\\u0065l":"b"}');
  });
});
