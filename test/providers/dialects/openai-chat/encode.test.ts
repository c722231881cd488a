// Requests to providers: a conversation as a chat completion body, and what is said of the rest.
import { describe, expect, it } from "vitest";
import type { Message } from "../../../../providers/dialects/conversation.ts";
import { openaiChat, type Quirks } from "../../../../providers/dialects/openai-chat/index.ts";
import { recordings } from "../../../support/recordings.ts";
import { encode } from "./encoding.ts";
import { read } from "./reading.ts";

function messages(of: readonly Message[], quirks: Quirks = {}): unknown {
  return encode({ messages: of }, {}, quirks).body.messages;
}

const text = (words: string) => ({ type: "text" as const, text: words });

describe("a body", () => {
  it("says what the conversation says, by OpenAI's names", () => {
    const { body, unsupported } = encode({
      tools: [{ name: "look", description: "Looks", parameters: { type: "object" }, strict: true }],
      toolChoice: { kind: "allowed", mode: "auto", names: ["look"] },
      parallelToolCalls: false,
      output: { kind: "json-schema", name: "city", description: null, schema: { type: "object" }, strict: true },
      maxOutputTokens: 100,
      stop: ["END"],
      temperature: 0.5,
      topP: 0.9,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logitBias: { 1: 2 },
      logprobs: { top: 2 },
      choices: 3,
      verbosity: "high",
      modalities: ["text", "audio"],
      audioOutput: { voice: "alloy", format: "wav" },
      user: "u1",
      serviceTier: "flex",
      stream: true,
      extras: { store: true },
    });
    expect(unsupported).toEqual([]);
    expect(body).toEqual({
      model: "model-1",
      messages: [{ role: "user", content: "Hi" }],
      tools: [
        {
          type: "function",
          function: { name: "look", description: "Looks", parameters: { type: "object" }, strict: true },
        },
      ],
      tool_choice: {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "look" } }] },
      },
      parallel_tool_calls: false,
      response_format: {
        type: "json_schema",
        json_schema: { name: "city", schema: { type: "object" }, strict: true },
      },
      max_completion_tokens: 100,
      stop: ["END"],
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      logit_bias: { 1: 2 },
      logprobs: true,
      top_logprobs: 2,
      n: 3,
      verbosity: "high",
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
      user: "u1",
      service_tier: "flex",
      stream: true,
      stream_options: { include_usage: true },
      store: true,
    });
  });

  it("says nothing that the conversation does not", () => {
    expect(encode({}).body).toEqual({ model: "model-1", messages: [{ role: "user", content: "Hi" }] });
  });

  it("is the same bytes for the same conversation, so that prompt caches hit", () => {
    const conversation = read({ tools: [{ type: "function", function: { name: "look" } }], temperature: 1, seed: 2 });
    expect(JSON.stringify(encode(conversation).body)).toBe(JSON.stringify(encode(structuredClone(conversation)).body));
  });

  it("puts tools that are no functions back in their places", () => {
    const tools = [
      { type: "custom", custom: { name: "grep" } },
      { type: "function", function: { name: "look" } },
      { type: "web_search" },
    ];
    expect(encode(read({ tools })).body.tools).toEqual(tools);
  });

  it("asks for a stream's usage except where that is refused", () => {
    expect(encode({ stream: true }, {}, { streamOptions: false }).body).not.toHaveProperty("stream_options");
  });

  it("names the output limit as the server knows it", () => {
    expect(encode({ maxOutputTokens: 5 }, {}, { maxTokensField: "max_tokens" }).body).toMatchObject({ max_tokens: 5 });
  });
});

describe("recorded requests", () => {
  const requests = recordings("openai", { dialect: "openai-chat", hasRequest: true, failed: false });

  /** The request without what means the same left out or said otherwise. */
  function normal(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { n, stream, max_tokens, functions, function_call, stream_options, ...rest } = body;
    const all = rest.messages as Record<string, unknown>[];
    return {
      ...rest,
      ...(stream === true ? { stream, stream_options: { include_usage: true } } : {}),
      ...(typeof n === "number" && n > 1 ? { n } : {}),
      ...(max_tokens === undefined ? {} : { max_completion_tokens: max_tokens }),
      ...(Array.isArray(functions)
        ? { tools: functions.map((made) => ({ type: "function", function: made })), tool_choice: function_call }
        : {}),
      messages: all.map((message) => ({ ...message, content: normalContent(message) })),
    };
  }

  function normalContent({ content, tool_calls }: Record<string, unknown>): unknown {
    if ((content ?? "") === "" && tool_calls !== undefined) return null;
    const [only, more] = Array.isArray(content) ? content : [];
    return only?.type === "text" && more === undefined ? only.text : content;
  }

  it.each(requests.map(({ name, request }) => [name, request ?? {}] as const))(
    "%s is the same after a translation",
    (_n, request) => {
      const { body, unsupported } = openaiChat().encode(read(request), {
        providerId: "p",
        model: String(request.model),
        traits: {},
      });
      expect(unsupported).toEqual([]);
      expect(body).toEqual(normal(request));
    },
  );
});

describe("messages", () => {
  it("of the developer are the system's where the role is unknown", () => {
    const of: Message[] = [{ role: "developer", content: [text("Rules")] }];
    expect(messages(of)).toEqual([{ role: "developer", content: "Rules" }]);
    expect(messages(of, { developerRole: false })).toEqual([{ role: "system", content: "Rules" }]);
  });

  it("carry cache markers only where they are understood", () => {
    const of: Message[] = [{ role: "user", content: [{ ...text("Hi"), cache: { ttl: "1h" } }] }];
    expect(messages(of)).toEqual([{ role: "user", content: "Hi" }]);
    expect(messages(of, { cacheControl: true })).toEqual([
      { role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral", ttl: "1h" } }] },
    ]);
  });

  const signature = { vendor: "anthropic", value: "c2ln" } as const;
  const answer: Message = {
    role: "assistant",
    content: [{ type: "reasoning", text: "Hm.", signature }, text("Hi")],
  };

  it.each([
    [null, {}],
    ["reasoning_content", { reasoning_content: "Hm." }],
    ["reasoning", { reasoning: "Hm." }],
    [
      "reasoning_details",
      {
        reasoning_details: [
          { type: "reasoning.text", text: "Hm.", signature: "c2ln", format: "anthropic-claude-v1", index: 0 },
        ],
      },
    ],
  ] as const)("give reasoning back in the field %s", (reasoningField, members) => {
    expect(messages([answer], { reasoningField })).toEqual([{ role: "assistant", content: "Hi", ...members }]);
  });

  it("hold refusals, sound by its id, and tool calls without text", () => {
    const call = { type: "tool-call" as const, id: "call_1", name: "look", arguments: "{" };
    expect(messages([{ role: "assistant", content: [{ type: "refusal", text: "No." }] }])).toEqual([
      { role: "assistant", content: null, refusal: "No." },
    ]);
    expect(messages([{ role: "assistant", content: [{ type: "audio-reference", id: "a1" }] }])).toEqual([
      { role: "assistant", content: null, audio: { id: "a1" } },
    ]);
    expect(messages([{ role: "assistant", content: [call] }])).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{" } }],
      },
    ]);
  });

  it("keep ids of tool calls that OpenAI takes, and shorten the others alike in calls and results", () => {
    const long = "x".repeat(60);
    const [made, result] = messages([
      { role: "assistant", content: [{ type: "tool-call", id: long, name: "look", arguments: "{}" }] },
      { role: "tool", toolCallId: long, content: [text("ok")] },
    ]) as [{ tool_calls: { id: string }[] }, { tool_call_id: string }];
    expect(made.tool_calls[0]?.id).toHaveLength(21);
    expect(result.tool_call_id).toBe(made.tool_calls[0]?.id);
  });

  it("send pictures in tool results after the last result, because OpenAI takes only text there", () => {
    const source = { kind: "url", url: "https://example.com/a.png", mediaType: null } as const;
    expect(
      messages([
        { role: "tool", toolCallId: "call_1", content: [{ type: "image", source }] },
        { role: "tool", toolCallId: "call_2", content: [text("ok")] },
        { role: "user", content: [text("And?")] },
      ]),
    ).toEqual([
      { role: "tool", tool_call_id: "call_1", content: "The result is attached in the next message." },
      { role: "tool", tool_call_id: "call_2", content: "ok" },
      {
        role: "user",
        content: [
          { type: "text", text: "Attached to the result of the tool call call_1:" },
          { type: "image_url", image_url: { url: source.url } },
        ],
      },
      { role: "user", content: "And?" },
    ]);
  });

  it("read out text files, which OpenAI chat can't take as files", () => {
    const source = { kind: "base64", mediaType: "text/csv", data: btoa("a,b") } as const;
    expect(messages([{ role: "user", content: [{ type: "file", source, filename: "x.csv" }] }])).toEqual([
      { role: "user", content: [{ type: "text", text: "x.csv:\na,b" }] },
    ]);
  });

  it.each([
    [{ type: "file", source: { kind: "url", url: "https://a/b.pdf", mediaType: null }, filename: null }, /by URL/],
    [{ type: "image", source: { kind: "file-id", id: "f" } }, /by file id/],
  ] as const)("that can't be said are refused, not dropped: %j", (part, reason) => {
    const { unsupported } = encode({ messages: [{ role: "user", content: [text("Hi"), part] }] });
    expect(unsupported).toEqual([
      { member: "messages[0].content[1]", reason: expect.stringMatching(reason), droppable: false },
    ]);
  });
});
