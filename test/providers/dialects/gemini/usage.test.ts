import { describe, expect, it } from "vitest";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import type { Usage } from "../../../../providers/dialects/usage.ts";
import { frameOf, framesOf, named, streams } from "./gemini-recordings.ts";

const audio = (tokenCount: number) => [
  { modality: "TEXT", tokenCount: 5 },
  { modality: "AUDIO", tokenCount },
];

describe("usage", () => {
  it.each<[string, object, Usage | null]>([
    ["nothing reported", {}, null],
    ["a traffic type alone", { trafficType: "ON_DEMAND" }, null],
    [
      "absent counters stay absent",
      { promptTokenCount: 3, candidatesTokenCount: 2 },
      { inputTokens: 3, outputTokens: 2 },
    ],
    [
      "a reported 0 is 0",
      { promptTokenCount: 3, cachedContentTokenCount: 0, candidatesTokenCount: 0, thoughtsTokenCount: 0 },
      { inputTokens: 3, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 },
    ],
    [
      "cached tokens are part of the prompt, thoughts are not part of the answer, tool use is input",
      {
        promptTokenCount: 100,
        cachedContentTokenCount: 60,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 30,
        toolUsePromptTokenCount: 7,
      },
      { inputTokens: 47, cachedInputTokens: 60, outputTokens: 20, reasoningTokens: 30 },
    ],
    [
      "sound is counted apart, in and out",
      {
        promptTokenCount: 100,
        promptTokensDetails: audio(40),
        candidatesTokenCount: 30,
        candidatesTokensDetails: audio(25),
      },
      { inputTokens: 60, inputAudioTokens: 40, outputTokens: 5, outputAudioTokens: 25 },
    ],
    [
      "more cached than prompted is no negative input",
      { promptTokenCount: 10, cachedContentTokenCount: 12, candidatesTokenCount: 1 },
      { inputTokens: 0, cachedInputTokens: 12, outputTokens: 1 },
    ],
  ])("%s", (_, usageMetadata, usage) => {
    expect(gemini.usage({ usageMetadata })).toEqual(usage);
  });

  it("sound that was read from the cache is counted as cached alone", () => {
    const recording = named("test_google-test_google_model_mobile_youtube_video_url_input.0");
    expect(gemini.usage(JSON.parse(recording.response))).toEqual({
      inputTokens: 17_713 - 17_379 - 36,
      cachedInputTokens: 17_379,
      inputAudioTokens: 1917 - 1881,
      outputTokens: 68,
      reasoningTokens: 821,
      billing: { serviceTier: "default" },
    });
  });

  it("a body without usage has none", () => {
    expect(gemini.usage({})).toBeNull();
    expect(gemini.usage({ usageMetadata: "none" })).toBeNull();
  });
});

describe("a watched stream", () => {
  it("reports at every place what the decoder reports", () => {
    let places = 0;
    for (const recording of streams) {
      const [decoder, watcher] = [gemini.stream(), gemini.watch()];
      for (const frame of framesOf(recording)) {
        decoder.push(frame);
        watcher.glance(frame);
        expect(watcher.usage).toEqual(decoder.usage);
        places += 1;
      }
      expect(watcher.ended).toBe(true);
    }
    expect(places).toBeGreaterThan(250);
  });

  it("is content from the first frame that shows something, and ends with a finish reason", () => {
    const glances = (...values: unknown[]) => {
      const watcher = gemini.watch();
      const kinds = values.map((value) => watcher.glance(frameOf(value)).kind);
      return { kinds, ended: watcher.ended };
    };
    const empty = { candidates: [{ content: { parts: [{ text: "" }] } }] };
    const word = { candidates: [{ content: { parts: [{ text: 'say "finishReason" and "error"' }] } }] };
    const named = {
      candidates: [{ content: { parts: [{ functionCall: { name: "f", args: { error: 1, finishReason: "STOP" } } }] } }],
    };
    const last = { candidates: [{ content: { parts: [{ text: "" }] }, finishReason: "STOP" }], usageMetadata: {} };
    expect(glances(empty, word, empty)).toEqual({ kinds: ["preamble", "content", "content"], ended: false });
    expect(glances(word, named)).toEqual({ kinds: ["content", "content"], ended: false });
    expect(glances(named, last)).toEqual({ kinds: ["content", "content"], ended: true });
    expect(glances({ promptFeedback: { blockReason: "SAFETY" } })).toEqual({ kinds: ["content"], ended: true });
    expect(glances({ usageMetadata: { promptTokenCount: 1 } }, last)).toEqual({
      kinds: ["preamble", "content"],
      ended: true,
    });
  });

  it("tells an error, before and after content", () => {
    const error = frameOf({ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Please retry in 2s." } });
    const watcher = gemini.watch();
    const failure = { kind: "rate_limit", retryAfterMs: 2000, status: null };
    expect(watcher.glance(error)).toMatchObject({ kind: "error", failure });
    watcher.glance(frameOf({ candidates: [{ content: { parts: [{ text: "x" }] } }] }));
    expect(watcher.glance(error)).toMatchObject({ kind: "error", failure });
    expect(watcher.ended).toBe(false);
  });

  it("a first frame that is not JSON is a protocol failure", () => {
    expect(gemini.watch().glance({ event: null, data: "<html>" })).toMatchObject({
      kind: "error",
      failure: { kind: "protocol" },
    });
  });

  it("a counter that a later frame leaves out keeps its value", () => {
    const watcher = gemini.watch();
    const decoder = gemini.stream();
    const metadatas = [
      { promptTokenCount: 5, thoughtsTokenCount: 9 },
      { trafficType: "ON_DEMAND" },
      { promptTokenCount: 5, candidatesTokenCount: 2 },
      { promptTokenCount: 6 },
    ];
    for (const usageMetadata of metadatas) {
      watcher.glance(frameOf({ candidates: [{}], usageMetadata }));
      decoder.push(frameOf({ candidates: [{}], usageMetadata }));
    }
    expect(watcher.usage).toEqual({ inputTokens: 6, outputTokens: 2, reasoningTokens: 9 });
    expect(decoder.usage).toEqual(watcher.usage);
  });
});
