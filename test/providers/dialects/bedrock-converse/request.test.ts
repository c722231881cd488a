// How a conversation's messages are written for the Converse API.
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import type { Conversation, Message, UserPart } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { assistant, call, conversation, result, tool, user } from "../../../support/neutral/conversations.ts";

const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const nova = "us.amazon.nova-lite-v1:0";

function encode(over: Partial<Conversation> = {}, model = claude, traits: ModelTraits = {}) {
  const encoded = bedrockConverse.encode(conversation(over), { providerId: "amazon-bedrock", model, traits });
  return { ...encoded, body: JSON.parse(JSON.stringify(encoded.body)) as Record<string, unknown> };
}
const losses = (over: Partial<Conversation>, model?: string, traits?: ModelTraits) =>
  encode(over, model, traits).unsupported.map(({ member, droppable }) => ({ member, droppable }));
const parts = (...content: readonly UserPart[]): Message => ({ role: "user", content });
const text = (words: string) => ({ type: "text" as const, text: words });
const file = (mediaType: string, filename: string | null = null, data = "aGk="): UserPart => ({
  type: "file",
  source: { kind: "base64", mediaType, data },
  filename,
});

describe("the path", () => {
  it.each([
    ["amazon.nova-micro-v1:0", "amazon.nova-micro-v1%3A0"],
    ["amazon.nova-micro-v1%3A0", "amazon.nova-micro-v1%3A0"],
    ["eu.anthropic.claude-sonnet-4-6", "eu.anthropic.claude-sonnet-4-6"],
    [
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f",
      "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fmi1dadi0g15f",
    ],
  ])("of %s is one segment", (model, segment) => {
    const target = { providerId: "amazon-bedrock", model, traits: {} };
    expect(bedrockConverse.path(target, { stream: false })).toBe(`/model/${segment}/converse`);
    expect(bedrockConverse.path(target, { stream: true })).toBe(`/model/${segment}/converse-stream`);
  });
});

describe("messages", () => {
  it("that lead with instructions have them in `system`; later instructions stay in place as user text", () => {
    const messages: readonly Message[] = [
      { role: "system", content: [text("Be brief.")] },
      { role: "developer", content: [text("Be kind.")] },
      user("Hi"),
      assistant(text("Hello")),
      { role: "system", content: [text("Now be verbose.")] },
      user("Go on"),
    ];
    expect(encode({ messages }).body).toMatchObject({
      system: [{ text: "Be brief." }, { text: "Be kind." }],
      messages: [
        { role: "user", content: [{ text: "Hi" }] },
        { role: "assistant", content: [{ text: "Hello" }] },
        { role: "user", content: [{ text: "Now be verbose." }, { text: "Go on" }] },
      ],
    });
  });

  it("carry tool calls and results, results first, with their failure", () => {
    const messages: readonly Message[] = [
      user("Look"),
      assistant(text("Looking."), call("a", "look", '{"at":1}'), call("b", "look", "")),
      { role: "tool", toolCallId: "b", content: [text("broken")], isError: true },
      result("a"),
      user("Well?"),
    ];
    expect(encode({ messages, tools: [tool("look")] }).body.messages).toEqual([
      { role: "user", content: [{ text: "Look" }] },
      {
        role: "assistant",
        content: [
          { text: "Looking." },
          { toolUse: { toolUseId: "a", name: "look", input: { at: 1 } } },
          { toolUse: { toolUseId: "b", name: "look", input: {} } },
        ],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "b", content: [{ text: "broken" }], status: "error" } },
          { toolResult: { toolUseId: "a", content: [{ text: "found" }] } },
          { text: "Well?" },
        ],
      },
    ]);
  });

  it("keep the digits of large numbers in arguments", () => {
    const messages = [user("x"), assistant(call("a", "look", '{"id":12345678901234567890}')), result("a")];
    const { body } = bedrockConverse.encode(conversation({ messages }), { providerId: "b", model: claude, traits: {} });
    expect(JSON.stringify(body)).toContain('{"id":12345678901234567890}');
  });

  it("give signed reasoning back to Claude, in its place, and to no other model", () => {
    const messages: readonly Message[] = [
      user("x"),
      assistant(
        { type: "reasoning", text: "hm ", signature: { vendor: "anthropic", value: "Esig" } },
        { type: "reasoning", text: "", encrypted: { vendor: "anthropic", value: "Eu8ECkg" } },
        { type: "reasoning", text: "theirs", signature: { vendor: "google", value: "g" } },
        { type: "reasoning", text: "unsigned" },
        call("a"),
      ),
      result("a"),
    ];
    const reasoning = { effort: null, budgetTokens: 1024, includeText: null };
    const asked = { messages, tools: [tool("look")], reasoning };
    expect(encode(asked).body.messages).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: "hm ", signature: "Esig" } } },
          { reasoningContent: { redactedContent: btoa("Eu8ECkg") } },
          { toolUse: { toolUseId: "a" } },
        ],
      },
      {},
    ]);
    expect(JSON.stringify(encode(asked, "qwen.qwen3-32b-v1:0").body)).not.toContain("reasoningContent");
  });

  it("separate words from tool results for Llama, and shorten ids for Mistral", () => {
    const messages = [user("x"), assistant(call("call_1234567890")), result("call_1234567890"), user("so?")];
    const asked = { messages, tools: [tool("look")] };
    expect(encode(asked, "us.meta.llama4-maverick-17b-instruct-v1:0").body.messages).toMatchObject([
      { role: "user" },
      { role: "assistant" },
      { role: "user", content: [{ toolResult: {} }] },
      { role: "assistant", content: [{ text: "." }] },
      { role: "user", content: [{ text: "so?" }] },
    ]);
    const ids = JSON.stringify(encode(asked, "mistral.devstral-2-123b").body).match(/"toolUseId":"[a-zA-Z0-9]{9}"/g);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("media", () => {
  it("are bytes in the API's formats, documents under names that it takes, each once", () => {
    const { body, unsupported } = encode({
      messages: [
        parts(
          text("See"),
          { type: "image", source: { kind: "base64", mediaType: "image/jpg", data: "aa" } },
          file("application/pdf", "Q3/report_final.v2.pdf"),
          file("text/x-python", null),
          file("application/octet-stream", "notes.md"),
          file("application/pdf", "Q3/report_final.v2.pdf"),
          file("video/quicktime"),
          { type: "image", source: { kind: "url", url: "s3://bucket/a.png", mediaType: null } },
        ),
      ],
    });
    expect(unsupported).toEqual([]);
    expect(body.messages).toEqual([
      {
        role: "user",
        content: [
          { text: "See" },
          { image: { format: "jpeg", source: { bytes: "aa" } } },
          { document: { format: "pdf", name: "Q3-report-final-v2", source: { bytes: "aGk=" } } },
          { document: { format: "txt", name: "document", source: { bytes: "aGk=" } } },
          { document: { format: "md", name: "notes", source: { bytes: "aGk=" } } },
          { document: { format: "pdf", name: "Q3-report-final-v2 2", source: { bytes: "aGk=" } } },
          { video: { format: "mov", source: { bytes: "aGk=" } } },
          { image: { format: "png", source: { s3Location: { uri: "s3://bucket/a.png" } } } },
        ],
      },
    ]);
  });

  it("have a text beside a document", () => {
    expect(encode({ messages: [parts(file("application/pdf", "a b.pdf"))] }).body.messages).toEqual([
      {
        role: "user",
        content: [{ text: "a b" }, { document: { format: "pdf", name: "a b", source: { bytes: "aGk=" } } }],
      },
    ]);
  });

  it.each<[string, UserPart]>([
    ["an image by URL", { type: "image", source: { kind: "url", url: "https://x.example/a.png", mediaType: null } }],
    [
      "a file by URL",
      { type: "file", source: { kind: "url", url: "https://x.example/a.pdf", mediaType: null }, filename: null },
    ],
    ["a file by id", { type: "file", source: { kind: "file-id", id: "file_1" }, filename: null }],
    ["an unknown type", file("application/zip")],
    ["an image of another type", { type: "image", source: { kind: "base64", mediaType: "image/tiff", data: "aa" } }],
    ["sound", { type: "audio", data: "aa", format: "wav" }],
  ])("are refused and never dropped: %s", (_what, part) => {
    expect(losses({ messages: [parts(text("x"), part)] })).toEqual([
      { member: "messages[0].content[1]", droppable: false },
    ]);
  });
});

describe("cache markers", () => {
  const marked = (words: string, ttl: "5m" | "1h" | null = null) => ({ ...text(words), cache: { ttl } });
  const point = { cachePoint: { type: "default" } };

  it("become cache points after what they mark, an hour's where the model has it", () => {
    const messages: readonly Message[] = [
      { role: "system", content: [marked("s", "1h")] },
      parts(marked("a", "1h"), text("b")),
    ];
    const tools = [tool("look", { cache: { ttl: null } })];
    expect(encode({ messages, tools: [tool("look", { cache: { ttl: "1h" } })] }).body).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: "look" } }, { cachePoint: { type: "default", ttl: "1h" } }] },
      system: [{ text: "s" }, { cachePoint: { ttl: "1h" } }],
      messages: [{ content: [{ text: "a" }, { cachePoint: { ttl: "1h" } }, { text: "b" }] }],
    });
    // After five minutes no hour may follow, and Nova has neither hours nor points in tools.
    expect(encode({ messages, tools }).body).toMatchObject({ system: [{ text: "s" }, point] });
    const ofNova = encode({ messages, tools }, nova).body;
    expect(ofNova).toMatchObject({ toolConfig: { tools: [{ toolSpec: {} }] }, system: [{ text: "s" }, point] });
    expect(JSON.stringify(ofNova).match(/cachePoint/g)).toHaveLength(2);
  });

  it("go before a document at the end, for a point after it is refused", () => {
    const document: UserPart = {
      type: "file",
      source: { kind: "base64", mediaType: "text/plain", data: "aGk=" },
      filename: null,
      cache: { ttl: null },
    };
    expect(encode({ messages: [parts(text("a"), document)] }).body.messages).toMatchObject([
      { content: [{ text: "a" }, point, { document: {} }] },
    ]);
  });

  it("are four at most, and none on models without caches", () => {
    const messages = [parts(...["a", "b", "c", "d", "e", "f"].map((words) => marked(words)))];
    const { body, unsupported } = encode({ messages });
    expect(JSON.stringify(body).match(/cachePoint/g)).toHaveLength(4);
    expect(unsupported.map(({ member }) => member)).toEqual([
      "messages[0].content[0].cache",
      "messages[0].content[1].cache",
    ]);
    expect(encode({ messages }, "qwen.qwen3-32b-v1:0")).toMatchObject({ unsupported: [] });
    expect(JSON.stringify(encode({ messages }, "qwen.qwen3-32b-v1:0").body)).not.toContain("cachePoint");
  });
});
