// The Messages API's usage becomes disjoint counters.
import { describe, expect, it } from "vitest";
import { mergeUsage, readUsage } from "../../../../providers/dialects/anthropic-messages/usage.ts";

describe("usage", () => {
  it.each([
    ["without a cache", { input_tokens: 10, output_tokens: 5 }, { inputTokens: 10, outputTokens: 5 }],
    [
      "with a reported 0, which stays 0",
      { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, cacheWriteTokens: 0 },
    ],
    [
      "with null, which is absent",
      { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: null, output_tokens_details: null },
      { inputTokens: 10, outputTokens: 5 },
    ],
    [
      "with cache reads and writes beside the input",
      { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      { inputTokens: 10, outputTokens: 5, cachedInputTokens: 100, cacheWriteTokens: 20 },
    ],
    [
      "with writes split by lifetime",
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 30,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
      },
      { inputTokens: 10, outputTokens: 5, cacheWriteTokens: 20, cacheWrite1hTokens: 10 },
    ],
    [
      "with the split alone",
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
      },
      { inputTokens: 10, outputTokens: 5, cacheWriteTokens: 20, cacheWrite1hTokens: 10 },
    ],
    [
      "with a total that outgrew its split, the rest living five minutes",
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 500,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 },
      },
      { inputTokens: 10, outputTokens: 5, cacheWriteTokens: 300, cacheWrite1hTokens: 200 },
    ],
    [
      "with a total below its split, which the total limits",
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 200 },
      },
      { inputTokens: 10, outputTokens: 5, cacheWriteTokens: 0, cacheWrite1hTokens: 0 },
    ],
    [
      "with thinking, which is part of the output",
      { input_tokens: 10, output_tokens: 50, output_tokens_details: { thinking_tokens: 30 } },
      { inputTokens: 10, outputTokens: 20, reasoningTokens: 30 },
    ],
    [
      "with more thinking than output, by a rounding of the provider's",
      { input_tokens: 10, output_tokens: 5, output_tokens_details: { thinking_tokens: 6 } },
      { inputTokens: 10, outputTokens: 0, reasoningTokens: 5 },
    ],
    [
      "with compaction, which the totals leave out",
      {
        input_tokens: 100,
        output_tokens: 10,
        iterations: [
          { type: "compaction", input_tokens: 900, output_tokens: 90, cache_read_input_tokens: 7 },
          { type: "message", input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 0 },
        ],
      },
      { inputTokens: 1000, outputTokens: 100, cachedInputTokens: 7 },
    ],
    [
      "with an advisor, which bills at another model's price",
      {
        input_tokens: 30,
        output_tokens: 3,
        iterations: [
          { type: "message", input_tokens: 10, output_tokens: 1 },
          { type: "advisor_message", model: "other", input_tokens: 5000, output_tokens: 500 },
          { type: "message", input_tokens: 20, output_tokens: 2 },
        ],
      },
      {
        inputTokens: 30,
        outputTokens: 3,
        billing: { others: [{ model: "other", usage: { inputTokens: 5000, outputTokens: 500 } }] },
      },
    ],
    [
      "of a fallback model, whose totals are right",
      {
        input_tokens: 30,
        output_tokens: 3,
        iterations: [
          { type: "message", input_tokens: 10, output_tokens: 1 },
          { type: "fallback_message", input_tokens: 30, output_tokens: 3 },
        ],
      },
      { inputTokens: 30, outputTokens: 3 },
    ],
  ])("%s", (_name, wire, expected) => {
    expect(readUsage(wire)).toEqual(expected);
  });

  it.each([[{}], [{ input_tokens: null }], [{ input_tokens: "10" }]])("is unknown in %j", (wire) => {
    expect(readUsage(wire)).toBeNull();
  });

  it("grows by replacement", () => {
    const first = mergeUsage(null, { input_tokens: 1, cache_read_input_tokens: 5 });
    expect(mergeUsage(first, { input_tokens: 9, cache_read_input_tokens: null, output_tokens: 0 })).toEqual({
      input_tokens: 9,
      cache_read_input_tokens: 5,
      output_tokens: 0,
    });
    expect(first).toEqual({ input_tokens: 1, cache_read_input_tokens: 5 });
  });
});
