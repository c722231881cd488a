// What recorded answers do not show: citations of every kind, the JSON tool, odd bodies.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Choice } from "../../../../../providers/dialects/completion.ts";

function choiceOf(content: readonly object[], over: object = {}): Choice {
  const decoded = anthropicMessages.decode({ type: "message", id: "msg_1", model: "claude", content, ...over });
  if ("kind" in decoded) throw new Error(decoded.message);
  const [choice] = decoded.choices;
  if (choice === undefined) throw new Error("an answer has one choice");
  return choice;
}

describe("an answer", () => {
  it("keeps its parts in the model's order, and leaves out what has no neutral form", () => {
    const { content } = choiceOf([
      { type: "thinking", thinking: "first", signature: "s1" },
      { type: "server_tool_use", id: "srv", name: "web_search", input: {} },
      { type: "web_search_tool_result", tool_use_id: "srv", content: [] },
      { type: "redacted_thinking", data: "enc" },
      { type: "text", text: "then", citations: null },
      { type: "text", text: "" },
      { type: "mcp_tool_use", id: "m", name: "x", input: {} },
      { type: "compaction", content: "summary" },
      { type: "tool_use", id: "t", name: "look", input: { n: 1 } },
    ]);
    expect(content).toEqual([
      { type: "reasoning", text: "first", signature: { vendor: "anthropic", value: "s1" } },
      { type: "reasoning", text: "", encrypted: { vendor: "anthropic", value: "enc" } },
      { type: "text", text: "then" },
      { type: "tool-call", id: "t", name: "look", arguments: '{"n":1}' },
    ]);
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool-calls"],
    ["refusal", "content-filter"],
    ["compaction", "stop"],
    ["a_reason_of_tomorrow", "stop"],
  ])("that stops with %s finishes with %s", (stop_reason, finish) => {
    expect(choiceOf([], { stop_reason })).toMatchObject({ finish, rawFinish: stop_reason });
  });

  it("without a reason finishes, with none of the provider's own", () => {
    expect(choiceOf([], { stop_reason: null })).toMatchObject({ finish: "stop", rawFinish: null });
  });

  it("of the JSON tool is text that stopped", () => {
    const jsonTool = { type: "tool_use", id: "t", name: "turnpike_json_output", input: { city: "Paris" } };
    expect(choiceOf([jsonTool], { stop_reason: "tool_use" })).toMatchObject({
      content: [{ type: "text", text: '{"city":"Paris"}' }],
      finish: "stop",
      rawFinish: "tool_use",
    });
    const other = { type: "tool_use", id: "u", name: "look", input: {} };
    expect(choiceOf([jsonTool, other], { stop_reason: "tool_use" }).finish).toBe("tool-calls");
  });

  it.each([
    [
      {
        type: "web_search_result_location",
        url: "https://a.example",
        title: "A",
        cited_text: "q",
        encrypted_index: "e",
      },
      { kind: "url", url: "https://a.example", title: "A", quote: "q" },
    ],
    [
      {
        type: "char_location",
        document_index: 1,
        document_title: "D",
        cited_text: "q",
        file_id: null,
        start_char_index: 3,
      },
      { kind: "document", documentIndex: 1, title: "D", quote: "q" },
    ],
    [
      { type: "page_location", document_index: 0, document_title: null, cited_text: "q", file_id: "file_1" },
      { kind: "file", fileId: "file_1", documentIndex: 0, quote: "q" },
    ],
    [
      {
        type: "search_result_location",
        source: "https://b.example",
        title: "B",
        cited_text: "q",
        search_result_index: 0,
      },
      { kind: "url", url: "https://b.example", title: "B", quote: "q" },
    ],
    [
      { type: "search_result_location", source: "handbook", title: "B", cited_text: "q", search_result_index: 0 },
      { kind: "document", title: "B", quote: "q" },
    ],
  ])("tells a citation %j in neutral terms, with the original beside them", (wire, neutral) => {
    const { content } = choiceOf([{ type: "text", text: "said", citations: [wire] }]);
    expect(content).toEqual([{ type: "text", text: "said", citations: [{ ...neutral, raw: wire }] }]);
  });

  it("that is an error is a failure of the error's kind", () => {
    const error = { type: "overloaded_error", message: "Overloaded" };
    expect(anthropicMessages.decode({ type: "error", error })).toMatchObject({ kind: "overloaded", status: null });
  });

  it.each([[null], ["text"], [[]], [{}], [{ type: "message", content: "text" }]])(
    "of another form, %j, is a protocol failure",
    (body) => {
      expect(anthropicMessages.decode(body)).toMatchObject({ kind: "protocol" });
    },
  );

  it("without usage says so", () => {
    expect(anthropicMessages.decode({ type: "message", content: [] })).toMatchObject({ usage: null });
    expect(anthropicMessages.usage({ content: [] })).toBeNull();
  });
});

describe("a passthrough", () => {
  it("changes the model's name and nothing else", () => {
    const target = { providerId: "anthropic", model: "claude-opus-4-8", traits: {} };
    expect(anthropicMessages.edits({ model: "opus", thinking: { type: "adaptive" } }, target)).toEqual({
      set: { model: "claude-opus-4-8" },
      remove: [],
    });
  });
});
