// Checks of aliases: what they may be called, what they may lead to, and how far.
import { describe, expect, it } from "vitest";
import { createCatalog } from "../../providers/catalog/catalog.ts";
import { catalogRows } from "../../providers/catalog/rows.ts";
import type { Alias } from "../../src/router/alias.ts";
import { aliasProblem, aliasSet, brokenChain, explainChain } from "../../src/router/alias-check.ts";

const known = { catalog: createCatalog(catalogRows()), isProvider: (id: string) => ["openai", "vllm"].includes(id) };

const alias = (name: string, targets: readonly string[], more: Partial<Alias> = {}): Alias => ({
  name,
  targets: targets.map((model) => ({ model, weight: 1 })),
  strategy: "ordered",
  sticky: null,
  fallbacks: [],
  preferences: null,
  rules: [],
  ...more,
});

describe("an alias", () => {
  it.each(["smart", "gpt-5-mini", "acme/smart", "größer", "a".repeat(128)])("may be called %s", (name) => {
    expect(aliasProblem(alias(name, ["openai/gpt-5-mini"]), aliasSet([]), known)).toBeNull();
  });

  it.each(["openai/gpt-5-mini", "OpenAI/GPT-5-mini", "groq/llama-3.3-70b-versatile", "openai/not-yet"])(
    "may not be called as a model of a lab or provider is: %s",
    (name) => {
      expect(aliasProblem(alias(name, ["openai/gpt-5-mini"]), aliasSet([]), known)).toMatchObject({ path: ["name"] });
    },
  );

  it.each([
    "openai/gpt-5-mini",
    "gpt-5-mini",
    "gpt-5-mini:floor",
    "groq/llama-3.3-70b-versatile",
    "vllm/anything/at-all",
    "other",
    "other:nitro",
    "auto",
    "auto:high",
  ])("may lead to %s", (target) => {
    expect(aliasProblem(alias("smart", [target]), aliasSet([alias("other", ["auto"])]), known)).toBeNull();
  });

  it.each([
    ["gpt-99", "there is no model, alias or provider for gpt-99"],
    ["nobody/gpt-99", "there is no model, alias or provider for nobody/gpt-99"],
    ["openai/", "there is no model, alias or provider for openai/"],
    ["auto:highest", "there is no model"],
    ["anthropic/claude-sonet-4-5", "did you mean anthropic/claude-sonnet-4-5"],
  ])("may not lead to %s", (target, message) => {
    const problem = aliasProblem(alias("smart", ["auto", target]), aliasSet([]), known);
    expect(problem).toMatchObject({ path: ["targets", 1] });
    expect(problem?.message).toContain(message);
  });

  it("is told where the wrong name stands", () => {
    const wrong = alias("then", ["auto"], { fallbacks: ["auto", "nothing"] });
    expect(aliasProblem(wrong, aliasSet([]), known)?.path).toEqual(["fallbacks", 1]);
    const ruled = alias("smart", ["auto"], { rules: [{ when: { tools: true }, route: wrong }] });
    expect(aliasProblem(ruled, aliasSet([]), known)?.path).toEqual(["rules", 0, "then", "fallbacks", 1]);
  });
});

describe("a chain of aliases", () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, at) => alias(`a${at}`, [at + 1 < length ? `a${at + 1}` : "openai/gpt-5-mini"]));

  it("may be five long, in whatever order they are declared", () => {
    expect(brokenChain(aliasSet(chain(5)))).toBeNull();
    expect(brokenChain(aliasSet(chain(5).toReversed()))).toBeNull();
    for (const six of [chain(6), chain(6).toReversed()]) {
      const broken = brokenChain(aliasSet(six)) ?? [];
      expect(explainChain(broken)).toMatch(/^at most 5 aliases may lead one to another: `a0` → /);
    }
  });

  it.each([
    ["itself", [alias("a", ["a"])]],
    ["itself with a suffix", [alias("a", ["a:floor"])]],
    ["each other", [alias("a", ["auto", "b"]), alias("b", ["a"])]],
    ["each other by a fallback", [alias("a", ["auto"], { fallbacks: ["b"] }), alias("b", ["a"])]],
    [
      "each other by a rule",
      [alias("a", ["auto"], { rules: [{ when: {}, route: alias("", ["b"]) }] }), alias("b", ["a"])],
    ],
    ["auto, which is an alias here", [alias("auto", ["a"]), alias("a", ["auto"])]],
  ])("may not lead back to %s", (_, aliases) => {
    const broken = brokenChain(aliasSet(aliases)) ?? [];
    expect(explainChain(broken)).toMatch(/^an alias can't lead back to itself: `/);
  });

  it("may meet again further on, as often as it likes", () => {
    const names = ["a", "b", "c", "d", "e"];
    const wide = names.map((name, at) => alias(name, Array(50).fill(names[at + 1] ?? "openai/gpt-5-mini")));
    expect(brokenChain(aliasSet(wide))).toBeNull();
  });
});
