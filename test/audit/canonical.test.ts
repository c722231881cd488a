// Canonical JSON (RFC 8785): one text for one value, in whatever order its members were written.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginning, canonical, entryOf, sha256 } from "../../src/audit/entry.ts";
import type { AuditEvent } from "../../src/audit/event.ts";

/** The same value with the members of all its objects in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

const json = () => fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;

describe("canonical JSON", () => {
  test("is JSON of the same value, whatever the order of members, and has no other text", () => {
    fc.assert(
      fc.property(json(), (value) => {
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(reversed(value))).toBe(text);
        expect(canonical(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test("is as the RFC's examples have it", () => {
    // RFC 8785, 3.2.2 and 3.2.3.
    const value = {
      numbers: [JSON.parse("333333333.33333329") as number, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const sorted = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(Object.values(JSON.parse(canonical(sorted)) as Record<string, number>).toSorted()).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
    expect([...canonical(sorted).matchAll(/:(\d)/g)].map(([, place]) => Number(place))).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  test("any event at all becomes an entry whose text can be hashed and read back", () => {
    const text = () => fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(
      fc.property(text(), text(), text(), json(), json(), (action, id, userAgent, before, after) => {
        const event: AuditEvent = {
          action,
          actor: { type: "admin", id },
          target: { type: action, id },
          outcome: "success",
          userAgent,
          before,
          after,
        };
        const body = canonical(entryOf(event, beginning, 0));
        expect(canonical(JSON.parse(body))).toBe(body);
        expect(sha256(body)).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 30 },
    );
  });
});
