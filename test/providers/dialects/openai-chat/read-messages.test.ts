// Reads of clients' messages: every kind of content has its place in the conversation.
import { describe, expect, it } from "vitest";
import { recordings } from "../../../support/recordings.ts";
import { hello, message, read } from "./reading.ts";

const png = "iVBORw0KGgo=";

describe("messages", () => {
  it("keep their roles, names and order, one to one", () => {
    const { messages } = read({
      messages: [
        { role: "system", content: "Be brief.", name: "rules" },
        { role: "developer", content: [{ type: "text", text: "Use tools." }] },
        { role: "user", content: "Hi", name: "ada" },
        { role: "assistant", content: "Hello" },
      ],
    });
    expect(messages).toEqual([
      { role: "system", name: "rules", content: [{ type: "text", text: "Be brief." }] },
      { role: "developer", content: [{ type: "text", text: "Use tools." }] },
      { role: "user", name: "ada", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: [{ type: "text", text: "Hello" }] },
    ]);
  });

  it("hold text, pictures, files and sound", () => {
    const content = [
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${png}`, detail: "low" } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "file", file: { file_data: `data:application/pdf;base64,${png}`, filename: "a.pdf" } },
      { type: "file", file: { file_data: png, filename: "notes.csv" } },
      { type: "file", file: { file_data: "https://example.com/a.pdf" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "input_audio", input_audio: { data: "UklG", format: "wav" } },
    ];
    expect(message({ role: "user", content })).toEqual({
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", source: { kind: "base64", mediaType: "image/png", data: png }, detail: "low" },
        { type: "image", source: { kind: "url", url: "https://example.com/a.png", mediaType: null } },
        { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: png }, filename: "a.pdf" },
        { type: "file", source: { kind: "base64", mediaType: "text/csv", data: png }, filename: "notes.csv" },
        { type: "file", source: { kind: "url", url: "https://example.com/a.pdf", mediaType: null }, filename: null },
        { type: "file", source: { kind: "file-id", id: "file-1" }, filename: null },
        { type: "audio", data: "UklG", format: "wav" },
      ],
    });
  });

  it("hold tool calls with their arguments as the model wrote them, valid JSON or not", () => {
    const calls = [{ id: "call_1", type: "function", function: { name: "look", arguments: '{"a": 1' } }];
    const { messages } = read({
      messages: [
        hello,
        { role: "assistant", content: null, tool_calls: calls },
        { role: "tool", tool_call_id: "call_1", content: "ok" },
      ],
    });
    expect(messages.slice(1)).toEqual([
      { role: "assistant", content: [{ type: "tool-call", id: "call_1", name: "look", arguments: '{"a": 1' }] },
      { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "ok" }] },
    ]);
  });

  it("hold refusals as a field and as a part, and sound by its id", () => {
    expect(message({ role: "assistant", content: null, refusal: "No." })).toEqual({
      role: "assistant",
      content: [{ type: "refusal", text: "No." }],
    });
    expect(message({ role: "assistant", content: [{ type: "refusal", refusal: "No." }] })).toEqual({
      role: "assistant",
      content: [{ type: "refusal", text: "No." }],
    });
    expect(message({ role: "assistant", content: null, audio: { id: "audio_1" } })).toEqual({
      role: "assistant",
      content: [{ type: "audio-reference", id: "audio_1" }],
    });
  });

  it("read the functions that came before tools: calls and results are matched by name", () => {
    const { messages, tools, toolChoice } = read({
      functions: [{ name: "look", description: "Looks", parameters: { type: "object" } }],
      function_call: { name: "look" },
      messages: [
        hello,
        { role: "assistant", content: null, function_call: { name: "look", arguments: "{}" } },
        { role: "function", name: "look", content: "seen" },
      ],
    });
    expect(messages.slice(1)).toEqual([
      { role: "assistant", content: [{ type: "tool-call", id: "call_function_1", name: "look", arguments: "{}" }] },
      { role: "tool", toolCallId: "call_function_1", content: [{ type: "text", text: "seen" }] },
    ]);
    expect(tools).toEqual([{ name: "look", description: "Looks", parameters: { type: "object" }, strict: null }]);
    expect(toolChoice).toEqual({ kind: "tool", name: "look" });
  });

  it("carry cache markers of parts, tools and messages", () => {
    const cached = { cache_control: { type: "ephemeral", ttl: "1h" } };
    const { messages, tools } = read({
      tools: [{ type: "function", function: { name: "look" }, cache_control: { type: "ephemeral" } }],
      messages: [
        { role: "system", content: [{ type: "text", text: "Rules", ...cached }] },
        { role: "user", content: "Hi", ...cached },
        {
          role: "assistant",
          content: "Yes",
          tool_calls: [{ id: "c", type: "function", function: { name: "look", arguments: "{}" } }],
          ...cached,
        },
        { role: "tool", tool_call_id: "c", content: "ok", ...cached },
        { role: "user", content: [{ type: "text", text: "Go", prompt_cache_breakpoint: { mode: "explicit" } }] },
      ],
    });
    const hour = { cache: { ttl: "1h" } };
    expect(tools[0]?.cache).toEqual({ ttl: null });
    expect(messages).toEqual([
      { role: "system", content: [{ type: "text", text: "Rules", ...hour }] },
      { role: "user", content: [{ type: "text", text: "Hi", ...hour }] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Yes" },
          { type: "tool-call", id: "c", name: "look", arguments: "{}", ...hour },
        ],
      },
      { role: "tool", toolCallId: "c", content: [{ type: "text", text: "ok" }], ...hour },
      { role: "user", content: [{ type: "text", text: "Go", cache: { ttl: null } }] },
    ]);
  });
});

describe("recorded requests", () => {
  const requests = recordings("openai", { dialect: "openai-chat", hasRequest: true, failed: false });

  it.each(requests.map(({ name, request }) => [name, request ?? {}] as const))("%s can be read", (_name, request) => {
    expect(read(request).messages).toHaveLength((request.messages as unknown[]).length);
  });
});
