// How a conversation is written for Cohere's Chat API, member by member.
import { describe, expect, it } from "vitest";
import { cohereChat } from "../../../../providers/dialects/cohere/index.ts";
import type { Conversation, Message, UserPart } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { assistant, call, conversation, result, target, tool, user } from "../../../support/neutral/conversations.ts";

interface Request {
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | readonly { readonly type: string; readonly text?: string }[];
    readonly tool_plan?: string;
    readonly tool_calls?: readonly {
      readonly id: string;
      readonly function: { readonly name: string; readonly arguments: string };
    }[];
    readonly tool_call_id?: string;
  }[];
  readonly [member: string]: unknown;
}

function encode(over: Partial<Conversation> = {}, model = "command-a-03-2025", traits: ModelTraits = {}) {
  const encoded = cohereChat.encode(conversation(over), target(model, traits));
  return { body: JSON.parse(JSON.stringify(encoded.body)) as Request, unsupported: encoded.unsupported };
}
const losses = (over: Partial<Conversation>) =>
  encode(over).unsupported.map(({ member, droppable }) => ({ member, droppable }));
const text = (words: string) => ({ type: "text" as const, text: words });
const parts = (...content: readonly UserPart[]): Message => ({ role: "user", content });
const textFile = (words: string, filename: string | null): UserPart => ({
  type: "file",
  source: { kind: "base64", mediaType: "text/plain", data: btoa(words) },
  filename,
});

describe("messages", () => {
  it("keep their roles; instructions in the middle become user text", () => {
    const messages: readonly Message[] = [
      { role: "developer", content: [text("Be brief.")] },
      user("Hi"),
      assistant(text("Hello"), text(" there")),
      { role: "system", content: [text("Be long.")] },
      user("Go on"),
    ];
    expect(encode({ messages }).body.messages).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello there" },
      { role: "user", content: "Be long." },
      { role: "user", content: "Go on" },
    ]);
  });

  it("with tool calls have a plan in place of content", () => {
    const messages: readonly Message[] = [
      user("Look"),
      assistant(
        { type: "reasoning", text: "I will look." },
        { type: "reasoning", text: "secret", signature: { vendor: "anthropic", value: "E" } },
        text("Looking."),
        call("a", "look", '{"at": 1}'),
        call("b", "look", ""),
        call("c", "look", "{"),
      ),
      result("a"),
      result("b"),
      result("c"),
    ];
    expect(encode({ messages, tools: [tool("look")] }).body.messages.slice(1)).toEqual([
      {
        role: "assistant",
        tool_plan: "I will look.\nLooking.",
        tool_calls: [
          { id: "a", type: "function", function: { name: "look", arguments: '{"at": 1}' } },
          { id: "b", type: "function", function: { name: "look", arguments: "{}" } },
          { id: "c", type: "function", function: { name: "look", arguments: '{"INVALID_JSON":"{"}' } },
        ],
      },
      { role: "tool", tool_call_id: "a", content: "found" },
      { role: "tool", tool_call_id: "b", content: "found" },
      { role: "tool", tool_call_id: "c", content: "found" },
    ]);
  });

  it("hold images as URLs, and files as documents that citations find again", () => {
    const { body } = encode({
      messages: [
        parts(
          text("See"),
          { type: "image", source: { kind: "base64", mediaType: "image/png", data: "aa" }, detail: "low" },
          { type: "image", source: { kind: "url", url: "https://x.example/a.png", mediaType: null } },
          textFile("one", "one.txt"),
          textFile("two", null),
        ),
      ],
      extras: { documents: [{ id: "mine", data: { text: "three" } }] },
    });
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "See" },
          { type: "image_url", image_url: { url: "data:image/png;base64,aa", detail: "low" } },
          { type: "image_url", image_url: { url: "https://x.example/a.png" } },
        ],
      },
    ]);
    expect(body.documents).toEqual([
      { id: "doc:0", data: { title: "one.txt", text: "one" } },
      { id: "doc:1", data: { text: "two" } },
      { id: "mine", data: { text: "three" } },
    ]);
    const citations = [{ start: 0, end: 4, text: "Grüß", sources: [{ type: "document", id: "doc:1" }] }];
    const answer = {
      message: {
        content: [
          { type: "text", text: "👋 " },
          { type: "text", text: "Grüße" },
        ],
        citations,
      },
    };
    expect(
      cohereChat.decode({
        ...answer,
        message: { ...answer.message, citations: [{ ...citations[0], content_index: 1 }] },
      }),
    ).toMatchObject({
      choices: [{ content: [{}, { citations: [{ documentIndex: 1, startIndex: 3, endIndex: 7 }] }] }],
    });
  });

  it.each<[string, UserPart]>([
    ["a PDF", { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "aGk=" }, filename: null }],
    [
      "a file by URL",
      { type: "file", source: { kind: "url", url: "https://x.example/a", mediaType: null }, filename: null },
    ],
    ["an image by id", { type: "image", source: { kind: "file-id", id: "f" } }],
    ["sound", { type: "audio", data: "aa", format: "wav" }],
  ])("are refused and never dropped with %s", (_what, part) => {
    expect(losses({ messages: [parts(text("x"), part)] })).toEqual([
      { member: "messages[0].content[1]", droppable: false },
    ]);
  });
});

describe("tools and output", () => {
  const tools = [tool("look", { description: "Looks." }), tool("find", { strict: true })];

  it.each([
    [null, 2, undefined],
    [{ kind: "auto" as const }, 2, undefined],
    [{ kind: "required" as const }, 2, "REQUIRED"],
    [{ kind: "none" as const }, 2, "NONE"],
    [{ kind: "tool" as const, name: "find" }, 1, "REQUIRED"],
    [{ kind: "allowed" as const, mode: "auto" as const, names: ["look"] }, 1, undefined],
  ])("are chosen by %j", (toolChoice, count, expected) => {
    const { body } = encode({ tools, toolChoice });
    expect(body.tools).toHaveLength(count);
    expect(body.tool_choice).toBe(expected);
  });

  it("are all strict or none", () => {
    expect(losses({ tools })).toEqual([{ member: "tools", droppable: true }]);
    const strict = encode({ tools: [tool("find", { strict: true })] });
    expect(strict).toMatchObject({
      body: {
        strict_tools: true,
        tools: [{ type: "function", function: { name: "find", parameters: { type: "object", properties: {} } } }],
      },
      unsupported: [],
    });
  });

  it("with a schema is `response_format`, which neither tools nor documents allow", () => {
    const output = {
      kind: "json-schema" as const,
      name: "c",
      description: null,
      schema: { type: "object" },
      strict: true,
    };
    expect(encode({ output }).body.response_format).toEqual({ type: "json_object", json_schema: { type: "object" } });
    expect(encode({ output: { kind: "json" } }).body.response_format).toEqual({ type: "json_object" });
    expect(losses({ output, tools: [tool("look")] })).toEqual([{ member: "output", droppable: true }]);
    expect(losses({ output, extras: { documents: ["d"] } })).toEqual([{ member: "output", droppable: true }]);
  });
});

describe("parameters", () => {
  it("have Cohere's names and ranges", () => {
    const asked = {
      maxOutputTokens: 9000,
      stop: ["END"],
      temperature: 1.5,
      topP: 1,
      topK: 900,
      seed: 7,
      frequencyPenalty: 1.5,
      stream: true,
      extras: { safety_mode: "OFF", citation_options: { mode: "FAST" }, metadata: {} },
    };
    expect(encode(asked, "command-a-03-2025", { maxOutputTokens: 8000 })).toEqual({
      body: {
        model: "command-a-03-2025",
        messages: [{ role: "user", content: "Hello" }],
        stream: true,
        max_tokens: 8000,
        stop_sequences: ["END"],
        temperature: 1,
        p: 0.99,
        k: 500,
        seed: 7,
        frequency_penalty: 1,
        safety_mode: "OFF",
        citation_options: { mode: "FAST" },
      },
      unsupported: [],
    });
  });

  it.each([
    ["none", null, { type: "disabled" }],
    ["low", null, { type: "enabled", token_budget: 2048 }],
    ["high", null, { type: "enabled" }],
    [null, 500, { type: "enabled", token_budget: 500 }],
    [null, -1, { type: "enabled" }],
    [null, 0, { type: "disabled" }],
  ] as const)("ask for thinking of effort %s and budget %s", (effort, budgetTokens, expected) => {
    const reasoning = { effort, budgetTokens, includeText: null };
    expect(encode({ reasoning }, "command-a-reasoning-08-2025").body.thinking).toEqual(expected);
    const plain = encode({ reasoning });
    expect(plain.body).not.toHaveProperty("thinking");
    expect(plain.unsupported).toHaveLength(expected.type === "disabled" ? 0 : 1);
  });

  it("without any form are reported, and may be dropped", () => {
    const asked = {
      choices: 2,
      logitBias: { "1": 1 },
      logprobs: { top: 0 },
      presencePenalty: -1,
      user: "u",
      serviceTier: "priority",
      extras: { min_p: 1 },
    };
    expect(
      losses(asked)
        .map(({ member }) => member)
        .toSorted(),
    ).toEqual(["choices", "logitBias", "logprobs", "min_p", "presencePenalty", "serviceTier", "user"].toSorted());
    expect(losses(asked).every(({ droppable }) => droppable)).toBe(true);
  });
});
