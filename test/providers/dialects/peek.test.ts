// Peek: what it tells of a request: how it begins, who asks, and what for.
import { describe, expect, it } from "vitest";
import { anthropicMessagesServer } from "../../../providers/dialects/anthropic-messages/index.ts";
import type { ServerDialect } from "../../../providers/dialects/dialect.ts";
import { geminiServer } from "../../../providers/dialects/gemini/index.ts";
import { openaiChatServer } from "../../../providers/dialects/openai-chat/index.ts";
import { openaiResponsesServer } from "../../../providers/dialects/openai-responses/index.ts";
import type { Body } from "./peeking.ts";

const long = 'A text with "quotes" and ümlauts. '.repeat(200);
const text = (length: number): string => long.slice(0, length);

interface Turns {
  readonly dialect: ServerDialect;
  body(system: string, turns: readonly string[]): Body;
}

const talks: readonly Turns[] = [
  {
    dialect: openaiChatServer,
    body: (system, turns) => ({
      messages: [
        { role: "system", content: system },
        ...turns.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })),
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { turns: turns.length } } }],
    }),
  },
  {
    dialect: openaiResponsesServer,
    body: (instructions, turns) => ({
      instructions,
      input: turns.map((words, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content: words })),
    }),
  },
  {
    dialect: anthropicMessagesServer,
    body: (system, turns) => ({
      system: [{ type: "text", text: system }],
      messages: turns.map((words, at) => ({
        role: at % 2 === 0 ? "user" : "assistant",
        content: [{ type: "text", text: words }],
      })),
    }),
  },
  {
    dialect: geminiServer,
    body: (system, turns) => ({
      system_instruction: { parts: [{ text: system }] },
      contents: turns.map((words, at) => ({ role: at % 2 === 0 ? "user" : "model", parts: [{ text: words }] })),
    }),
  },
];

describe.each(talks)("the opening of a conversation in $dialect.id", ({ dialect, body }) => {
  const opening = (system: string, turns: readonly string[]): string => dialect.peek(body(system, turns)).opening();

  it("is the same in every turn", () => {
    const first = opening("Be brief.", ["Hello"]);
    expect(first).toBe("Be brief.\nHello");
    expect(opening("Be brief.", ["Hello", "Hi!", "How are you?"])).toBe(first);
  });

  it("tells conversations with the same long instructions apart", () => {
    expect(opening(text(6000), ["Hello"])).not.toBe(opening(text(6000), ["Good evening"]));
  });

  it("is never longer than 4,000 units", () => {
    expect(opening(text(6000), [text(6000), "Yes?"])).toBe(`${text(2000)}\n${text(1999)}`);
  });
});

it("a responses body may be one string, which is the first message", () => {
  const peek = openaiResponsesServer.peek({ instructions: "Be brief.", input: "Hello" });
  expect([peek.opening(), peek.textLength]).toEqual(["Be brief.\nHello", 14]);
});

describe("what a client calls its conversation and its user", () => {
  const hash = "a".repeat(64);
  const uuid = "54c1eb09-bc4c-4d2f-98eb-6d2ab2d5e2fe";
  const chat = openaiChatServer;
  const responses = openaiResponsesServer;
  const messages = anthropicMessagesServer;
  const claude = (user_id: unknown): Body => ({ metadata: { user_id } });

  it.each<[string, ServerDialect, Body, string | null, string | null]>([
    ["OpenRouter's session", chat, { session_id: "s1", prompt_cache_key: "k1", user: "u1" }, "s1", "u1"],
    ["OpenAI's cache key", chat, { prompt_cache_key: "k1", safety_identifier: "u2" }, "k1", "u2"],
    ["nothing", chat, { user: "", session_id: null }, null, null],
    ["numbers", chat, { user: 7, session_id: 7 }, null, null],
    ["a text too long to be a name", chat, { user: text(257), session_id: text(257) }, null, null],
    ["Codex's cache key", responses, { prompt_cache_key: uuid }, uuid, null],
    ["OpenAI's conversation", responses, { conversation: "conv_1" }, "conv_1", null],
    ["OpenAI's conversation as an object", responses, { conversation: { id: "conv_1" } }, "conv_1", null],
    ["a response that changes every turn", responses, { previous_response_id: "resp_1" }, null, null],
    ["a user of Anthropic's", messages, claude("customer-17"), null, "customer-17"],
    [
      "Claude Code until 2.1.77",
      messages,
      claude(`user_${hash}_account__session_${uuid}`),
      uuid,
      `user_${hash}_account_`,
    ],
    [
      "Claude Code from 2.1.78 on",
      messages,
      claude(JSON.stringify({ device_id: "d1", account_uuid: "", session_id: uuid })),
      uuid,
      "d1",
    ],
    [
      "Claude Code with an account",
      messages,
      claude(JSON.stringify({ device_id: "d1", account_uuid: "a1", session_id: uuid })),
      uuid,
      "a1",
    ],
    ["broken JSON as a user", messages, claude('{"session_id":'), null, '{"session_id":'],
    ["an array as a user", messages, claude("[1]"), null, "[1]"],
    [
      "a session beside Claude Code's",
      messages,
      { ...claude(`user_1_session_${uuid}`), session_id: "s1" },
      "s1",
      "user_1",
    ],
    ["a session that a Gemini client adds", geminiServer, { session_id: "s1" }, "s1", null],
  ])("is read from %s", (_, dialect, body, session, user) => {
    const peek = dialect.peek(body);
    expect([peek.session, peek.user]).toEqual([session, user]);
  });

  it("comes with the strings of its metadata alone", () => {
    const metadata = { team: "red", size: 3, nested: { a: "b" } };
    for (const dialect of [chat, responses, messages]) {
      expect(dialect.peek({ metadata }).metadata).toEqual({ team: "red" });
    }
    expect(geminiServer.peek({ labels: metadata }).metadata).toEqual({ team: "red" });
    expect(chat.peek({ metadata: "red" }).metadata).toEqual({});
  });
});

describe("what a request asks for", () => {
  const asks = (dialect: ServerDialect, body: Body): readonly string[] =>
    Object.entries(dialect.peek(body))
      .filter(([, value]) => value === true)
      .map(([name]) => name);
  const chatPart = (part: object): Body => ({ messages: [{ role: "user", content: [part] }] });
  const block = (part: object): Body => ({ messages: [{ role: "user", content: [part] }] });
  const part = (one: object): Body => ({ contents: [{ role: "user", parts: [one] }] });
  const result = (content: object): Body => block({ type: "tool_result", tool_use_id: "t", content: [content] });

  it.each<[ServerDialect, Body, readonly string[]]>([
    [openaiChatServer, chatPart({ type: "image_url", image_url: { url: "data:…" } }), ["images"]],
    [openaiChatServer, chatPart({ type: "file", file: { file_id: "f" } }), ["documents"]],
    [openaiChatServer, chatPart({ type: "file", file: { file_data: "data:text/plain;base64,SGk=" } }), []],
    [
      openaiChatServer,
      chatPart({ type: "file", file: { file_data: "data:application/pdf;base64,SGk=" } }),
      ["documents"],
    ],
    [openaiChatServer, chatPart({ type: "input_audio", input_audio: {} }), ["audio"]],
    [openaiChatServer, chatPart({ type: "video_url", video_url: { url: "https://…" } }), ["video"]],
    [openaiChatServer, { functions: [{ name: "f" }] }, ["tools"]],
    [openaiChatServer, { tools: [] }, []],
    [openaiChatServer, { response_format: { type: "json_schema", json_schema: { schema: {} } } }, ["jsonSchema"]],
    [openaiChatServer, { response_format: { type: "json_object" } }, []],
    [openaiChatServer, { reasoning_effort: "low" }, ["reasoning"]],
    [openaiChatServer, { reasoning_effort: "none" }, []],
    [openaiChatServer, { reasoning: { max_tokens: 2000 } }, ["reasoning"]],
    [openaiChatServer, { reasoning: { enabled: true } }, ["reasoning"]],
    [openaiChatServer, { reasoning: { enabled: false, effort: "high" } }, []],
    [openaiChatServer, { reasoning: { exclude: true } }, []],
    [openaiResponsesServer, { input: [{ role: "user", content: [{ type: "input_image" }] }] }, ["images"]],
    [
      openaiResponsesServer,
      { input: [{ type: "computer_call_output", output: { type: "computer_screenshot" } }] },
      ["images"],
    ],
    [
      openaiResponsesServer,
      { input: [{ type: "function_call_output", output: [{ type: "input_file" }] }] },
      ["documents"],
    ],
    [openaiResponsesServer, { reasoning: { effort: "minimal" } }, ["reasoning"]],
    [openaiResponsesServer, { reasoning: { summary: "auto" } }, []],
    [openaiResponsesServer, { text: { format: { type: "json_schema", schema: {} } } }, ["jsonSchema"]],
    [anthropicMessagesServer, block({ type: "image", source: {} }), ["images"]],
    [anthropicMessagesServer, result({ type: "image", source: {} }), ["images"]],
    [anthropicMessagesServer, block({ type: "document", source: { type: "base64", data: "…" } }), ["documents"]],
    [anthropicMessagesServer, block({ type: "document", source: { type: "text", data: "…" } }), []],
    [anthropicMessagesServer, { tools: [{ type: "web_search_20250305", name: "web_search" }] }, ["tools"]],
    [anthropicMessagesServer, { output_config: { format: { type: "json_schema", schema: {} } } }, ["jsonSchema"]],
    [anthropicMessagesServer, { thinking: { type: "enabled", budget_tokens: 2048 } }, ["reasoning"]],
    [anthropicMessagesServer, { thinking: { type: "adaptive" } }, []],
    [anthropicMessagesServer, { output_config: { effort: "high" } }, ["reasoning"]],
    [anthropicMessagesServer, { thinking: { type: "disabled" }, output_config: { effort: "high" } }, []],
    [geminiServer, part({ inlineData: { mimeType: "image/png", data: "…" } }), ["images"]],
    [geminiServer, part({ inline_data: { mime_type: "audio/wav", data: "…" } }), ["audio"]],
    [geminiServer, part({ fileData: { mimeType: "VIDEO/mp4", fileUri: "…" } }), ["video"]],
    [geminiServer, part({ fileData: { fileUri: "…" } }), ["documents"]],
    [geminiServer, part({ functionResponse: { parts: [{ inlineData: { mimeType: "image/png" } }] } }), ["images"]],
    [geminiServer, { tools: [{ googleSearch: {} }] }, ["tools"]],
    [geminiServer, { generation_config: { response_schema: {} } }, ["jsonSchema"]],
    [geminiServer, { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } }, ["reasoning"]],
    [geminiServer, { generationConfig: { thinkingConfig: { thinkingBudget: 1024 } } }, ["reasoning"]],
    [geminiServer, { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } }, []],
    [geminiServer, { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }, []],
  ])("of $id is seen in %j", (dialect, body, features) => {
    expect(asks(dialect, body)).toEqual(features);
  });

  it("may be bounded by either of chat's two names", () => {
    expect(openaiChatServer.peek({ max_tokens: 5, max_completion_tokens: 7 }).maxOutputTokens).toBe(7);
    expect(openaiChatServer.peek({ max_tokens: 5 }).maxOutputTokens).toBe(5);
    for (const max_tokens of ["5", -1, 0, 1.5, null]) {
      expect(openaiChatServer.peek({ max_tokens }).maxOutputTokens).toBeNull();
    }
  });
});
