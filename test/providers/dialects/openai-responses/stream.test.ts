// Reading streams: how the dialect bears servers that leave things out, and what becomes of what it does not know.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompletionEvent } from "../../../../providers/dialects/completion.ts";
import { openaiResponses } from "../../../../providers/dialects/openai-responses/index.ts";
import { collect } from "../openai-chat/collect.ts";
import { decodeAll, frames, type HandWritten } from "./neutral.ts";

const created = {
  type: "response.created",
  response: { id: "resp_1", model: "m", created_at: 5.7, service_tier: "auto" },
};
const completed = (response: object = {}) => ({
  type: "response.completed",
  response: { id: "resp_1", status: "completed", output: [], ...response },
});
const message = { type: "message", id: "msg_1", role: "assistant", content: [] };
const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", arguments: "" };

function parts(...events: readonly HandWritten[]) {
  const { choices, failure } = collect(decodeAll(frames(created, ...events, completed())));
  expect(failure).toBeNull();
  return choices.get(0)?.parts;
}

function types(events: readonly CompletionEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

describe("a stream", () => {
  it("begins with its first event, whichever that is", () => {
    expect(decodeAll(frames(created))[0]).toEqual({
      type: "start",
      id: "resp_1",
      model: "m",
      createdS: 5,
      serviceTier: "auto",
    });
    const late = decodeAll(frames({ type: "response.output_text.delta", delta: "Hi" }, completed()));
    expect(types(late)).toEqual(["start", "text", "finish"]);
  });

  it("gives the arguments of a call that has deltas, one whole piece, or nothing but its item", () => {
    const added = { type: "response.output_item.added", output_index: 0, item: call };
    const delta = { type: "response.function_call_arguments.delta", output_index: 0, delta: '{"a"' };
    const done = { type: "response.output_item.done", output_index: 0, item: { ...call, arguments: '{"a":1}' } };
    const whole = [{ type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}' }];
    expect(parts(added, delta, done)).toEqual(whole);
    expect(parts(added, done)).toEqual(whole);
    expect(parts(done)).toEqual(whole);
    expect(parts(delta, done)).toEqual(whole);
    expect(parts(added, { ...done, item: call })).toEqual([{ ...whole[0], arguments: "{}" }]);
  });

  it("gives what came in no event but the last", () => {
    const output = [
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "Hm." }],
        encrypted_content: "gAAAAABp",
      },
      {
        ...message,
        content: [
          { type: "output_text", text: "Hi", annotations: [{ type: "url_citation", url: "https://a.example/" }] },
        ],
      },
      { ...call, arguments: "{}" },
    ];
    const { choices } = collect(decodeAll(frames(created, completed({ output }))));
    expect(choices.get(0)).toMatchObject({
      parts: [
        { type: "reasoning", text: "Hm.", encrypted: { vendor: "openai", value: "gAAAAABp" } },
        { type: "text", text: "Hi", citations: [{ kind: "url", url: "https://a.example/" }] },
        { type: "tool-call", id: "call_1" },
      ],
      finish: "tool-calls",
    });
  });

  it("keeps the paragraphs of a summary apart", () => {
    const delta = (summary_index: number, text: string) => ({
      type: "response.reasoning_summary_text.delta",
      output_index: 0,
      summary_index,
      delta: text,
    });
    expect(parts(delta(0, "On"), delta(0, "e."), delta(1, "Two."))).toEqual([
      { type: "reasoning", text: "One.\n\nTwo." },
    ]);
  });

  it("names the vendor of its ciphertexts, or nobody's", () => {
    const done = {
      type: "response.output_item.done",
      output_index: 0,
      item: { type: "reasoning", encrypted_content: "x" },
    };
    const events = frames(created, done, completed());
    const read = (vendor: "xai" | null) => collect(decodeAll(events, vendor)).choices.get(0)?.parts;
    expect(read("xai")).toEqual([{ type: "reasoning", text: "", encrypted: { vendor: "xai", value: "x" } }]);
    expect(read(null)).toEqual([]);
  });

  it("tells refusals, log probabilities, citations and pictures", () => {
    const logprob = { token: "Hi", logprob: -0.5, bytes: [72, 105], top_logprobs: [] };
    const at = { output_index: 0, content_index: 0 };
    const events = decodeAll(
      frames(
        created,
        { type: "response.output_text.delta", ...at, delta: "Hi", logprobs: [logprob] },
        {
          type: "response.output_text.annotation.added",
          ...at,
          annotation: { type: "file_citation", file_id: "file-1", filename: "a.pdf", index: 2 },
        },
        { type: "response.refusal.delta", output_index: 0, content_index: 1, delta: "No" },
        {
          type: "response.output_item.done",
          output_index: 1,
          item: { type: "image_generation_call", result: "aGk=", output_format: "webp" },
        },
        completed(),
      ),
    );
    expect(events.slice(1, -1)).toEqual([
      { type: "text", choice: 0, part: 0, text: "Hi" },
      { type: "logprobs", choice: 0, logprobs: { content: [logprob], refusal: null } },
      {
        type: "citation",
        choice: 0,
        part: 0,
        citation: { kind: "file", fileId: "file-1", title: "a.pdf", startIndex: 2 },
      },
      { type: "refusal", choice: 0, part: 1, text: "No" },
      { type: "image", choice: 0, part: 2, source: { kind: "base64", mediaType: "image/webp", data: "aGk=" } },
    ]);
  });

  it("passes over built-in tools, and events and items that nobody knows yet", () => {
    expect(
      parts(
        { type: "response.output_item.added", output_index: 0, item: { type: "web_search_call", id: "ws_1" } },
        { type: "response.web_search_call.searching", output_index: 0 },
        { type: "response.output_item.done", output_index: 0, item: { type: "hologram", id: "h_1" } },
        { type: "response.hologram.delta", output_index: 0, delta: "x" },
      ),
    ).toEqual([]);
  });

  it.each([
    ["completed", {}, "stop", "completed"],
    [
      "incomplete",
      { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      "length",
      "max_output_tokens",
    ],
    [
      "incomplete",
      { status: "incomplete", incomplete_details: { reason: "content_filter" } },
      "content-filter",
      "content_filter",
    ],
    ["incomplete", { status: "incomplete", incomplete_details: { reason: "steered" } }, "stop", "steered"],
    ["incomplete", { status: "incomplete", incomplete_details: null }, "length", "incomplete"],
    [
      "incomplete",
      { status: undefined, incomplete_details: { reason: "max_output_tokens" } },
      "length",
      "max_output_tokens",
    ],
  ])("ends %s: %j", (word, response, reason, raw) => {
    const events = decodeAll(frames(created, { ...completed(response), type: `response.${word}` }));
    expect(events.at(-1)).toEqual({ type: "finish", choice: 0, reason, raw });
  });

  it("hears nothing after its end", () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const events = decodeAll(
      frames(created, completed({ usage }), { type: "response.output_text.delta", delta: "Hi" }),
    );
    expect(types(events)).toEqual(["start", "usage", "finish"]);
    const decoder = openaiResponses().stream();
    for (const frame of frames(created, completed({ usage }))) decoder.push(frame);
    expect(decoder.usage).toEqual({ inputTokens: 1, outputTokens: 2 });
    expect(decoder.push({ event: null, data: "[DONE]" })).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it.each([
    ["no JSON", [{ event: null, data: "<html>" }], "protocol", /no JSON/],
    ["an error that is no JSON", [{ event: "error", data: "overloaded" }], "protocol", /overloaded/],
    [
      "an error at the top",
      frames({ type: "error", code: "rate_limit_exceeded", message: "Slow." }),
      "rate_limit",
      /Slow/,
    ],
    ["an error inside", frames({ type: "error", error: { code: "server_error", message: "Oh." } }), "server", /Oh/],
    [
      "a failed response",
      frames({ type: "response.failed", response: { error: { code: "invalid_prompt", message: "No." } } }),
      "content_filter",
      /No/,
    ],
    [
      "a failed response that says nothing",
      frames({ type: "response.failed", response: { status: "failed" } }),
      "server",
      /failed/,
    ],
    [
      "a picture that can't be loaded",
      frames({ type: "response.failed", response: { error: { code: "failed_to_download_image", message: "404" } } }),
      "bad_request",
      /404/,
    ],
    ["no end", [], "protocol", /before its end/],
  ])("fails once at %s", (_what, broken, kind, says) => {
    const events = decodeAll([...frames(created), ...broken, ...frames(completed())].slice(0, broken.length + 1));
    expect(events.at(-1)).toMatchObject({ type: "error", failure: { kind, message: expect.stringMatching(says) } });
    expect(types(events).filter((type) => type === "error")).toHaveLength(1);
  });

  it("tells the usage of a failed response before the failure", () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const events = decodeAll(frames(created, { type: "response.failed", response: { status: "failed", usage } }));
    expect(types(events)).toEqual(["start", "usage", "error"]);
  });

  it("of any events at all throws nothing, and numbers its parts without a gap", () => {
    const names = [
      "response.output_item.added",
      "response.output_item.done",
      "response.output_text.delta",
      "response.refusal.delta",
      "response.reasoning_summary_text.delta",
      "response.function_call_arguments.delta",
      "response.output_text.annotation.added",
      "response.completed",
    ];
    const event = fc.record(
      {
        type: fc.constantFrom(...names),
        output_index: fc.oneof(fc.nat({ max: 2 }), fc.constant("x")),
        content_index: fc.nat({ max: 1 }),
        delta: fc.oneof(fc.string(), fc.constant(null)),
        annotation: fc.constantFrom(null, { url: "https://a.example/" }),
        item: fc.record(
          {
            type: fc.constantFrom("message", "reasoning", "function_call", "image_generation_call", "x"),
            content: fc.constantFrom(null, [{ text: "Hi" }, { refusal: "No" }, 5]),
            summary: fc.constantFrom([], [{ text: "Hm" }], "x"),
            arguments: fc.constantFrom("", "{}", { a: 1 }),
            encrypted_content: fc.constantFrom(null, "x"),
            result: fc.constantFrom(null, "aGk="),
          },
          { requiredKeys: ["type"] },
        ),
        response: fc.constantFrom(null, { output: [5, { type: "message", content: [{ text: "Late" }] }] }),
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (list) => {
        const numbers = decodeAll(frames(...list)).flatMap((told) => ("part" in told ? [told.part] : []));
        const seen = [...new Set(numbers)];
        expect(seen).toEqual(seen.map((_, at) => at));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a whole answer", () => {
  const decode = openaiResponses().decode;

  it.each([
    ["no object", "Hi", "protocol"],
    ["no output", { id: "resp_1", status: "completed" }, "protocol"],
    [
      "failed",
      { id: "resp_1", status: "failed", error: { code: "server_error", message: "Oh." }, output: [] },
      "server",
    ],
    ["failed without a word", { id: "resp_1", status: "failed", error: null, output: [] }, "server"],
  ])("that is %s is a failure", (_what, body, kind) => {
    expect(decode(body)).toMatchObject({ kind });
  });

  it("that is still being made is an empty one, so that it can be passed on", () => {
    expect(decode({ id: "resp_1", status: "queued", error: null, output: [] })).toMatchObject({
      choices: [{ content: [], finish: "stop", rawFinish: "queued" }],
      usage: null,
    });
    expect(decode({ id: "resp_1", status: "cancelled", output: [] })).toMatchObject({ choices: [{ finish: "error" }] });
  });
});
