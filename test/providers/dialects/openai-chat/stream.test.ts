// Streams as compatible servers send them: each deviates from OpenAI's in its way, and is read all the same.
import { describe, expect, it } from "vitest";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";
import { collect } from "./collect.ts";
import { chunk, decodeAll, frames } from "./frames.ts";

const stop = chunk({}, { finish_reason: "stop" });
const done = "[DONE]";
const call = (members: object) => chunk({ tool_calls: [members] });

/** The parts of the first choice of a stream of these chunks. */
function parts(...chunks: readonly (object | string)[]) {
  const collected = collect(decodeAll(frames(...chunks)));
  expect(collected.failure).toBeNull();
  return collected.choices.get(0)?.parts;
}

describe("the end of a stream", () => {
  const hello = chunk({ content: "Hi" });
  const failure = (...chunks: readonly (object | string)[]) => collect(decodeAll(frames(...chunks))).failure;

  it("may lack [DONE] when every choice that began has finished", () => {
    expect(failure(hello, stop)).toBeNull();
    expect(failure(hello)).toMatchObject({ kind: "protocol", status: null });
    expect(failure(hello, chunk({ content: "Yo" }, { index: 1 }), stop)).toMatchObject({ kind: "protocol" });
    expect(failure()).toMatchObject({ kind: "protocol" });
  });

  it("may lack finish reasons when there is [DONE]", () => {
    const { choices, failure: none } = collect(
      decodeAll(frames(hello, call({ index: 0, id: "a", function: { name: "f" } }), done)),
    );
    expect(none).toBeNull();
    expect(choices.get(0)).toMatchObject({ finish: "tool-calls", raw: null });
  });

  it("is a failure when it comes before any answer", () => {
    expect(failure(done)).toMatchObject({ kind: "protocol" });
  });

  it("is heard once, though some servers say the finish reason twice", () => {
    const finishes = decodeAll(frames(hello, stop, stop, done)).filter(({ type }) => type === "finish");
    expect(finishes).toHaveLength(1);
  });

  it.each([
    ["eos", "stop"],
    ["tool_use", "tool-calls"],
    ["model_length", "length"],
    ["function_call", "tool-calls"],
    ["content_filter", "content-filter"],
    ["error", "error"],
    ["insufficient_system_resource", "error"],
    ["COMPLETED", "stop"],
  ])("for the reason %s is %s, and the word is kept", (raw, reason) => {
    const events = decodeAll(frames(hello, chunk({}, { finish_reason: raw }), done));
    expect(events.at(-1)).toEqual({ type: "finish", choice: 0, reason, raw });
  });

  it("keeps OpenRouter's native word", () => {
    const events = decodeAll(frames(hello, chunk({}, { finish_reason: "stop", native_finish_reason: "end_turn" })));
    expect(events.at(-1)).toMatchObject({ reason: "stop", raw: "end_turn" });
  });
});

describe("an error inside a stream", () => {
  it.each([
    ["as a chunk", { error: { message: "Overloaded", code: 503 } }, "overloaded"],
    [
      "beside choices (OpenRouter)",
      { ...chunk({}, { finish_reason: "error" }), error: { code: 502, message: "Gone" } },
      "server",
    ],
    ["of a choice", chunk({}, { error: { code: 429, message: "Limited" } }), "rate_limit"],
    ["at the top (vLLM)", { object: "error", message: "bad", code: 400 }, "bad_request"],
    ["that is no JSON", "<html>", "protocol"],
    ["that is JSON but no object", "5", "protocol"],
  ])("%s ends it", (_how, frame, kind) => {
    const events = decodeAll(frames(chunk({ content: "Hi" }), frame, chunk({ content: "more" }), done));
    expect(events.at(-1)).toMatchObject({ type: "error", failure: { kind, status: null } });
    expect(events.filter(({ type }) => type === "text")).toHaveLength(1);
  });

  it("is told by the event's name too (Groq)", () => {
    const decoder = openaiChat().stream();
    const data = JSON.stringify({ message: "Tool call validation failed", status_code: 400 });
    expect(decoder.push({ event: "error", data })).toMatchObject([{ type: "error", failure: { kind: "bad_request" } }]);
    expect(decoder.end()).toEqual([]);
  });
});

describe("chunks", () => {
  it("without choices begin nothing (Azure's prompt filter), and neither do blank frames", () => {
    const filter = { id: "", model: "", choices: [], prompt_filter_results: [] };
    const [start] = decodeAll(frames("", filter, chunk({ role: "assistant", content: "" }), stop, done));
    expect(start).toEqual({
      type: "start",
      id: "c1",
      model: "m",
      createdS: 1,
      serviceTier: null,
      systemFingerprint: null,
    });
  });

  it("of several choices are kept apart, and one without an index is the first", () => {
    const { choices } = collect(
      decodeAll(
        frames(
          { id: "c1", choices: [{ delta: { content: "A" } }] },
          chunk({ content: "B" }, { index: 1 }),
          chunk({ content: "a" }, { finish_reason: "stop" }),
          chunk({ content: "b" }, { index: 1, finish_reason: "length" }),
        ),
      ),
    );
    expect(choices.get(0)).toMatchObject({ parts: [{ type: "text", text: "Aa" }], finish: "stop" });
    expect(choices.get(1)).toMatchObject({ parts: [{ type: "text", text: "Bb" }], finish: "length" });
  });

  it("may hold content as an array with thinking in it (Mistral)", () => {
    const thinking = (words: string) =>
      chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: words }] }] });
    expect(parts(thinking("Hm"), thinking("m."), chunk({ content: [{ type: "text", text: "Hi" }] }), stop)).toEqual([
      { type: "reasoning", text: "Hmm." },
      { type: "text", text: "Hi" },
    ]);
  });

  it("may hold citations, sound, pictures and refusals", () => {
    const url_citation = { url: "https://a", title: "A", start_index: 0, end_index: 2 };
    const url = "data:image/png;base64,AAAA";
    expect(
      parts(
        chunk({ content: "Hi", annotations: [{ type: "url_citation", url_citation }] }),
        chunk({ refusal: "No" }),
        chunk({ audio: { id: "a1", transcript: "Hi" } }),
        chunk({ audio: { data: "UklG", expires_at: 9 } }),
        chunk({ images: [{ type: "image_url", image_url: { url } }] }),
        stop,
      ),
    ).toEqual([
      {
        type: "text",
        text: "Hi",
        citations: [{ kind: "url", url: "https://a", title: "A", startIndex: 0, endIndex: 2 }],
      },
      { type: "refusal", text: "No" },
      { type: "output-audio", id: "a1", data: "UklG", transcript: "Hi", expiresAtS: 9 },
      { type: "output-image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
    ]);
  });

  it("of text on both sides of a tool call are two parts", () => {
    const tool = call({ index: 0, id: "a", function: { name: "f", arguments: "{}" } });
    expect(parts(chunk({ content: "A" }), tool, chunk({ content: "B" }), stop)?.map(({ type }) => type)).toEqual([
      "text",
      "tool-call",
      "text",
    ]);
  });
});

describe("usage", () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
  const hello = chunk({ content: "Hi" });

  it.each([
    ["on a last chunk without choices", [hello, stop, { id: "c1", choices: [], usage }, done]],
    ["on the last chunk with content", [hello, chunk({ content: "" }, { finish_reason: "stop" }, { usage }), done]],
    [
      "on every chunk, growing",
      [
        chunk({ content: "H" }, {}, { usage: { ...usage, completion_tokens: 1 } }),
        chunk({ content: "i" }, { finish_reason: "stop" }, { usage }),
      ],
    ],
    ["in x_groq", [hello, chunk({}, { finish_reason: "stop" }, { x_groq: { id: "r", usage } }), done]],
    ["then null", [hello, chunk({}, { finish_reason: "stop" }, { usage }), chunk({}, {}, { usage: null }), done]],
  ])("%s is the last that was told", (_where, chunks) => {
    const decoder = openaiChat().stream();
    const watcher = openaiChat().watch();
    for (const frame of frames(...chunks)) {
      decoder.push(frame);
      watcher.glance(frame);
    }
    expect(decoder.usage).toEqual({ inputTokens: 5, outputTokens: 2 });
    expect(watcher.usage).toEqual(decoder.usage);
  });
});
