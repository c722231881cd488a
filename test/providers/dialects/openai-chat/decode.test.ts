// Whole answers as compatible servers give them, with what OpenAI's own recordings do not show.
import { describe, expect, it } from "vitest";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";

function parts(message: object): readonly AssistantPart[] | undefined {
  const completion = openaiChat().decode({
    id: "chatcmpl-1",
    model: "m",
    choices: [{ index: 0, message, finish_reason: "stop" }],
  });
  if ("kind" in completion) throw new Error(completion.message);
  return completion.choices[0]?.content;
}

const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } };

describe("a message", () => {
  it.each([
    ["DeepSeek's reasoning_content", { content: "Hi", reasoning_content: "Hm." }],
    ["Groq's reasoning", { content: "Hi", reasoning: "Hm." }],
    [
      "OpenRouter's details",
      {
        content: "Hi",
        reasoning: "Hm.",
        reasoning_details: [{ type: "reasoning.text", text: "Hm.", format: "unknown", index: 0 }],
      },
    ],
    [
      "Mistral's thinking",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
          { type: "text", text: "Hi" },
        ],
      },
    ],
  ])("with %s is reasoning, then text", (_who, message) => {
    expect(parts({ role: "assistant", ...message })).toEqual([
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Hi" },
    ]);
  });

  it("has a tool call's arguments as text even when they came as an object or not at all", () => {
    const made = (args: unknown) => ({ tool_calls: [{ ...call, function: { name: "f", arguments: args } }] });
    for (const [given, read] of [
      [{ x: 1 }, '{"x":1}'],
      [null, "{}"],
      ["", "{}"],
      ["{bad", "{bad"],
    ]) {
      expect(parts({ content: null, ...made(given) })).toMatchObject([{ type: "tool-call", arguments: read }]);
    }
  });

  it("gives calls without an id one that is always the same and that OpenAI would take back", () => {
    const { id, ...bare } = call;
    const [first, second] = parts({ content: null, tool_calls: [bare, bare] }) ?? [];
    expect([first, second]).toMatchObject([{ id: "call_chatcmpl1_0_0" }, { id: "call_chatcmpl1_0_1" }]);
  });

  it("with sound, pictures and web sources has them all", () => {
    const url_citation = { url: "https://a", title: "A", start_index: 0, end_index: 2, content: "quoted" };
    expect(
      parts({
        content: "Hi",
        annotations: [
          { type: "url_citation", url_citation },
          { type: "file", file: {} },
        ],
        audio: { id: "a1", data: "UklG", transcript: "Hi", expires_at: 9 },
        images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
      }),
    ).toEqual([
      {
        type: "text",
        text: "Hi",
        citations: [{ kind: "url", url: "https://a", title: "A", quote: "quoted", startIndex: 0, endIndex: 2 }],
      },
      { type: "output-audio", id: "a1", data: "UklG", transcript: "Hi", expiresAtS: 9 },
      { type: "output-image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
    ]);
  });

  it("with the empty sound that Snowflake sends has none", () => {
    expect(parts({ content: "Hi", audio: { id: "", data: "", transcript: "", expires_at: 0 } })).toEqual([
      { type: "text", text: "Hi" },
    ]);
  });
});
