// Rules of aliases: which route a call takes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Peek } from "../../providers/dialects/peek.ts";
import type { Alias, AliasRoute, Condition } from "../../src/router/alias.ts";
import { type Ask, type Caller, noPreferences } from "../../src/router/ask.ts";
import { routeOf } from "../../src/router/rules.ts";
import { matches } from "../../src/store/pattern.ts";
import { saying } from "./planning.ts";

const routeTo = (model: string): AliasRoute => ({
  targets: [{ model, weight: 1 }],
  strategy: "ordered",
  sticky: null,
  fallbacks: [],
  preferences: null,
});

interface Asked extends Partial<Omit<Ask, "peek" | "caller">> {
  readonly peek?: Partial<Peek> | null;
  readonly caller?: Partial<Caller>;
}

function ask({ peek = {}, caller, ...rest }: Asked): Ask {
  return {
    models: ["smart"],
    purpose: { fits: () => true, noun: "a chat model", servedBy: () => true },
    operation: "chat",
    preferences: noPreferences,
    stream: false,
    peek: peek === null ? null : { ...saying, ...peek },
    caller: { keyId: "key_1", customer: "acme", project: "shop", metadata: {}, ...caller },
    ...rest,
  };
}

/** Whether a rule with this condition decides the call. */
function decides(when: Condition, asked: Asked): boolean {
  const alias: Alias = { name: "smart", ...routeTo("own"), rules: [{ when, route: routeTo("ruled") }] };
  return routeOf(alias, ask(asked)).targets[0]?.model === "ruled";
}

describe("a rule", () => {
  it.each<[string, Condition, Asked, Asked]>([
    ["input above", { inputTokens: { above: 100 } }, { peek: { textLength: 401 } }, { peek: { textLength: 400 } }],
    ["input at most", { inputTokens: { atMost: 100 } }, { peek: { textLength: 400 } }, { peek: { textLength: 401 } }],
    ["tools", { tools: true }, { peek: { tools: true } }, {}],
    ["no tools", { tools: false }, {}, { peek: { tools: true } }],
    ["a schema", { jsonSchema: true }, { peek: { jsonSchema: true } }, {}],
    ["images", { images: true }, { peek: { images: true } }, { peek: { documents: true } }],
    ["documents", { documents: true }, { peek: { documents: true } }, { peek: { images: true } }],
    ["audio", { audio: true }, { peek: { audio: true } }, {}],
    ["video", { video: true }, { peek: { video: true } }, {}],
    ["reasoning", { reasoning: true }, { peek: { reasoning: true } }, {}],
    ["a stream", { stream: true }, { stream: true }, {}],
    ["an operation", { operations: ["chat", "completions"] }, {}, { operation: "embeddings", peek: null }],
    ["metadata", { metadata: { tier: "gold*" } }, { peek: { metadata: { tier: "golden" } } }, {}],
    ["metadata of any value", { metadata: { tier: "*" } }, { peek: { metadata: { tier: "" } } }, {}],
    [
      "metadata of the key, not of the request",
      { keyMetadata: { team: "pay" } },
      { caller: { metadata: { team: "pay" } } },
      { peek: { metadata: { team: "pay" } } },
    ],
    ["a customer", { customers: ["x", "ac*"] }, {}, { caller: { customer: "bacme" } }],
    ["a project", { projects: ["shop"] }, {}, { caller: { project: "shop2" } }],
    ["what objects inherit", { metadata: { note: "*" } }, { peek: { metadata: { note: "" } } }, {}],
    ["an inherited name", { metadata: { toString: "*" } }, { peek: { metadata: { toString: "x" } } }, {}],
  ])("on %s holds where it is so, and only there", (_, when, so, otherwise) => {
    expect([decides(when, so), decides(when, otherwise)]).toEqual([true, false]);
  });

  it("holds only when all that it asks for is so", () => {
    const when: Condition = { tools: true, customers: ["acme"], inputTokens: { above: 10, atMost: 20 } };
    expect(decides(when, { peek: { tools: true, textLength: 80 } })).toBe(true);
    expect(decides(when, { peek: { tools: true, textLength: 84 } })).toBe(false);
    expect(decides(when, { peek: { tools: true, textLength: 40 } })).toBe(false);
    expect(decides(when, { peek: { tools: false, textLength: 80 } })).toBe(false);
    expect(decides(when, { peek: { tools: true, textLength: 80 }, caller: { customer: "b" } })).toBe(false);
  });

  it("knows nothing of a body that is no chat: no length is within its bounds, and nothing is asked for", () => {
    expect(decides({ inputTokens: { atMost: 1_000_000 } }, { peek: null })).toBe(false);
    expect(decides({ tools: false, operations: ["chat"] }, { peek: null })).toBe(true);
    expect(decides({ metadata: { a: "*" } }, { peek: null })).toBe(false);
  });

  it("is tried in its turn: the first that holds decides, and without any the alias does", () => {
    const rules = [
      { when: { tools: true }, route: routeTo("first") },
      { when: { stream: true }, route: routeTo("second") },
    ];
    const alias: Alias = { name: "smart", ...routeTo("own"), rules };
    const taken = (asked: Asked) => routeOf(alias, ask(asked)).targets[0]?.model;
    expect(taken({ stream: true, peek: { tools: true } })).toBe("first");
    expect(taken({ stream: true })).toBe("second");
    expect(taken({})).toBe("own");
  });
});

describe("a pattern", () => {
  it.each([
    ["gold", "gold", true],
    ["gold", "golden", false],
    ["gold*", "gold", true],
    ["*gold", "marigold", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*b*", "abc", true],
    ["a*b*c", "a-c-b", false],
    ["", "", true],
    ["*", "", true],
    ["a.c", "abc", false],
    ["Gold", "gold", false],
  ])("%j matches %j: %s", (pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  it("matches as the same regular expression would", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 10 });
    const value = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
    fc.assert(
      fc.property(pattern, value, (written, text) => {
        expect(matches(written, text)).toBe(new RegExp(`^${written.replaceAll("*", ".*")}$`).test(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("is not made slow by a value that almost matches", () => {
    expect(matches(`${"a*".repeat(100)}b`, "a".repeat(1_000_000))).toBe(false);
  });
});
