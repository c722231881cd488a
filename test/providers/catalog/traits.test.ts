// What translators are told of a model.
import { expect, test } from "vitest";
import { createCatalog } from "../../../providers/catalog/catalog.ts";
import { catalogRows } from "../../../providers/catalog/rows.ts";
import { traits } from "../../../providers/catalog/traits.ts";

const catalog = createCatalog(catalogRows());

function traitsOf(id: string) {
  const facts = catalog.get(id);
  if (!facts) throw new Error(`${id} is not in the catalogue`);
  return traits(facts);
}

test("a reasoning model's efforts and its refusal of a temperature are told", () => {
  expect(traitsOf("openai/gpt-5-mini")).toEqual({
    maxOutputTokens: 128_000,
    contextWindow: 400_000,
    reasoning: true,
    reasoningEfforts: ["minimal", "low", "medium", "high"],
    temperature: false,
    jsonSchema: true,
    tools: true,
  });
});

test("a reasoning budget's range is told, as far as it is known", () => {
  expect(traitsOf("google/gemini-2.5-pro").reasoningBudget).toEqual({ min: 128, max: 32_768 });
  expect(traitsOf("anthropic/claude-opus-4-6")).toMatchObject({
    reasoningEfforts: ["low", "medium", "high", "max"],
    reasoningBudget: { min: 1024 },
  });
});

test("what is unknown stays absent", () => {
  expect(traitsOf("ai21/j2-light")).toEqual({ maxOutputTokens: 8192, contextWindow: 8192 });
});
