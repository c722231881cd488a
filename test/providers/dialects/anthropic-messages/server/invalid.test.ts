// A request that can't be read is refused with the member's place as Anthropic names it, and words that tell what to do.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";

const hello = { role: "user", content: "Hello" };
const good = { model: "m", max_tokens: 100, messages: [hello] };
const said = (role: string, ...content: readonly unknown[]) => ({ messages: [hello, { role, content }] });

describe("a bad request", () => {
  it.each<[string, Record<string, unknown>]>([
    ["max_tokens", { max_tokens: undefined }],
    ["max_tokens", { max_tokens: "100" }],
    ["max_tokens", { max_tokens: -1 }],
    ["max_tokens", { max_tokens: 1.5 }],
    ["messages", { messages: undefined }],
    ["messages", { messages: [] }],
    ["messages", { messages: "Hello" }],
    ["messages.0", { messages: ["Hello"] }],
    ["messages.0.role", { messages: [{ content: "Hello" }] }],
    ["messages.0.role", { messages: [{ role: "tool", content: "Hello" }] }],
    ["messages.0.content", { messages: [{ role: "user" }] }],
    ["messages.0.content", { messages: [{ role: "user", content: 7 }] }],
    ["messages.0.content", { messages: [{ role: "user", content: [] }] }],
    ["messages.1.content.0", said("user", "Hello")],
    ["messages.1.content.0.type", said("user", { text: "Hello" })],
    ["messages.1.content.0.text", said("user", { type: "text" })],
    ["messages.1.content.1.source", said("user", { type: "text", text: "A" }, { type: "image" })],
    ["messages.1.content.0.source.type", said("user", { type: "image", source: { type: "path" } })],
    [
      "messages.1.content.0.source.data",
      said("user", { type: "image", source: { type: "base64", media_type: "image/png" } }),
    ],
    ["messages.1.content.0.source.media_type", said("user", { type: "image", source: { type: "base64", data: "AA" } })],
    ["messages.1.content.0.source.url", said("user", { type: "image", source: { type: "url", url: 7 } })],
    ["messages.1.content.0.source.type", said("user", { type: "document", source: { type: "path" } })],
    ["messages.1.content.0.source.file_id", said("user", { type: "document", source: { type: "file" } })],
    ["messages.1.content.0.tool_use_id", said("user", { type: "tool_result", content: "A" })],
    ["messages.1.content.0.content", said("user", { type: "tool_result", tool_use_id: "a", content: { a: 1 } })],
    [
      "messages.1.content.0.content.0.text",
      said("user", { type: "tool_result", tool_use_id: "a", content: [{ type: "text" }] }),
    ],
    ["messages.1.content.0.is_error", said("user", { type: "tool_result", tool_use_id: "a", is_error: "yes" })],
    ["messages.1.content.0.id", said("assistant", { type: "tool_use", name: "a", input: {} })],
    ["messages.1.content.0.name", said("assistant", { type: "tool_use", id: "a", input: {} })],
    ["messages.1.content.0.thinking", said("assistant", { type: "thinking", thinking: 7, signature: "a" })],
    ["messages.1.content.0.data", said("assistant", { type: "redacted_thinking" })],
    ["messages.1.content.0.title", said("user", { type: "search_result", source: "a", content: [] })],
    ["system", { system: 7 }],
    ["system.0.text", { system: [{ type: "text" }] }],
    ["tools", { tools: {} }],
    ["tools.0.name", { tools: [{ input_schema: {} }] }],
    ["tools.0.input_schema", { tools: [{ name: "look" }] }],
    ["tool_choice.type", { tool_choice: { type: "required" } }],
    ["tool_choice", { tool_choice: "auto" }],
    ["tool_choice", { tool_choice: { type: "any" } }],
    ["tool_choice.name", { tool_choice: { type: "tool", name: "find" }, tools: [{ name: "look", input_schema: {} }] }],
    ["stop_sequences", { stop_sequences: "END" }],
    ["stop_sequences.1", { stop_sequences: ["END", 7] }],
    ["temperature", { temperature: 1.5 }],
    ["top_p", { top_p: -0.1 }],
    ["top_k", { top_k: 1.5 }],
    ["thinking.type", { thinking: { type: "on" } }],
    ["thinking.budget_tokens", { thinking: { type: "enabled" } }],
    ["thinking.budget_tokens", { thinking: { type: "enabled", budget_tokens: 1000 } }],
    ["thinking.display", { thinking: { type: "adaptive", display: "all" } }],
    ["output_config.effort", { output_config: { effort: "none" } }],
    ["output_config.format.type", { output_config: { format: { type: "json_object" } } }],
    ["output_config.format.schema", { output_config: { format: { type: "json_schema" } } }],
    ["output_format.schema", { output_format: { type: "json_schema" } }],
    ["metadata", { metadata: "u1" }],
    ["metadata.user_id", { metadata: { user_id: 7 } }],
    ["service_tier", { service_tier: "flex" }],
    ["stream", { stream: "true" }],
  ])("is refused at %s: %j", (param, over) => {
    const result = anthropicMessagesServer.read({ ...good, ...over });
    if ("messages" in result) throw new Error("it was read");
    expect(result.param).toBe(param);
    expect(result.message).toContain(`'${param}'`);
    expect(result.message).toMatch(/\.$/);
  });

  it("never makes the reader throw, whatever JSON it is", () => {
    const member = fc.constantFrom(
      "messages",
      "system",
      "tools",
      "thinking",
      "output_config",
      "metadata",
      "tool_choice",
    );
    const block = fc.record({
      type: fc.constantFrom("text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"),
      ...Object.fromEntries(
        ["text", "source", "content", "id", "input", "data", "signature", "citations", "cache_control"].map((name) => [
          name,
          fc.jsonValue({ maxDepth: 2 }),
        ]),
      ),
    });
    const wild = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ role: fc.constantFrom("user", "assistant"), content: fc.array(block, { maxLength: 3 }) })),
    );
    fc.assert(
      fc.property(member, wild, (name, value) => {
        const body = { ...good, [name]: value };
        const result = anthropicMessagesServer.read(body);
        expect("messages" in result || typeof result.message === "string").toBe(true);
        expect(typeof anthropicMessagesServer.param("messages[1].content[0]", body)).toBe("string");
      }),
      { numRuns: 2000 },
    );
  });
});
