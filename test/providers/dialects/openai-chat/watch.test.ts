// Watching streams that are passed on: what each frame is, at the price of a look.
import fc from "fast-check";
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

describe("what is seen without parsing", () => {
  const tricky = [
    '"',
    "\\",
    '\\"',
    '","usage":{"prompt_tokens":9',
    '"},"error":{"message":"x"',
    '"choices":[]',
    "word",
    "\n",
  ];
  const words = fc.array(fc.constantFrom(...tricky), { minLength: 1, maxLength: 3 }).map((some) => some.join(""));
  const index = fc.constantFrom(0, 0, 0, 1);
  const frame = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(words, index).map(([content, at]) => chunk({ content }, { index: at })) },
    { weight: 3, arbitrary: words.map((content) => chunk({ content }, {}, { usage: null, obfuscation: "aBc" })) },
    { weight: 2, arbitrary: words.map((text) => chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })) },
    { weight: 2, arbitrary: words.map((text) => chunk({ reasoning: text, content: "" })) },
    { weight: 1, arbitrary: words.map((content) => chunk({ content }, {}, { usage })) },
    { weight: 1, arbitrary: fc.constantFrom(role, { choices: [], usage }, { choices: [] }) },
    { weight: 1, arbitrary: words.map((content) => ({ ...chunk({ content }), error: { message: "x" } })) },
  );

  /** The same judgement from the parsed chunk. */
  function plainKind(parsed: Record<string, unknown>, begun: boolean): string {
    if (parsed.error !== undefined) return "error";
    const [choice] = parsed.choices as { delta: Record<string, unknown> }[];
    if (choice === undefined) return parsed.usage === undefined ? "preamble" : "usage";
    const { role: _role, ...delta } = choice.delta;
    return begun || Object.values(delta).some((value) => value !== "") ? "content" : "preamble";
  }

  it("is what parsing every frame would see, whatever a model says", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 40 }), (chunks) => {
        const watcher = openaiChat().watch();
        let begun = false;
        for (const [at, each] of frames(...chunks).entries()) {
          const expected = plainKind(chunks[at] as Record<string, unknown>, begun);
          expect(watcher.glance(each).kind).toBe(expected);
          begun ||= expected === "content";
        }
      }),
      { numRuns: 500 },
    );
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
