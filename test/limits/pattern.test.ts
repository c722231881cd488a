import { expect, test } from "vitest";
import { matches, matchesAny } from "../../src/limits/pattern.ts";

test.each([
  ["openai/*", "openai/gpt-5", true],
  ["openai/*", "openai/", true],
  ["openai/*", "evil-openai/gpt-5", false],
  ["*claude*", "anthropic/claude-opus-4", true],
  ["anthropic/claude-*-4", "anthropic/claude-opus-4", true],
  ["anthropic/claude-*-4", "anthropic/claude-opus-4-1", false],
  ["OpenAI/GPT-5", "openai/gpt-5", true],
  ["openai/gpt-5", "openai/gpt-5-mini", false],
  ["openai/gpt.5", "openai/gpt-5", false],
  ["openai/gpt-5", "openai/gpt-5\n", false],
  ["openai/gpt-5", "opеnai/gpt-5", false],
  ["**", "", true],
  ["", "x", false],
  ["", "", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c-b", false],
])("`%s` and `%s`: %s", (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected);
  expect(matchesAny([pattern], name)).toBe(expected);
  expect(matchesAny(["other", pattern, "more*"], name)).toBe(expected);
});

test("no pattern of a list matches where there is none", () => {
  expect(matchesAny([], "openai/gpt-5")).toBe(false);
});

test("a pattern full of stars takes no longer than the product of the lengths", () => {
  expect(matches(`${"*a".repeat(60)}*b`, "a".repeat(20_000))).toBe(false);
});
