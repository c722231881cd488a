// Usage as servers report it: totals and their details, by many names, into counters that no sum counts twice.
import { describe, expect, it } from "vitest";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";
import { totalInput, totalOutput } from "../../../../providers/dialects/usage.ts";

const read = (usage: unknown) => openaiChat().usage({ usage });

describe("usage", () => {
  it.each([
    ["OpenAI without details", { prompt_tokens: 9, completion_tokens: 4 }, { inputTokens: 9, outputTokens: 4 }],
    [
      "OpenAI with a cache write (chat-completion-prompt-caching-5-6-cache-write)",
      {
        prompt_tokens: 1220,
        completion_tokens: 100,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 1217, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 100, audio_tokens: 0 },
      },
      {
        inputTokens: 3,
        cachedInputTokens: 0,
        cacheWriteTokens: 1217,
        inputAudioTokens: 0,
        outputTokens: 0,
        reasoningTokens: 100,
        outputAudioTokens: 0,
      },
    ],
    [
      "OpenAI with sound",
      {
        prompt_tokens: 28,
        completion_tokens: 17,
        prompt_tokens_details: { audio_tokens: 8 },
        completion_tokens_details: { audio_tokens: 7, accepted_prediction_tokens: 1, rejected_prediction_tokens: 2 },
      },
      {
        inputTokens: 20,
        inputAudioTokens: 8,
        outputTokens: 10,
        outputAudioTokens: 7,
        acceptedPredictionTokens: 1,
        rejectedPredictionTokens: 2,
      },
    ],
    [
      "xAI, where reasoning stands beside completion_tokens (xai-text-stream)",
      {
        prompt_tokens: 12,
        completion_tokens: 2,
        total_tokens: 354,
        prompt_tokens_details: { cached_tokens: 11 },
        completion_tokens_details: { reasoning_tokens: 340 },
      },
      { inputTokens: 1, cachedInputTokens: 11, outputTokens: 2, reasoningTokens: 340 },
    ],
    [
      "Alibaba, where cache writes stand inside prompt_tokens",
      {
        prompt_tokens: 100,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 30, cache_creation_input_tokens: 50, cache_type: "ephemeral" },
      },
      { inputTokens: 20, cachedInputTokens: 30, cacheWriteTokens: 50, outputTokens: 5 },
    ],
    [
      "Mistral's prompt_token_details",
      { prompt_tokens: 10, completion_tokens: 1, prompt_token_details: { cached_tokens: 4 } },
      { inputTokens: 6, cachedInputTokens: 4, outputTokens: 1 },
    ],
    [
      "DeepSeek by its own names",
      { prompt_tokens: 451, completion_tokens: 21, prompt_cache_hit_tokens: 384, prompt_cache_miss_tokens: 67 },
      { inputTokens: 67, cachedInputTokens: 384, outputTokens: 21 },
    ],
    [
      "Moonshot's cached_tokens",
      { prompt_tokens: 10, completion_tokens: 1, cached_tokens: 4 },
      { inputTokens: 6, cachedInputTokens: 4, outputTokens: 1 },
    ],
    [
      "Mistral's num_cached_tokens",
      { prompt_tokens: 10, completion_tokens: 1, num_cached_tokens: 0 },
      { inputTokens: 10, cachedInputTokens: 0, outputTokens: 1 },
    ],
    [
      "details that are null (Hugging Face)",
      { prompt_tokens: 40, completion_tokens: 2, prompt_tokens_details: null, completion_tokens_details: null },
      { inputTokens: 40, outputTokens: 2 },
    ],
  ])("of %s", (_who, wire, usage) => {
    expect(read(wire)).toEqual(usage);
  });

  it("never sums to more than the totals that are billed", () => {
    const usage = read({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 8, audio_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 3 },
    });
    if (usage === null) throw new Error("no usage");
    expect(totalInput(usage)).toBe(10);
    expect(totalOutput(usage)).toBe(5);
    expect(usage).toMatchObject({
      cachedInputTokens: 8,
      inputAudioTokens: 2,
      reasoningTokens: 4,
      outputAudioTokens: 1,
    });
  });

  it("counts a detail that exceeds its total beside it", () => {
    // Azure's recording of grok-4-1-fast-non-reasoning: 190 cached tokens of 23.
    const cached = read({ prompt_tokens: 23, completion_tokens: 110, prompt_tokens_details: { cached_tokens: 190 } });
    expect(cached).toEqual({ inputTokens: 23, cachedInputTokens: 190, outputTokens: 110 });
    const thought = read({
      prompt_tokens: 1,
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 9 },
    });
    expect(thought).toEqual({ inputTokens: 1, outputTokens: 5, reasoningTokens: 9 });
  });

  it.each([[null], [undefined], ["5"], [{}], [{ prompt_tokens: "5" }], [{ prompt_tokens: -1 }]])(
    "that is none is null: %j",
    (wire) => {
      expect(read(wire)).toBeNull();
    },
  );

  it("of Moonshot's streams is found in the first choice", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, cached_tokens: 2 };
    expect(openaiChat().usage({ choices: [{ index: 0, delta: {}, usage }] })).toEqual({
      inputTokens: 1,
      cachedInputTokens: 2,
      outputTokens: 1,
    });
  });

  it("of Groq's streams is found in x_groq", () => {
    expect(openaiChat().usage({ x_groq: { usage: { prompt_tokens: 3, completion_tokens: 1 } } })).toEqual({
      inputTokens: 3,
      outputTokens: 1,
    });
  });
});
