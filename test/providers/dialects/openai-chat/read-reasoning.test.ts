// Reads of reasoning that clients send back: in every form, and with its proof where it belongs.
import { describe, expect, it } from "vitest";
import { message } from "./reading.ts";

describe("reasoning in earlier answers", () => {
  const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };

  it("is read from OpenRouter's details, fragments of one index put together", () => {
    const details = [
      { type: "reasoning.text", text: "Let me ", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.text", text: "think.", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.text", signature: "c2ln", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.summary", summary: "In short", format: "openai-responses-v1", index: 1 },
      { type: "reasoning.encrypted", data: "ZW5j", format: "openai-responses-v1", id: "rs_1", index: 1 },
    ];
    expect(message({ role: "assistant", content: "Hi", reasoning_details: details })).toEqual({
      role: "assistant",
      content: [
        { type: "reasoning", text: "Let me think.", signature: { vendor: "anthropic", value: "c2ln" } },
        { type: "reasoning", text: "In short", encrypted: { vendor: "openai", value: "ZW5j" } },
        { type: "text", text: "Hi" },
      ],
    });
  });

  it("stands where its index says, between text and tool calls", () => {
    const details = [
      { type: "reasoning.text", text: "A", signature: "cw==", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.text", text: "B", signature: "dA==", format: "anthropic-claude-v1", index: 2 },
    ];
    const answer = message({ role: "assistant", content: "Hi", tool_calls: [call], reasoning_details: details });
    expect(answer?.content.map((part) => part.type)).toEqual(["reasoning", "text", "reasoning", "tool-call"]);
  });

  it("is read without an index in the order in which it came", () => {
    const details = [
      { type: "reasoning.text", text: "A", format: null },
      { type: "reasoning.text", signature: "cw==", format: "anthropic-claude-v1" },
      { type: "reasoning.encrypted", data: "ZW5j", format: "xai-responses-v1" },
    ];
    expect(message({ role: "assistant", content: "Hi", reasoning_details: details })?.content).toEqual([
      { type: "reasoning", text: "A", signature: { vendor: "anthropic", value: "cw==" } },
      { type: "reasoning", text: "", encrypted: { vendor: "xai", value: "ZW5j" } },
      { type: "text", text: "Hi" },
    ]);
  });

  it("is read from plain strings, without a proof", () => {
    for (const name of ["reasoning", "reasoning_content"]) {
      expect(message({ role: "assistant", content: "Hi", [name]: "Hm." })?.content).toEqual([
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "Hi" },
      ]);
    }
  });

  it.each([
    [
      "Google's member of the call",
      { tool_calls: [{ ...call, extra_content: { google: { thought_signature: "c2ln" } } }] },
    ],
    [
      "Vertex's member of the call",
      { tool_calls: [{ ...call, extra_content: { vertex: { thought_signature: "c2ln" } } }] },
    ],
    [
      "a detail under the call's id",
      {
        tool_calls: [call],
        reasoning_details: [
          { type: "reasoning.encrypted", data: "c2ln", id: "call_1", format: "google-gemini-v1", index: 0 },
        ],
      },
    ],
  ])("gives a tool call its signature from %s", (_where, members) => {
    expect(message({ role: "assistant", content: null, ...members })?.content).toEqual([
      {
        type: "tool-call",
        id: "call_1",
        name: "look",
        arguments: "{}",
        signature: { vendor: "google", value: "c2ln" },
      },
    ]);
  });

  it("gives text its signature, and not to reasoning", () => {
    const details = [
      { type: "reasoning.encrypted", data: "c2ln", id: "text-signature", format: "google-gemini-v1", index: 0 },
    ];
    expect(message({ role: "assistant", content: "Hi", reasoning_details: details })?.content).toEqual([
      { type: "text", text: "Hi", signature: { vendor: "google", value: "c2ln" } },
    ]);
  });

  it("keeps its vendor when a client has added up the fragments' formats", () => {
    const format = "anthropic-claude-v1anthropic-claude-v1";
    const details = [{ type: "reasoning.text", text: "A", signature: "cw==", format, index: 0 }];
    expect(message({ role: "assistant", content: "Hi", reasoning_details: details })?.content[0]).toMatchObject({
      signature: { vendor: "anthropic", value: "cw==" },
    });
  });
});
