// Requests to models that can't do everything: what is left out is said, and what can be said otherwise is.
import { describe, expect, it } from "vitest";
import { encode } from "./encoding.ts";
import { read } from "./reading.ts";

const reasons = { reasoning: true, temperature: false };

describe("a model that reasons", () => {
  const sampling = {
    temperature: 0.5,
    topP: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    logitBias: {},
    logprobs: { top: 0 },
  };

  it("is not sent sampling parameters, and each is reported as one that may be dropped", () => {
    const { body, unsupported } = encode(sampling, reasons);
    expect(body).toEqual({ model: "model-1", messages: [{ role: "user", content: "Hi" }] });
    expect(unsupported.map(({ member }) => member)).toEqual(Object.keys(sampling));
    expect(unsupported.every(({ droppable }) => droppable)).toBe(true);
  });

  it("takes them when it is told not to reason", () => {
    const traits = { ...reasons, reasoningEfforts: ["none", "low"] };
    const none = { effort: "none", budgetTokens: null, includeText: null } as const;
    expect(encode({ ...sampling, reasoning: none }, traits).unsupported).toEqual([]);
  });

  it("elsewhere than at OpenAI takes them, unless the catalogue says otherwise", () => {
    const open = { reasoningRefusesSampling: false };
    expect(encode(sampling, { reasoning: true }, open).unsupported).toEqual([]);
    expect(encode(sampling, { reasoning: true }).unsupported).toHaveLength(6);
    expect(encode(sampling, reasons, open).unsupported).toHaveLength(6);
  });

  const asked = { effort: null, budgetTokens: null, includeText: null };
  it.each([
    [{ ...asked, effort: "low" }, undefined, "low"],
    [{ ...asked, budgetTokens: 1024 }, undefined, "low"],
    [{ ...asked, budgetTokens: 6000 }, undefined, "medium"],
    [{ ...asked, budgetTokens: 30_000 }, undefined, "high"],
    [{ ...asked, budgetTokens: 0 }, undefined, "none"],
    [{ ...asked, budgetTokens: 0 }, ["low", "medium", "high"], "low"],
    [{ ...asked, includeText: true }, undefined, undefined],
  ] as const)("is told how much in levels: %j of %j is %s", (reasoning, reasoningEfforts, level) => {
    const traits = { ...reasons, ...(reasoningEfforts === undefined ? {} : { reasoningEfforts }) };
    expect(encode({ reasoning }, traits).body.reasoning_effort).toBe(level);
  });

  it("is told with OpenRouter's object where that is the parameter", () => {
    const quirks = { reasoningParameter: "reasoning" } as const;
    const reasoning = { ...asked, budgetTokens: 2000, includeText: false };
    expect(encode({ reasoning }, reasons, quirks).body.reasoning).toEqual({ max_tokens: 2000, exclude: true });
  });
});

describe("what a model can't do", () => {
  const low = { effort: "low", budgetTokens: null, includeText: null } as const;

  it.each([
    [{ topK: 5 }, {}, "topK", true],
    [{ reasoning: low }, { reasoning: false }, "reasoning", true],
    [{ reasoning: low }, { reasoningEfforts: ["high"] }, "reasoning.effort", true],
    [
      { output: read({ response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } }).output },
      { jsonSchema: false },
      "output",
      true,
    ],
    [
      { tools: read({ tools: [{ type: "function", function: { name: "a" } }] }).tools },
      { tools: false },
      "tools",
      false,
    ],
  ] as const)("is reported: %j to one with %j", (conversation, traits, member, droppable) => {
    const { body, unsupported } = encode(conversation, traits);
    expect(unsupported).toEqual([{ member, reason: expect.stringMatching(/./), droppable }]);
    expect(body).toEqual({ model: "model-1", messages: [{ role: "user", content: "Hi" }] });
  });

  it("is not reported where a server can: top_k", () => {
    expect(encode({ topK: 5 }, {}, { topK: true })).toMatchObject({ body: { top_k: 5 }, unsupported: [] });
  });
});
