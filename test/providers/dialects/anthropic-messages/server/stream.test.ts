// Streams for Messages API clients: events in the API's order, whatever the provider's look like.
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import { start } from "../../../../support/neutral/answers.ts";
import { type Replay, startReplay } from "../../../../support/replay.ts";
import { contentOf, echoed } from "./answers.ts";
import { checkOrder, type StreamEvent } from "./order.ts";
import { context, readBySdk, streamOf } from "./writing.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

const at = (part: number) => ({ choice: 0, part });
const text = (part: number, words: string): CompletionEvent => ({ type: "text", ...at(part), text: words });
const call = (part: number, id: string): CompletionEvent => ({ type: "tool-call", ...at(part), id, name: "look" });
const args = (part: number, delta: string): CompletionEvent => ({ type: "tool-arguments", ...at(part), delta });
const finish = (reason: "stop" | "tool-calls" = "tool-calls"): CompletionEvent => ({
  type: "finish",
  choice: 0,
  reason,
  raw: null,
});
const shapes = (events: readonly StreamEvent[]) =>
  events.map(({ type, index, content_block, delta }) =>
    [type, index, content_block?.type ?? delta?.type].filter((word) => word !== undefined).join(" "),
  );

describe("the arguments of a streamed tool call", () => {
  it.each([
    ["in one piece", ['{"city":"Paris"}']],
    ["in many pieces, the first of them empty", ["", '{"ci', 'ty":', "", '"Paris"', "}"]],
    ["after a line end", ["\n", '{"city":"Paris"}']],
  ])("reach the SDK when they come %s", async (_name, pieces) => {
    const stream = streamOf([[start], [call(0, "c1")], ...pieces.map((piece) => [args(0, piece)]), [finish()]]);
    const message = await readBySdk(replay, stream);
    expect(message.content).toEqual([{ type: "tool_use", id: "c1", name: "look", input: { city: "Paris" } }]);
    expect(message.stop_reason).toBe("tool_use");
  });

  it.each([
    ["none", []],
    ["an empty one", [""]],
  ])("are an empty object when there is %s", (_name, pieces) => {
    const stream = streamOf([[start, call(0, "c1"), ...pieces.map((piece) => args(0, piece)), finish()]]);
    expect(checkOrder(stream).map(({ delta }) => delta?.partial_json)).toContain("{}");
    expect(contentOf(stream)).toEqual([{ type: "tool_use", id: "c1", name: "look", input: {} }]);
  });

  it.each(["[1,2]", "null", "Paris", '"{"', "12"])("are told as invalid when they are no object: %s", async (words) => {
    const stream = streamOf([[start, call(0, "c1"), ...[...words].map((letter) => args(0, letter)), finish()]]);
    const message = await readBySdk(replay, stream);
    expect(message.content).toMatchObject([{ input: { INVALID_JSON: words } }]);
    expect(echoed(message.content)).toMatchObject([{ arguments: words }]);
  });

  it("that break off are read by the SDK as far as they go", async () => {
    const stream = streamOf([[start, call(0, "c1"), args(0, '{"city":"Paris","da'), finish()]]);
    const message = await readBySdk(replay, stream);
    expect(message.content).toMatchObject([{ input: { city: "Paris" } }]);
  });

  it("go out as they come", () => {
    const encoder = anthropicMessagesServer.stream(context);
    encoder.push([start, call(0, "c1")]);
    expect(encoder.push([args(0, '{"city":')])).toContain('"partial_json":"{\\"city\\":"');
  });
});

describe("parts that a provider mixes", () => {
  it("become blocks one after the other: the later call waits until the earlier one is complete", () => {
    const encoder = anthropicMessagesServer.stream(context);
    encoder.push([start, call(0, "c1"), args(0, '{"a":')]);
    expect(encoder.push([call(1, "c2"), args(1, '{"b":')])).toBe("");
    expect(shapes(eventsIn(encoder.push([args(0, '"}"}')])))).toEqual([
      "content_block_delta 0 input_json_delta",
      "content_block_stop 0",
      "content_block_start 1 tool_use",
      "content_block_delta 1 input_json_delta",
    ]);
    expect(shapes(eventsIn(encoder.push([args(1, "2}")])))).toEqual(["content_block_delta 1 input_json_delta"]);
  });

  it("do not wait for a text or for reasoning, which may go on in another block", () => {
    const stream = streamOf([[start, text(0, "One"), call(1, "c1"), args(1, "{}"), text(0, " two"), finish()]]);
    expect(contentOf(stream)).toEqual([
      { type: "text", text: "One", citations: null },
      { type: "tool_use", id: "c1", name: "look", input: {} },
      { type: "text", text: " two", citations: null },
    ]);
  });

  it("come in the order in which they began when a call never becomes complete", () => {
    const events = [call(0, "c1"), args(0, '{"a":1'), call(1, "c2"), text(2, "End"), args(1, "{}"), args(0, "}")];
    const stream = streamOf([[start, ...events, finish()]]);
    expect(contentOf(stream)).toMatchObject([
      { id: "c1", input: { a: 1 } },
      { id: "c2", input: {} },
      { type: "text", text: "End" },
    ]);
  });

  it("are those of the first choice: this dialect has one answer", () => {
    const other: CompletionEvent = { type: "text", choice: 1, part: 0, text: "Other" };
    const end: CompletionEvent = { type: "finish", choice: 1, reason: "length", raw: null };
    const stream = streamOf([[start, other, text(0, "One"), end, finish("stop")]]);
    expect(contentOf(stream)).toEqual([{ type: "text", text: "One", citations: null }]);
    expect(checkOrder(stream).at(-2)?.delta?.stop_reason).toBe("end_turn");
  });
});

describe("thinking", () => {
  const signature = { vendor: "anthropic", value: "EooC" } as const;

  it("has its signature right before its block stops", () => {
    const stream = streamOf([
      [start, { type: "reasoning", ...at(0), text: "Hm" }],
      [{ type: "reasoning-signature", ...at(0), signature }, text(1, "Hello"), finish("stop")],
    ]);
    expect(shapes(checkOrder(stream)).slice(1, 6)).toEqual([
      "content_block_start 0 thinking",
      "content_block_delta 0 thinking_delta",
      "content_block_delta 0 signature_delta",
      "content_block_stop 0",
      "content_block_start 1 text",
    ]);
  });

  it("that is hidden is a block of its own, without a delta", () => {
    const hidden: CompletionEvent = { type: "reasoning-encrypted", ...at(0), encrypted: signature };
    const stream = streamOf([[start, hidden, text(1, "Hello"), finish("stop")]]);
    expect(contentOf(stream)).toMatchObject([{ type: "redacted_thinking", data: "EooC" }, { type: "text" }]);
  });

  it("that shows a signature alone is a thinking block without words", () => {
    const stream = streamOf([
      [start, { type: "reasoning-signature", ...at(0), signature }, text(1, "A"), finish("stop")],
    ]);
    expect(contentOf(stream)).toMatchObject([{ type: "thinking", thinking: "", signature: "EooC" }, { type: "text" }]);
  });
});

describe("usage in a stream", () => {
  const usage = { inputTokens: 7, cachedInputTokens: 3, cacheWriteTokens: 2, outputTokens: 5, reasoningTokens: 4 };

  it("stands in message_start as far as it is known, and in message_delta as a whole", () => {
    const early = { inputTokens: 7, cachedInputTokens: 3, outputTokens: 1 };
    const stream = streamOf(
      [
        [start, { type: "usage", usage: early }],
        [text(0, "A"), finish("stop")],
      ],
      usage,
    );
    const events = checkOrder(stream);
    expect(events[0]?.message?.usage).toMatchObject({ input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 1 });
    expect(events.at(-2)?.usage).toEqual({
      input_tokens: 7,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 2,
      cache_creation: null,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    });
  });

  it("is told the cost at the end", () => {
    const encoder = anthropicMessagesServer.stream(context);
    const out = encoder.push([start, text(0, "A"), finish("stop")]) + encoder.end(usage, { usd: "0.0000125" });
    expect(checkOrder(out).at(-2)?.usage?.cost).toBe(0.0000125);
  });

  it("is the provider's last word where the gateway has none", () => {
    const encoder = anthropicMessagesServer.stream(context);
    const out = encoder.push([start, { type: "usage", usage }, finish("stop")]) + encoder.end(null, { usd: null });
    expect(checkOrder(out).at(-2)?.usage?.output_tokens).toBe(9);
  });
});

describe("a stream without content", () => {
  it("is a message all the same", async () => {
    const message = await readBySdk(replay, streamOf([]));
    expect(message).toMatchObject({ id: "msg_fallback", content: [], stop_reason: "end_turn" });
  });
});

describe("a stream that waits or fails", () => {
  const whole = streamOf([[start, text(0, "Hello"), finish("stop")]]);
  const ping = anthropicMessagesServer.keepAlive;

  it("is read by the SDK when pings come before the message and in it", async () => {
    const [first = "", ...rest] = whole.split(/(?<=\n\n)/);
    const message = await readBySdk(replay, [ping, ping, first, ping, ...rest].join(""));
    expect(message.content).toEqual([{ type: "text", text: "Hello", citations: null }]);
    checkOrder([ping, first, ping, ...rest].join(""));
  });

  it.each([
    ["before the message", ping],
    ["in the message", whole.slice(0, whole.indexOf("event: content_block_stop"))],
  ])("raises the SDK's error when it fails %s", async (_name, said) => {
    const failure = { status: 503, code: "gateway_overloaded", message: "Too busy.", param: null, requestId: "req_1" };
    const body = said + anthropicMessagesServer.stream(context).fail(failure);
    const headers = { "content-type": "text/event-stream" };
    const { url } = replay.script(() => [{ kind: "head", status: 200, headers }, body], { match: () => false });
    const client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0 });
    const params = { model: "any", max_tokens: 1, messages: [{ role: "user" as const, content: "any" }] };
    const error = await client.messages
      .stream(params)
      .finalMessage()
      .then(
        () => null,
        (cause: unknown) => cause,
      );
    if (!(error instanceof APIError)) throw new Error(`the SDK read no error but ${String(error)}`);
    expect(error.type).toBe("overloaded_error");
    expect(error.message).toContain("Too busy.");
  });
});

/** The events of a piece of a stream. */
function eventsIn(piece: string): readonly StreamEvent[] {
  return [...piece.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "") as StreamEvent);
}
