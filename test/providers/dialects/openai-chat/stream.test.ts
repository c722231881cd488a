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

describe("reasoning", () => {
  it.each(["reasoning_content", "reasoning"])("comes as %s", (name) => {
    expect(parts(chunk({ [name]: "Hm" }), chunk({ [name]: "m." }), chunk({ content: "Hi" }), stop)).toEqual([
      { type: "reasoning", text: "Hmm." },
      { type: "text", text: "Hi" },
    ]);
  });

  it("is not read twice where details repeat the plain text", () => {
    const detail = (rest: object) => ({ format: "anthropic-claude-v1", index: 0, type: "reasoning.text", ...rest });
    expect(
      parts(
        chunk({ reasoning: "Hm", reasoning_details: [detail({ text: "Hm" })] }),
        chunk({ reasoning: null, reasoning_details: [detail({ signature: "c2ln" })] }),
        chunk({ content: "Hi" }),
        stop,
      ),
    ).toEqual([
      { type: "reasoning", text: "Hm", signature: { vendor: "anthropic", value: "c2ln" } },
      { type: "text", text: "Hi" },
    ]);
  });

  it("has its ciphertext even when that comes after the answer", () => {
    const common = { format: "openai-responses-v1", index: 0 };
    expect(
      parts(
        chunk({ reasoning_details: [{ type: "reasoning.summary", summary: "Short", ...common }] }),
        chunk({ content: "Hi" }),
        chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "ZW5j", id: "rs_1", ...common }] }),
        stop,
      ),
    ).toEqual([
      { type: "reasoning", text: "Short", encrypted: { vendor: "openai", value: "ZW5j" } },
      { type: "text", text: "Hi" },
    ]);
  });

  it("of another index is another part", () => {
    const detail = (index: number) => chunk({ reasoning_details: [{ type: "reasoning.text", text: "x", index }] });
    expect(parts(detail(0), detail(0), detail(1), stop)).toEqual([
      { type: "reasoning", text: "xx" },
      { type: "reasoning", text: "x" },
    ]);
  });
});

describe("tool calls", () => {
  const two = [
    { type: "tool-call", id: "a", name: "f", arguments: '{"x":1}' },
    { type: "tool-call", id: "b", name: "g", arguments: "{}" },
  ];
  const made = (name: string | undefined, args: string | undefined) => ({ function: { name, arguments: args } });

  it.each([
    [
      "cut as OpenAI cuts them",
      [
        call({ index: 0, id: "a", type: "function", ...made("f", "") }),
        call({ index: 0, ...made(undefined, '{"x"') }),
        call({ index: 0, ...made(undefined, ":1}") }),
        call({ index: 1, id: "b", ...made("g", "") }),
        call({ index: 1, ...made(undefined, "{}") }),
      ],
    ],
    [
      "with the id and name on every delta",
      [
        call({ index: 0, id: "a", ...made("f", "") }),
        call({ index: 0, id: "a", ...made("f", '{"x":1}') }),
        call({ index: 1, id: "b", ...made("g", "{}") }),
      ],
    ],
    [
      "whole, in one chunk",
      [
        chunk({
          tool_calls: [
            { index: 0, id: "a", ...made("f", '{"x":1}') },
            { index: 1, id: "b", ...made("g", "{}") },
          ],
        }),
      ],
    ],
    [
      "whole and without an index (Gemini)",
      [
        chunk({
          tool_calls: [
            { id: "a", ...made("f", '{"x":1}') },
            { id: "b", ...made("g", "{}") },
          ],
        }),
      ],
    ],
    [
      "in pieces without an index",
      [call({ id: "a", ...made("f", '{"x"') }), call(made(undefined, ":1}")), call({ id: "b", ...made("g", "{}") })],
    ],
    [
      "whole, each with index 0",
      [call({ index: 0, id: "a", ...made("f", '{"x":1}') }), call({ index: 0, id: "b", ...made("g", "{}") })],
    ],
    [
      "interleaved",
      [
        call({ index: 0, id: "a", ...made("f", '{"x"') }),
        call({ index: 1, id: "b", ...made("g", "{") }),
        call({ index: 0, ...made(undefined, ":1}") }),
        call({ index: 1, ...made(undefined, "}") }),
      ],
    ],
    [
      "with the name after the id and the first arguments",
      [
        call({ index: 0, id: "a", ...made(undefined, '{"x"') }),
        call({ index: 0, ...made("f", ":1}") }),
        call({ index: 1, id: "b", ...made("g", "{}") }),
      ],
    ],
  ])("%s are two calls", (_how, chunks) => {
    expect(parts(...chunks, stop)).toEqual(two);
  });

  it("make the finish `tool-calls` even where the server says stop", () => {
    const events = decodeAll(frames(call({ index: 0, id: "a", ...made("f", "{}") }), stop));
    expect(events.at(-1)).toEqual({ type: "finish", choice: 0, reason: "tool-calls", raw: "stop" });
  });

  it("without ids are given some, always the same", () => {
    const chunks = [call({ index: 0, ...made("f", "{}") }), call({ index: 1, ...made("g", "{}") }), stop];
    const ids = parts(...chunks)?.map((part) => (part.type === "tool-call" ? part.id : ""));
    expect(ids).toEqual(["call_c1_0_0", "call_c1_0_1"]);
    expect(parts(...chunks)).toEqual(parts(...chunks));
  });

  it("carry Gemini's signature from their own member or from a detail beside them", () => {
    const signed = {
      type: "tool-call",
      id: "a",
      name: "f",
      arguments: "{}",
      signature: { vendor: "google", value: "c2ln" },
    };
    const own = call({
      index: 0,
      id: "a",
      ...made("f", "{}"),
      extra_content: { google: { thought_signature: "c2ln" } },
    });
    const beside = chunk({
      reasoning_details: [{ type: "reasoning.encrypted", data: "c2ln", id: "a", format: "google-gemini-v1", index: 0 }],
      tool_calls: [{ index: 0, id: "a", ...made("f", "{}") }],
    });
    expect(parts(own, stop)).toEqual([signed]);
    expect(parts(beside, stop)).toEqual([signed]);
  });

  it("in the form before tools, and arguments that are objects, are read", () => {
    expect(
      parts(
        chunk({ function_call: { name: "f", arguments: "{" } }),
        chunk({ function_call: { arguments: "}" } }),
        stop,
      ),
    ).toEqual([{ type: "tool-call", id: "call_c1_0_0", name: "f", arguments: "{}" }]);
    expect(parts(call({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }), stop)).toEqual([
      { type: "tool-call", id: "a", name: "f", arguments: '{"x":1}' },
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
