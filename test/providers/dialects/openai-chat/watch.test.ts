// Watching streams that are passed on: what each frame is, at the price of a look.
import { describe, expect, it, vi } from "vitest";
import type { FrameGlance } from "../../../../providers/dialects/dialect.ts";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";
import { recording } from "../../../support/recordings.ts";
import { chunk, frames, framesOf } from "./frames.ts";

function kinds(...chunks: readonly (object | string)[]): FrameGlance["kind"][] {
  const watcher = openaiChat().watch();
  return frames(...chunks).map((frame) => watcher.glance(frame).kind);
}

const role = chunk({ role: "assistant", content: "" });
const stop = chunk({}, { finish_reason: "stop" });
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

describe("a frame", () => {
  it("is preamble until there is something to show", () => {
    const filter = { id: "", choices: [], prompt_filter_results: [] };
    const empty = chunk({ role: "assistant", content: null, refusal: null, tool_calls: [] }, {}, { usage: null });
    expect(kinds(filter, role, empty, role, chunk({ content: "Hi" }), role)).toEqual([
      "preamble",
      "preamble",
      "preamble",
      "preamble",
      "content",
      "content",
    ]);
  });

  it.each([
    ["text", chunk({ content: "Hi" })],
    ["reasoning", chunk({ reasoning_content: "Hm" })],
    ["a tool call", chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f" } }] })],
    ["a refusal", chunk({ refusal: "No" })],
    ["a member that nobody knows yet", chunk({ hologram: { data: "x" } })],
    ["the finish", stop],
  ])("with %s is content", (_what, frame) => {
    expect(kinds(role, frame)).toEqual(["preamble", "content"]);
  });

  it("with usage and no choices is accounting, whoever looks at it first", () => {
    expect(kinds({ id: "c1", choices: [], usage })).toEqual(["usage"]);
    expect(kinds(chunk({ content: "Hi" }), stop, { choices: [], usage }, "[DONE]")).toEqual([
      "content",
      "content",
      "usage",
      "end",
    ]);
  });

  it("with usage beside content is content, and its usage counts", () => {
    const watcher = openaiChat().watch();
    const [frame] = frames(chunk({ content: "Hi" }, { finish_reason: "stop" }, { usage }));
    expect(watcher.glance(frame ?? { event: null, data: "" }).kind).toBe("content");
    expect(watcher.usage).toEqual({ inputTokens: 1, outputTokens: 1 });
  });

  it("is not taken for usage or an error because a model says so", () => {
    const words = '{"usage":{"prompt_tokens":9},"error":{"message":"x"},"choices":[]}';
    const watcher = openaiChat().watch();
    const said = frames(role, chunk({ content: "Hi" }), chunk({ content: words }), chunk({ content: words }));
    expect(said.map((frame) => watcher.glance(frame).kind)).toEqual(["preamble", "content", "content", "content"]);
    expect(watcher.usage).toBeNull();
  });

  it.each([
    ["as a chunk", { error: { message: "Overloaded", code: 503 } }],
    ["of a choice", chunk({}, { error: { message: "Overloaded", code: 503 } })],
  ])("with an error %s is one, before content and after", (_how, frame) => {
    for (const before of [[], [role, chunk({ content: "Hi" })]]) {
      const watcher = openaiChat().watch();
      const glances = frames(...before, frame).map((each) => watcher.glance(each));
      expect(glances.at(-1)).toMatchObject({ kind: "error", failure: { kind: "overloaded" } });
    }
  });

  it("named an error is one, even when it is no JSON", () => {
    expect(openaiChat().watch().glance({ event: "error", data: "boom" })).toMatchObject({ kind: "error" });
    expect(kinds(chunk({ content: "Hi" }, {}, { error: null }))).toEqual(["content"]);
  });
});

describe("the end", () => {
  function ended(...chunks: readonly (object | string)[]): boolean {
    const watcher = openaiChat().watch();
    for (const frame of frames(...chunks)) watcher.glance(frame);
    return watcher.ended;
  }
  const hello = chunk({ content: "Hi" });
  const second = chunk({ content: "Yo" }, { index: 1 });

  it("is [DONE], or a finish of every choice that began", () => {
    expect(ended(hello)).toBe(false);
    expect(ended(hello, "[DONE]")).toBe(true);
    expect(ended(hello, stop)).toBe(true);
    expect(ended(hello, second, stop)).toBe(false);
    expect(ended(hello, second, hello, stop, chunk({}, { index: 1, finish_reason: "stop" }))).toBe(true);
  });
});

describe("the price", () => {
  it("is no parse for the frames of text", () => {
    const parse = vi.spyOn(JSON, "parse");
    const all = framesOf(recording("openai", "chat-completion-stream-prompt-caching-cache-read-stream").response);
    const watcher = openaiChat().watch();
    parse.mockClear();
    for (const frame of all) watcher.glance(frame);
    const parses = parse.mock.calls.length;
    parse.mockRestore();
    expect(all.length).toBeGreaterThan(100);
    expect(parses).toBeLessThanOrEqual(3);
    expect(watcher.usage).toMatchObject({ cachedInputTokens: 1280 });
  });
});
