// Names, errors, stop reasons and the like, as clients of the Messages API are told them.
import { describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Choice, Completion } from "../../../../../providers/dialects/completion.ts";
import { completionOf } from "../../../../support/neutral/answers.ts";
import { context } from "./writing.ts";

describe("a member's name", () => {
  const body = {
    system: [{ type: "text", text: "A" }],
    messages: [
      { role: "user", content: "Hello" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "B", signature: "" },
          { type: "tool_use", id: "a", name: "b", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "text", text: "C" },
          {
            type: "tool_result",
            tool_use_id: "a",
            content: [
              { type: "text", text: "D" },
              { type: "image", source: { type: "file", file_id: "f" } },
            ],
          },
          { type: "image", source: { type: "file", file_id: "f" } },
        ],
      },
    ],
  };

  it.each([
    ["maxOutputTokens", "max_tokens"],
    ["stop", "stop_sequences"],
    ["topP", "top_p"],
    ["topK", "top_k"],
    ["temperature", "temperature"],
    ["user", "metadata.user_id"],
    ["serviceTier", "service_tier"],
    ["toolChoice", "tool_choice"],
    ["parallelToolCalls", "tool_choice.disable_parallel_tool_use"],
    ["tools", "tools"],
    ["tools[1]", "tools.1"],
    ["container", "container"],
    ["messages", "messages"],
    ["messages.1.content.0", "messages.1.content.0"],
    ["messages[0].content[0]", "system.0"],
    ["messages[1].content[0]", "messages.0.content"],
    ["messages[2]", "messages.1"],
    ["messages[2].content[1]", "messages.1.content.1"],
    ["messages[3]", "messages.2.content.1"],
    ["messages[3].content[1]", "messages.2.content.1.content.1"],
    ["messages[4]", "messages.2"],
    ["messages[4].content[1]", "messages.2.content.2"],
    ["messages[4].content[1].cache", "messages.2.content.2.cache_control"],
    ["messages[9]", "messages"],
  ])("%s is %s", (member, name) => {
    expect(anthropicMessagesServer.param(member, body)).toBe(name);
  });

  it.each([
    ["reasoning", { thinking: { type: "adaptive" } }, "thinking"],
    ["reasoning.effort", { thinking: { type: "adaptive" }, output_config: { effort: "low" } }, "output_config.effort"],
    ["reasoning.effort", { thinking: { type: "disabled" }, output_config: { effort: "low" } }, "thinking"],
    ["reasoning.budgetTokens", { thinking: { type: "enabled" } }, "thinking.budget_tokens"],
    ["reasoning.includeText", { thinking: { type: "enabled" } }, "thinking.display"],
    ["reasoning", { output_config: { effort: "low" } }, "output_config.effort"],
    ["output", { output_config: { format: {} } }, "output_config.format"],
    ["output", { output_format: {} }, "output_format"],
    ["messages[0].content[0]", { messages: "nothing" }, "messages"],
  ])("%s in %j is %s", (member, given, name) => {
    expect(anthropicMessagesServer.param(member, given)).toBe(name);
  });
});

describe("an error", () => {
  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [405, "invalid_request_error"],
    [409, "conflict_error"],
    [413, "request_too_large"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [502, "api_error"],
    [503, "overloaded_error"],
    [504, "timeout_error"],
  ])("of status %i is a %s", (status, type) => {
    const view = { status, code: "a_code", message: "Because.", param: "messages.0", requestId: "req_1" };
    expect(anthropicMessagesServer.error(view)).toEqual({
      type: "error",
      error: { type, message: "Because.", code: "a_code", param: "messages.0" },
      request_id: "req_1",
    });
  });

  it("says of a conversation that is too long what Claude Code looks for", () => {
    const view = {
      status: 400,
      code: "context_length_exceeded",
      message: "130 tokens > 100.",
      param: null,
      requestId: "r",
    };
    expect(anthropicMessagesServer.error(view)).toMatchObject({
      error: { message: "prompt is too long: 130 tokens > 100." },
    });
    const own = "prompt is too long: 130 tokens > 100 maximum";
    expect(anthropicMessagesServer.error({ ...view, message: own })).toMatchObject({ error: { message: own } });
  });
});

describe("a message", () => {
  const write = (over: Partial<Completion>, choice: Partial<Choice> = {}) => {
    const completion = completionOf([]);
    const [first] = completion.choices;
    return anthropicMessagesServer.write(
      { ...completion, choices: first === undefined ? [] : [{ ...first, ...choice }], ...over },
      context,
      { usd: "0.25" },
    );
  };

  it.each<[Partial<Choice>, string, string | null]>([
    [{ finish: "stop" }, "end_turn", null],
    [{ finish: "stop", rawFinish: "pause_turn" }, "pause_turn", null],
    [{ finish: "stop", stopSequence: "END" }, "stop_sequence", "END"],
    [{ finish: "stop", rawFinish: "stop_sequence", stopSequence: "END" }, "stop_sequence", "END"],
    [{ finish: "length", rawFinish: "MAX_TOKENS" }, "max_tokens", null],
    [{ finish: "length", rawFinish: "model_context_window_exceeded" }, "model_context_window_exceeded", null],
    [{ finish: "tool-calls", rawFinish: "tool_calls" }, "tool_use", null],
    [{ finish: "content-filter", rawFinish: "SAFETY" }, "refusal", null],
    [{ finish: "stop", content: [{ type: "refusal", text: "No." }] }, "refusal", null],
    [{ finish: "stop", content: [{ type: "tool-call", id: "a", name: "b", arguments: "" }] }, "tool_use", null],
    [{ finish: "error", rawFinish: "MALFORMED_FUNCTION_CALL" }, "end_turn", null],
  ])("of %j stops for %s", (choice, reason, sequence) => {
    expect(write({}, choice)).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
  });

  it("keeps the provider's id, and has the call's own where there is none", () => {
    expect(write({ id: "chatcmpl-1" }).id).toBe("chatcmpl-1");
    expect(write({ id: "" }).id).toBe("msg_fallback");
  });

  it("names the model that was asked for, so that Claude Code keeps its thinking", () => {
    const request = { model: "google/gemini-3-pro" };
    const message = anthropicMessagesServer.write(completionOf([]), { ...context, request }, { usd: null });
    expect(message.model).toBe("google/gemini-3-pro");
  });

  it("tells tokens and their cost", () => {
    const usage = {
      inputTokens: 5,
      cachedInputTokens: 0,
      cacheWriteTokens: 2,
      cacheWrite1hTokens: 1,
      outputTokens: 3,
      reasoningTokens: 4,
    };
    expect(write({ usage, serviceTier: "default" }).usage).toEqual({
      input_tokens: 5,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 1 },
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 4 },
      service_tier: "standard",
      cost: 0.25,
    });
    expect(write({ usage: { inputTokens: 5, outputTokens: 3 }, serviceTier: "flex" }).usage).toEqual({
      input_tokens: 5,
      cache_read_input_tokens: null,
      cache_creation_input_tokens: null,
      cache_creation: null,
      output_tokens: 3,
      output_tokens_details: null,
      service_tier: null,
      cost: 0.25,
    });
  });

  it("keeps the digits of numbers that a double can't hold", () => {
    const content = [{ type: "tool-call" as const, id: "a", name: "b", arguments: '{"id":12345678901234567890}' }];
    expect(JSON.stringify(write({}, { content }).content)).toContain('"input":{"id":12345678901234567890}');
  });

  it("says in words that sound and pictures were left out", () => {
    const content = [
      { type: "output-image" as const, source: { kind: "base64" as const, mediaType: "image/png", data: "AA" } },
      { type: "output-image" as const, source: { kind: "url" as const, url: "https://e.org/a.png", mediaType: null } },
      { type: "output-audio" as const, id: "a", data: "AA", transcript: "Hello", expiresAtS: null },
      { type: "output-audio" as const, id: "b", data: "AA", transcript: "", expiresAtS: null },
    ];
    expect(write({}, { content }).content).toMatchObject([
      { text: expect.stringContaining("image/png") },
      { text: "![image](https://e.org/a.png)" },
      { text: "Hello" },
      { text: expect.stringContaining("Sound") },
    ]);
  });
});

describe("the cost in a passed stream", () => {
  const frame =
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage": {"output_tokens":5 }}\n\n';

  it("is added to the usage of message_delta, and every other byte stays", () => {
    expect(anthropicMessagesServer.withCost(frame, "0.0005")).toBe(
      frame.replace('{"output_tokens"', '{"cost":0.0005,"output_tokens"'),
    );
    const empty = 'data: {"type":"message_delta","usage":{}}\n\n';
    expect(anthropicMessagesServer.withCost(empty, "1")).toBe('data: {"type":"message_delta","usage":{"cost":1}}\n\n');
  });

  it("takes the place of a cost that the provider named", () => {
    const named = 'data: {"type":"message_delta","usage":{"output_tokens":5,"cost": 1.5e-3,"x":1}}\n\n';
    expect(anthropicMessagesServer.withCost(named, "0.25")).toBe(named.replace("1.5e-3", "0.25"));
  });

  it("is not added to another frame", () => {
    const start = 'data: {"type":"message_start","message":{"usage":{"input_tokens":5}}}\n\n';
    expect(anthropicMessagesServer.withCost(start, "1")).toBe(start);
    const text =
      'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\"message_delta\\" \\"usage\\":{"}}\n\n';
    expect(anthropicMessagesServer.withCost(text, "1")).toBe(text);
  });
});
