// A Claude model's name tells its generation, on every platform that serves it.
import { describe, expect, it } from "vitest";
import { catalogRows } from "../../../../providers/catalog/rows.ts";
import { traits } from "../../../../providers/catalog/traits.ts";
import {
  acceptsForcedTools,
  generationOf,
  hasStructuredOutputs,
  offSwitch,
} from "../../../../providers/dialects/anthropic-messages/generation.ts";

describe("the generation", () => {
  it.each([
    ["claude-opus-4-5-20251101", "opus", 405],
    ["claude-opus-4-20250514", "opus", 400],
    ["claude-opus-4@20250514", "opus", 400],
    ["claude-opus-4-0", "opus", 400],
    ["claude-4-opus-20250514", "opus", 400],
    ["claude-3-7-sonnet-20250219", "sonnet", 307],
    ["claude-3.7-sonnet", "sonnet", 307],
    ["claude-3-haiku-20240307", "haiku", 300],
    ["claude-3-5-haiku-latest", "haiku", 305],
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "sonnet", 405],
    ["claude-opus-4.6", "opus", 406],
    ["claude-sonnet-5", "sonnet", 500],
    ["claude-fable-5-1", "fable", 501],
    ["claude-haiku-5-5", "haiku", 505],
    ["claude-2.1", "other", 201],
    ["anthropic.claude-v2", "other", 200],
    ["claude-mythos-preview", "mythos", 9999],
    ["claude-opus-latest", "opus", 9999],
  ])("of %s is %s %i", (model, family, version) => {
    expect(generationOf(model)).toEqual({ family, version });
  });

  it.each(["gpt-5", "MiniMax-M2", "kimi-k2-thinking", "claudette"])("of %s is unknown", (model) => {
    expect(generationOf(model)).toBeNull();
  });

  it("agrees with the catalogue about thinking and sampling", () => {
    const rows = catalogRows().flatMap((facts) => {
      const generation = generationOf(facts.providerModelId);
      if (generation === null || facts.provider !== "anthropic") return [];
      return [{ model: facts.id, traits: traits(facts), generation }];
    });
    expect(rows.length).toBeGreaterThan(20);
    for (const { model, traits: known, generation } of rows) {
      const { version } = generation;
      const { reasoningEfforts: efforts, reasoningBudget: budget } = known;
      const of = `${model} (${version})`;
      if (efforts !== undefined) expect(efforts.includes("max"), `${of} is adaptive`).toBe(version >= 406);
      if (budget !== undefined) expect(version >= 307 && version < 407, `${of} has a budget`).toBe(true);
      if (efforts !== undefined && budget === undefined) expect(version, `${of} has no budget`).toBeGreaterThan(406);
      if (known.temperature !== undefined) expect(known.temperature, `${of} takes temperature`).toBe(version < 407);
      if (known.reasoning !== undefined) expect(known.reasoning, `${of} thinks`).toBe(version >= 307);
    }
  });

  it.each([
    ["claude-3-7-sonnet-20250219", false],
    ["claude-sonnet-4-0", false],
    ["claude-opus-4-1", true],
    ["claude-haiku-4-5", true],
    ["claude-sonnet-5", true],
  ])("of %s has structured outputs: %s", (model, expected) => {
    const generation = generationOf(model);
    expect(generation !== null && hasStructuredOutputs(generation)).toBe(expected);
  });

  it.each([
    ["claude-sonnet-4-5", "disabled", true],
    ["claude-opus-4-6", "disabled", true],
    ["claude-opus-4-8", "omitted", true],
    ["claude-sonnet-5", "disabled", true],
    ["claude-opus-5", "disabled", true],
    ["claude-haiku-5-5", "disabled", true],
    ["claude-fable-5", "impossible", true],
    ["claude-fable-5-1", "impossible", false],
    ["claude-mythos-preview", "impossible", false],
    ["claude-opus-5-5", "impossible", false],
    ["claude-sonnet-5-5", "between_tools", false],
  ] as const)("of %s turns thinking off by %s, and takes forced tools: %s", (model, off, forced) => {
    const generation = generationOf(model);
    if (generation === null) throw new Error(`${model} has no generation`);
    expect(offSwitch(generation)).toBe(off);
    expect(acceptsForcedTools(generation)).toBe(forced);
  });
});
