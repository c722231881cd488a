// Watching streams that are passed on: what each frame is, at the price of a look, and the cost that the last one is told.
import { describe, expect, it } from "vitest";
import type { Frame } from "../../../../providers/dialects/dialect.ts";
import { openaiResponses, openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { framesOf } from "../openai-chat/frames.ts";
import { frames } from "./neutral.ts";
import { failures, named, streams } from "./responses-recordings.ts";

function kinds(...list: readonly Frame[]): readonly string[] {
  const watcher = openaiResponses().watch();
  return list.map((frame) => watcher.glance(frame).kind);
}

const created = { type: "response.created", response: { id: "resp_1", usage: null } };
const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const completed = { type: "response.completed", response: { id: "resp_1", usage } };
const added = (item: object) => ({ type: "response.output_item.added", output_index: 0, item });

describe("a frame", () => {
  it("is preamble until there is something to show", () => {
    expect(
      kinds(
        ...frames(
          created,
          { type: "response.queued" },
          { type: "response.in_progress" },
          added({ type: "reasoning", summary: [], encrypted_content: "gAAAAABp" }),
          { ...added({ type: "reasoning", summary: [] }), type: "response.output_item.done" },
          added({ type: "message", content: [] }),
          { type: "response.content_part.added", part: { type: "output_text", text: "" } },
          { type: "response.output_text.delta", delta: "Hi" },
          { type: "response.content_part.done", part: { type: "output_text", text: "" } },
        ),
      ),
    ).toEqual([...Array(7).fill("preamble"), "content", "content"]);
  });

  it.each([
    ["text", { type: "response.output_text.delta", delta: "Hi" }],
    ["reasoning", { type: "response.reasoning_summary_text.delta", delta: "Hm" }],
    ["a call", added({ type: "function_call", name: "look" })],
    ["a search", { type: "response.web_search_call.searching" }],
    ["a picture on its way", added({ type: "image_generation_call" })],
    [
      "a message that came whole",
      { ...added({ type: "message", content: [{ text: "Hi" }] }), type: "response.output_item.done" },
    ],
    [
      "a summary that came whole",
      { type: "response.reasoning_summary_part.done", part: { type: "summary_text", text: "Hm" } },
    ],
    ["something new", { type: "response.hologram.delta" }],
  ])("with %s is content", (_what, event) => {
    expect(kinds(...frames(created, event))).toEqual(["preamble", "content"]);
  });

  it("is known by its data where it has no name", () => {
    const nameless = frames(created, { type: "response.output_text.delta", delta: '"type":"error"' }, completed);
    expect(kinds(...nameless.map(({ data }) => ({ event: null, data })))).toEqual(["preamble", "content", "usage"]);
    expect(kinds({ event: null, data: "[DONE]" })).toEqual(["preamble"]);
    expect(kinds({ event: null, data: '{"type": "error", "message": "Oh."}' })).toEqual(["error"]);
  });

  it("at the end is accounting, whoever looks at it first", () => {
    expect(kinds(...frames(completed))).toEqual(["usage"]);
    const watcher = openaiResponses().watch();
    expect([watcher.ended, watcher.usage]).toEqual([false, null]);
    for (const frame of frames(created, completed)) watcher.glance(frame);
    expect([watcher.ended, watcher.usage]).toEqual([true, { inputTokens: 3, outputTokens: 4 }]);
  });

  it.each([
    [frames({ type: "error", code: "rate_limit_exceeded", message: "Slow." }), "rate_limit"],
    [frames({ type: "response.failed", response: { error: { code: "server_error", message: "Oh." } } }), "server"],
    [frames({ type: "response.failed", response: null }), "protocol"],
    [[{ event: "error", data: "overloaded" }], "overloaded"],
  ])("with an error is that failure: %j", (list, kind) => {
    const watcher = openaiResponses().watch();
    expect(list.map((frame) => watcher.glance(frame))).toMatchObject([{ kind: "error", failure: { kind } }]);
    expect(watcher.ended).toBe(false);
  });
});

describe("a recorded stream", () => {
  it.each(named(streams))("%s is watched to its end, with the usage that the decoder reads", (_name, recording) => {
    const watcher = openaiResponses().watch();
    const decoder = openaiResponses().stream();
    const list = framesOf(recording.response);
    const glances = list.map((frame) => {
      decoder.push(frame);
      return watcher.glance(frame).kind;
    });
    expect(watcher.ended).toBe(true);
    expect(watcher.usage).toEqual(decoder.usage);
    expect(glances.at(0)).toBe("preamble");
    expect(glances.at(-1)).toBe("usage");
    expect(glances.slice(glances.indexOf("content"), -1).every((kind) => kind === "content")).toBe(true);
  });

  it.each(named(streams))("%s shows content no later than the decoder does", (_name, recording) => {
    const watcher = openaiResponses().watch();
    const decoder = openaiResponses().stream();
    const shown = new Set(["text", "refusal", "reasoning", "tool-call", "tool-arguments", "image"]);
    for (const frame of framesOf(recording.response)) {
      const decoded = decoder.push(frame).some(({ type }) => shown.has(type));
      const kind = watcher.glance(frame).kind;
      if (decoded) expect(["content", "usage"]).toContain(kind);
      if (kind === "content") break;
    }
  });

  it.each(named(failures.filter(({ stream }) => stream)))("%s is watched to its error", (_name, recording) => {
    expect(kinds(...framesOf(recording.response))).toEqual(["preamble", "preamble", "error", "error"]);
  });
});

describe("the cost", () => {
  it.each(named(streams))(
    "of %s is added to the usage of its last frame, and nothing else is changed",
    (_name, recording) => {
      const frame = recording.response.trimEnd().split(/\n\n/).at(-1) ?? "";
      const told = openaiResponsesServer.withCost(`${frame}\n\n`, "0.0125");
      const read = (text: string) => JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
      const { cost, ...rest } = read(told).response.usage;
      expect(cost).toBe(0.0125);
      expect({ ...read(told), response: { ...read(told).response, usage: rest } }).toEqual(read(frame));
      expect(told.replace(/"cost":0.0125,/, "")).toBe(`${frame}\n\n`);
    },
  );

  it("replaces one that the provider named, and is found among tools that speak of usage", () => {
    const paid = { ...completed, response: { usage: { ...usage, cost: 5 } } };
    const [text] = frames(paid).map(({ data }) => openaiResponsesServer.withCost(`data: ${data}\n\n`, "0.5"));
    expect(text).toContain('"cost":0.5}');
    const tools = [{ type: "function", parameters: { properties: { usage: { type: "object" } } } }];
    const [told] = frames({ ...completed, response: { tools, usage } }).map(({ data }) =>
      openaiResponsesServer.withCost(`data: ${data}\n\n`, "0.5"),
    );
    expect(JSON.parse(told?.slice(6) ?? "").response).toEqual({ tools, usage: { ...usage, cost: 0.5 } });
  });

  it("is told to no other frame", () => {
    const [text] = frames(created).map(({ data }) => `data: ${data}\n\n`);
    expect(openaiResponsesServer.withCost(text ?? "", "0.5")).toBe(text);
    expect(openaiResponsesServer.withCost(": comment\n\n", "0.5")).toBe(": comment\n\n");
    expect(openaiResponsesServer.withCost("data: {broken}\n\n", "0.5")).toBe("data: {broken}\n\n");
  });
});
