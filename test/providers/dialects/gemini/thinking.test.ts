import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { encoded } from "./conversations.ts";

describe("thinking", () => {
  const effort = (value: NonNullable<NonNullable<Conversation["reasoning"]>["effort"]>) => ({
    effort: value,
    budgetTokens: null,
    includeText: null,
  });
  const budget = (tokens: number) => ({ effort: null, budgetTokens: tokens, includeText: null });
  const flash25: ModelTraits = { reasoning: true, reasoningBudget: { min: 0, max: 24_576 } };
  const pro25: ModelTraits = { reasoning: true, reasoningBudget: { min: 128, max: 32_768 } };
  const lite25: ModelTraits = { reasoning: true, reasoningBudget: { min: 512, max: 24_576 } };
  const pro3: ModelTraits = { reasoning: true, reasoningEfforts: ["low", "high"] };
  const flash3: ModelTraits = { reasoning: true, reasoningEfforts: ["minimal", "low", "medium", "high"] };

  it.each<[string, ModelTraits, Conversation["reasoning"], object | undefined, boolean]>([
    ["gemini-2.5-flash", flash25, null, undefined, false],
    ["gemini-2.5-flash", flash25, effort("none"), { thinkingBudget: 0 }, false],
    ["gemini-2.5-flash", flash25, effort("minimal"), { includeThoughts: true, thinkingBudget: 1024 }, false],
    ["gemini-2.5-flash", {}, effort("medium"), { includeThoughts: true, thinkingBudget: 8192 }, false],
    ["gemini-2.5-flash", flash25, effort("xhigh"), { includeThoughts: true, thinkingBudget: 24_576 }, false],
    ["gemini-2.5-flash", flash25, budget(-1), { includeThoughts: true, thinkingBudget: -1 }, false],
    ["gemini-2.5-flash", flash25, budget(0), { thinkingBudget: 0 }, false],
    ["gemini-2.5-flash", flash25, budget(99_999), { includeThoughts: true, thinkingBudget: 24_576 }, false],
    ["gemini-2.5-flash-lite", lite25, budget(100), { includeThoughts: true, thinkingBudget: 512 }, false],
    ["gemini-2.5-flash-lite", lite25, effort("none"), { thinkingBudget: 0 }, false],
    ["gemini-2.5-pro", pro25, effort("none"), { thinkingBudget: 128 }, true],
    ["gemini-2.5-pro", {}, effort("max"), { includeThoughts: true, thinkingBudget: 32_768 }, false],
    ["gemini-3-flash-preview", flash3, effort("minimal"), { includeThoughts: true, thinkingLevel: "minimal" }, false],
    ["gemini-3-flash-preview", {}, effort("medium"), { includeThoughts: true, thinkingLevel: "medium" }, false],
    ["gemini-3-flash-preview", flash3, effort("none"), { thinkingLevel: "minimal" }, true],
    ["gemini-3-flash-preview", flash3, budget(2000), { includeThoughts: true, thinkingBudget: 2000 }, false],
    ["gemini-3-pro-preview", pro3, effort("medium"), { includeThoughts: true, thinkingLevel: "high" }, false],
    ["gemini-3-pro-preview", {}, effort("minimal"), { includeThoughts: true, thinkingLevel: "low" }, false],
    ["gemini-3-pro-preview", pro3, effort("max"), { includeThoughts: true, thinkingLevel: "high" }, false],
    ["gemini-2.0-flash", {}, effort("none"), undefined, false],
    ["gemini-2.0-flash", {}, effort("low"), undefined, true],
    ["gemini-2.5-computer-use-preview-10-2025", { reasoning: false }, effort("low"), undefined, true],
  ])("%s with %o, asked %o, is configured %o", (model, traits, reasoning, thinkingConfig, refused) => {
    const { body, unsupported } = encoded({ reasoning }, model, traits);
    expect((body.generationConfig as { thinkingConfig?: object } | undefined)?.thinkingConfig).toEqual(thinkingConfig);
    expect(unsupported.map(({ member, droppable }) => [member, droppable])).toEqual(
      refused ? [["reasoning", true]] : [],
    );
  });

  it("an effort and a budget: each model gets the form that it has", () => {
    const both = { effort: "low", budgetTokens: 5000, includeText: false } as const;
    expect(encoded({ reasoning: both }, "gemini-2.5-flash").body.generationConfig).toEqual({
      thinkingConfig: { thinkingBudget: 5000 },
    });
    expect(encoded({ reasoning: both }, "gemini-3-flash-preview").body.generationConfig).toEqual({
      thinkingConfig: { thinkingLevel: "low" },
    });
  });

  it("thoughts alone may be asked for, or asked away", () => {
    const hidden = { effort: null, budgetTokens: null, includeText: false };
    expect(Object.keys(encoded({ reasoning: hidden }).body)).toEqual(["contents"]);
    const shown = { effort: null, budgetTokens: null, includeText: true };
    expect(encoded({ reasoning: shown }).body.generationConfig).toEqual({ thinkingConfig: { includeThoughts: true } });
  });
});
