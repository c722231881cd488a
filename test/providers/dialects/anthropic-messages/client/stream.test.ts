// What recorded streams do not show: errors inside a stream, odd frames, the JSON tool, whole blocks at the start.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import { accumulate } from "../support/events.ts";

interface WireEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const usage = { input_tokens: 10, output_tokens: 1 };
const start = (over: object = {}): WireEvent => ({
  type: "message_start",
  message: { id: "msg_1", model: "claude", role: "assistant", content: [], stop_reason: null, usage, ...over },
});
const block = (index: number, content_block: object): WireEvent => ({
  type: "content_block_start",
  index,
  content_block,
});
const delta = (index: number, delta: object): WireEvent => ({ type: "content_block_delta", index, delta });
const stop = (index: number): WireEvent => ({ type: "content_block_stop", index });
const finish = (stop_reason: string, over: object = {}, counted: object = { output_tokens: 5 }): WireEvent => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null, ...over },
  usage: counted,
});
const end: WireEvent = { type: "message_stop" };

function push(...events: readonly (WireEvent | string)[]): readonly CompletionEvent[] {
  const decoder = anthropicMessages.stream();
  const read = events.flatMap((event) =>
    decoder.push(
      typeof event === "string" ? { event: null, data: event } : { event: event.type, data: JSON.stringify(event) },
    ),
  );
  return [...read, ...decoder.end()];
}

const read = (...events: readonly (WireEvent | string)[]) => accumulate(push(...events));

describe("a stream", () => {
  it.each([
    ["overloaded_error", "overloaded"],
    ["rate_limit_error", "rate_limit"],
    ["api_error", "server"],
    ["timeout_error", "timeout"],
    ["invalid_request_error", "bad_request"],
    ["an_error_of_tomorrow", "server"],
  ])("with an error event %s fails as %s, and nothing follows", (type, kind) => {
    const events = push(
      start(),
      { type: "error", error: { type, message: "no" } },
      block(0, { type: "text", text: "x" }),
      end,
    );
    expect(events.at(-1)).toEqual({
      type: "error",
      failure: { kind, message: "no", status: null, code: type, param: null, retryAfterMs: null },
    });
    expect(events.map((event) => event.type)).toEqual(["start", "usage", "error"]);
  });

  it.each(["{", "null", "[]", ""])("with a frame %j fails as a protocol failure", (data) => {
    expect(read(start(), data).failure?.kind).toBe("protocol");
  });

  it("without any frame fails as a protocol failure", () => {
    expect(read().failure?.kind).toBe("protocol");
  });

  it("passes over pings, and over events, blocks and deltas that are not known yet", () => {
    const told = read(
      start(),
      { type: "ping" },
      { type: "an_event_of_tomorrow", index: 0 },
      block(0, { type: "a_block_of_tomorrow", text: "?" }),
      delta(0, { type: "text_delta", text: "?" }),
      stop(0),
      block(1, { type: "text", text: "" }),
      delta(1, { type: "a_delta_of_tomorrow", text: "?" }),
      delta(1, { type: "text_delta", text: "yes" }),
      stop(1),
      finish("end_turn"),
      end,
    );
    expect(told).toMatchObject({ content: [{ type: "text", text: "yes" }], finish: "stop", failure: null });
  });

  it("numbers parts by their appearance, without gaps for blocks that say nothing", () => {
    const told = read(
      start(),
      block(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "signature_delta", signature: "only" }),
      stop(0),
      block(1, { type: "text", text: "" }),
      stop(1),
      block(2, { type: "server_tool_use", id: "srv", name: "web_search", input: {} }),
      delta(2, { type: "input_json_delta", partial_json: '{"q":1}' }),
      stop(2),
      block(3, { type: "redacted_thinking", data: "enc" }),
      stop(3),
      block(4, { type: "tool_use", id: "toolu_1", name: "look", input: {} }),
      delta(4, { type: "input_json_delta", partial_json: "" }),
      delta(4, { type: "input_json_delta", partial_json: '{"a"' }),
      delta(4, { type: "input_json_delta", partial_json: ":1}" }),
      stop(4),
      finish("tool_use"),
      end,
    );
    expect(told.content).toEqual([
      { type: "reasoning", text: "", signature: { vendor: "anthropic", value: "only" } },
      { type: "reasoning", text: "", encrypted: { vendor: "anthropic", value: "enc" } },
      { type: "tool-call", id: "toolu_1", name: "look", arguments: '{"a":1}' },
    ]);
    expect(told.finish).toBe("tool-calls");
  });

  it.each([
    ["no delta", []],
    ["an empty delta", [delta(0, { type: "input_json_delta", partial_json: "" })]],
  ])("gives a call with %s the input that its block began with", (_name, deltas) => {
    const withInput = (input: object) =>
      read(
        start(),
        block(0, { type: "tool_use", id: "t", name: "look", input }),
        ...deltas,
        stop(0),
        finish("tool_use"),
        end,
      );
    expect(withInput({}).content).toMatchObject([{ arguments: "{}" }]);
    expect(withInput({ city: "Paris" }).content).toMatchObject([{ arguments: '{"city":"Paris"}' }]);
  });

  it("keeps arguments that are no JSON", () => {
    const told = read(
      start(),
      block(0, { type: "tool_use", id: "t", name: "look", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: '{"a": unfin' }),
      stop(0),
      finish("max_tokens"),
      end,
    );
    expect(told).toMatchObject({ content: [{ arguments: '{"a": unfin' }], finish: "length" });
  });

  it("gives the JSON tool's input as text, and stops as a text does", () => {
    const jsonTool = block(1, { type: "tool_use", id: "t", name: "turnpike_json_output", input: {} });
    const told = read(
      start(),
      block(0, { type: "text", text: "Here:" }),
      stop(0),
      jsonTool,
      delta(1, { type: "input_json_delta", partial_json: '{"city":' }),
      delta(1, { type: "input_json_delta", partial_json: '"Paris"}' }),
      stop(1),
      finish("tool_use"),
      end,
    );
    expect(told.content).toEqual([
      { type: "text", text: "Here:" },
      { type: "text", text: '{"city":"Paris"}' },
    ]);
    expect(told).toMatchObject({ finish: "stop", rawFinish: "tool_use" });
  });

  it("that calls another tool beside the JSON tool stops for that call", () => {
    const told = read(
      start(),
      block(0, { type: "tool_use", id: "a", name: "turnpike_json_output", input: {} }),
      stop(0),
      block(1, { type: "tool_use", id: "b", name: "look", input: {} }),
      stop(1),
      finish("tool_use"),
      end,
    );
    expect(told.finish).toBe("tool-calls");
    expect(told.content).toMatchObject([
      { type: "text", text: "{}" },
      { type: "tool-call", name: "look" },
    ]);
  });

  it("reads blocks that message_start holds already", () => {
    const content = [
      { type: "code_execution_tool_result", tool_use_id: "srv", content: {} },
      { type: "tool_use", id: "toolu_1", name: "lookup", input: { id: "customer_123" } },
    ];
    const told = read(start({ content, stop_reason: "tool_use" }), end);
    expect(told.content).toEqual([
      { type: "tool-call", id: "toolu_1", name: "lookup", arguments: '{"id":"customer_123"}' },
    ]);
    expect(told).toMatchObject({ finish: "tool-calls", failure: null });
  });

  it("tells why the model refused", () => {
    const stop_details = { type: "refusal", category: "cyber", explanation: "Blocked." };
    const told = read(start(), finish("refusal", { stop_details }), end);
    expect(told).toMatchObject({ content: [{ type: "refusal", text: "Blocked." }], finish: "content-filter" });
  });

  it("tells which stop sequence ended it", () => {
    expect(read(start(), finish("stop_sequence", { stop_sequence: "END" }), end)).toMatchObject({
      finish: "stop",
      stopSequence: "END",
    });
  });

  it("finishes with the frame that has the reason, so that a reader of the last frames finds it", () => {
    expect(push(finish("end_turn")).map(({ type }) => type)).toEqual(["finish", "usage", "error"]);
  });

  it("gives citations to the part that they stand in", () => {
    const citation = { type: "web_search_result_location", url: "https://a.example", title: "A", cited_text: "quote" };
    const told = read(
      start(),
      block(0, { type: "text", text: "" }),
      delta(0, { type: "text_delta", text: "said" }),
      delta(0, { type: "citations_delta", citation }),
      stop(0),
      finish("end_turn"),
      end,
    );
    expect(told.content).toEqual([
      {
        type: "text",
        text: "said",
        citations: [{ kind: "url", url: "https://a.example", title: "A", quote: "quote", raw: citation }],
      },
    ]);
  });

  it("counts each member of usage anew: the last value replaces, an absent one keeps, a 0 counts", () => {
    const first = { input_tokens: 100, cache_read_input_tokens: 50, cache_creation_input_tokens: 7, output_tokens: 1 };
    const last = { output_tokens: 30, cache_read_input_tokens: 0, cache_creation_input_tokens: null };
    const counted = push(start({ usage: first }), finish("end_turn", {}, last), end).filter(
      (event) => event.type === "usage",
    );
    expect(counted.map((event) => event.usage)).toEqual([
      { inputTokens: 100, cachedInputTokens: 50, cacheWriteTokens: 7, outputTokens: 1 },
      { inputTokens: 100, cachedInputTokens: 0, cacheWriteTokens: 7, outputTokens: 30 },
    ]);
  });
});
