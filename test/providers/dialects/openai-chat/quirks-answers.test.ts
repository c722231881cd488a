// Quirks: how answers of compatible servers are read.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { compatibleChat, openaiChat, type Quirks } from "../../../../providers/dialects/openai-chat/index.ts";
import { collect } from "./collect.ts";
import { chunk, frames } from "./frames.ts";

function answer(content: string, quirks: Quirks = { thinkTags: true }): readonly AssistantPart[] {
  const body = {
    id: "1",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  };
  return (openaiChat(quirks).decode(body) as Completion).choices[0]?.content ?? [];
}

function streamed(pieces: readonly string[]): readonly AssistantPart[] {
  const decoder = compatibleChat().stream();
  const chunks = [...pieces.map((content) => chunk({ content })), chunk({}, { finish_reason: "stop" }), "[DONE]"];
  const events = [...frames(...chunks).flatMap((frame) => decoder.push(frame)), ...decoder.end()];
  return collect(events).choices.get(0)?.parts ?? [];
}

describe("reasoning between think tags", () => {
  it.each([
    [
      "<think>\nhm\n</think>\n\nyes",
      [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "yes" },
      ],
    ],
    [
      "\n <think>hm</think>yes",
      [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "yes" },
      ],
    ],
    ["<think>\n\n</think>\n\nyes", [{ type: "text", text: "yes" }]],
    ["<think>cut off", [{ type: "reasoning", text: "cut off" }]],
    ["the tag <think> begins", [{ type: "text", text: "the tag <think> begins" }]],
    ["<thin ice>", [{ type: "text", text: "<thin ice>" }]],
    ["<thi", [{ type: "text", text: "<thi" }]],
    [
      "<think>a < b </thin> c</think> d",
      [
        { type: "reasoning", text: "a < b </thin> c" },
        { type: "text", text: "d" },
      ],
    ],
  ])("is told from the text in %j", (content, parts) => {
    expect(answer(content)).toEqual(parts);
  });

  it("is text where the server is OpenAI's own", () => {
    expect(answer("<think>hm</think>yes", {})).toEqual([{ type: "text", text: "<think>hm</think>yes" }]);
  });

  it("is found in a stream however it is cut", () => {
    const word = fc.constantFrom("<think>", "</think>", "<thi", "</", "a", " ", "\n", "<", "think>", "bc");
    const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const places = [...new Set([0, ...cuts.filter((at) => at < whole.length), whole.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, at) => whole.slice(places[at], end));
        const read = (parts: readonly AssistantPart[]) =>
          (["reasoning", "text"] as const).map((type) =>
            parts.map((part) => (part.type === type ? part.text : "")).join(""),
          );
        expect(read(streamed(pieces))).toEqual(read(answer(whole)));
      }),
    );
  });
});

describe("errors in the shapes of compatible servers", () => {
  const failure = (status: number, body: unknown) => openaiChat().error(status, () => null, body);

  it.each([
    ["xAI's first", 400, { code: "Client specified an invalid argument", error: "no such model" }, "no such model"],
    ["xAI's second", 401, { error: "bad key" }, "bad key"],
    [
      "Cloudflare's",
      400,
      { success: false, errors: [{ code: 5007, message: "No such model" }], result: {} },
      "No such model",
    ],
    ["watsonx's", 404, { errors: [{ code: "not_found", message: "gone" }], trace: "t" }, "gone"],
    ["Databricks'", 403, { error_code: "PERMISSION_DENIED", message: "no" }, "no"],
    ["Mistral's", 422, { object: "error", message: "Extra", type: "invalid_request_error", code: "3051" }, "Extra"],
    ["FastAPI's", 422, { detail: [{ loc: ["body"], msg: "m" }] }, '[{"loc":["body"],"msg":"m"}]'],
    ["DeepInfra's", 404, { detail: { error: "Model is not available" } }, "Model is not available"],
  ])("are read: %s", (_who, status, body, message) => {
    expect(failure(status, body)).toMatchObject({ message, status });
  });

  it("are told apart by their codes", () => {
    expect(failure(403, { error_code: "PERMISSION_DENIED", message: "no" })).toMatchObject({
      kind: "permission",
      code: "PERMISSION_DENIED",
    });
  });

  it("are found behind status 200", () => {
    for (const body of [
      { error: { message: "m", code: 429 } },
      { object: "error", message: "m" },
      { errors: [{ message: "m" }] },
    ]) {
      expect(compatibleChat().decode(body)).toMatchObject({ message: "m" });
    }
  });
});

describe("sources that an answer names at its top (Perplexity)", () => {
  it("are citations of its text, with their titles where they have them", () => {
    const top = {
      citations: ["https://a.example"],
      search_results: [{ url: "https://a.example", title: "A", date: null }],
    };
    const body = {
      id: "1",
      model: "m",
      choices: [{ index: 0, message: { content: "x[1]" }, finish_reason: "stop" }],
      ...top,
    };
    expect((compatibleChat().decode(body) as Completion).choices[0]?.content).toEqual([
      { type: "text", text: "x[1]", citations: [{ kind: "url", url: "https://a.example", title: "A" }] },
    ]);
  });

  it("are told once in a stream that repeats them", () => {
    const top = { citations: ["https://a.example", "https://b.example"] };
    const decoder = compatibleChat().stream();
    const chunks = [
      chunk({ content: "x" }, {}, top),
      chunk({ content: "y" }, { finish_reason: "stop" }, top),
      "[DONE]",
    ];
    const events = frames(...chunks).flatMap((frame) => decoder.push(frame));
    expect(events.filter(({ type }) => type === "citation")).toHaveLength(2);
    expect(events.at(-1)?.type === "finish" || events.some(({ type }) => type === "finish")).toBe(true);
  });
});

it("an empty function_call beside an answer is none (Snowflake)", () => {
  const message = { content: "x", function_call: { name: "", arguments: "" } };
  const body = { id: "", model: "m", choices: [{ index: 0, message, finish_reason: "" }] };
  expect((compatibleChat().decode(body) as Completion).choices[0]).toMatchObject({
    content: [{ type: "text", text: "x" }],
    finish: "stop",
  });
});
