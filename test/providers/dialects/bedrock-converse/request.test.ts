// How a conversation is written for the Converse API, member by member.
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import type { Conversation, Message, UserPart } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { assistant, call, conversation, result, tool, user } from "../anthropic-messages/support/conversations.ts";

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

describe("tools", () => {
  const look = tool("look", {
    description: " ",
    parameters: { type: "object", properties: { at: { type: "string" } } },
  });
  const find = tool("find", { description: "Finds." });

  it("are specifications, without blank descriptions", () => {
    expect(encode({ tools: [look, find] }).body.toolConfig).toEqual({
      tools: [
        { toolSpec: { name: "look", inputSchema: { json: look.parameters } } },
        {
          toolSpec: { name: "find", description: "Finds.", inputSchema: { json: { type: "object", properties: {} } } },
        },
      ],
    });
  });

  it.each([
    ["auto", { kind: "auto" as const }, claude, { auto: {} }],
    ["required", { kind: "required" as const }, claude, { any: {} }],
    ["a name", { kind: "tool" as const, name: "find" }, claude, { tool: { name: "find" } }],
    ["a name", { kind: "tool" as const, name: "find" }, nova, { tool: { name: "find" } }],
    ["a name", { kind: "tool" as const, name: "find" }, "qwen.qwen3-32b-v1:0", { any: {} }],
  ])("are chosen by %s", (_what, toolChoice, model, expected) => {
    expect(encode({ tools: [look, find], toolChoice }, model).body).toMatchObject({
      toolConfig: { toolChoice: expected },
    });
  });

  it("are only the named one, where a model can't be told a name", () => {
    const { toolConfig } = encode(
      { tools: [look, find], toolChoice: { kind: "tool", name: "find" } },
      "mistral.devstral-2-123b",
    ).body;
    expect(toolConfig).toMatchObject({ tools: [{ toolSpec: { name: "find" } }] });
    expect((toolConfig as { tools: unknown[] }).tools).toHaveLength(1);
  });

  it("are left out when none may be called, unless earlier turns called some", () => {
    const none = { tools: [look], toolChoice: { kind: "none" as const } };
    expect(encode(none).body).not.toHaveProperty("toolConfig");
    const messages = [user("x"), assistant(call("a")), result("a")];
    expect(encode({ ...none, messages }).body).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: "look" } }] },
      additionalModelRequestFields: { tool_choice: { type: "none" } },
    });
    expect(losses({ ...none, messages }, nova)).toEqual([{ member: "toolChoice", droppable: true }]);
  });

  it("of earlier turns are declared when the request declares none: the API refuses calls without", () => {
    const messages = [
      user("x"),
      assistant(call("a", "look"), call("b", "find"), call("c", "look")),
      result("a"),
      result("b"),
      result("c"),
    ];
    expect(encode({ messages }).body.toolConfig).toEqual({
      tools: ["look", "find"].map((name) => ({
        toolSpec: { name, inputSchema: { json: { type: "object", properties: {} } } },
      })),
    });
  });

  it("are called one at a time by Claude, where asked", () => {
    const asked = { tools: [look], parallelToolCalls: false };
    expect(encode(asked).body.additionalModelRequestFields).toEqual({
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expect(losses(asked, nova)).toEqual([{ member: "parallelToolCalls", droppable: true }]);
  });

  it("can't be forced on Llama", () => {
    const asked = { tools: [look], toolChoice: { kind: "required" as const } };
    expect(losses(asked, "us.meta.llama4-maverick-17b-instruct-v1:0")).toEqual([
      { member: "toolChoice", droppable: true },
    ]);
  });
});

describe("output", () => {
  const output = {
    kind: "json-schema" as const,
    name: "city",
    description: "A city.",
    schema: { type: "object", properties: { name: { type: "string", minLength: 1 } }, required: ["name"] },
    strict: true,
  };

  it("with a schema is `outputConfig` on models that know it", () => {
    expect(encode({ output }, "qwen.qwen3-32b-v1:0").body.outputConfig).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { name: "city", description: "A city.", schema: JSON.stringify(output.schema) } },
      },
    });
    const schema = (
      encode({ output }).body.outputConfig as { textFormat: { structure: { jsonSchema: { schema: string } } } }
    ).textFormat.structure.jsonSchema.schema;
    expect(JSON.parse(schema)).toMatchObject({ additionalProperties: false, required: ["name"] });
  });

  it("with a schema is a tool on others, and the tool's input comes back as text", () => {
    const { body } = encode({ output }, nova);
    expect(body).not.toHaveProperty("outputConfig");
    expect(body).toMatchObject({
      toolConfig: {
        tools: [{ toolSpec: { name: "turnpike_json_output", inputSchema: { json: output.schema } } }],
        toolChoice: { tool: { name: "turnpike_json_output" } },
      },
    });
    const toolUse = { toolUseId: "t", name: "turnpike_json_output", input: { name: "Rome" } };
    const answer = { output: { message: { role: "assistant", content: [{ toolUse }] } }, stopReason: "tool_use" };
    expect(bedrockConverse.decode(answer)).toMatchObject({
      choices: [{ content: [{ type: "text", text: '{"name":"Rome"}' }], finish: "stop", rawFinish: "tool_use" }],
    });
  });

  it("of JSON without a schema is asked for in words", () => {
    expect(encode({ output: { kind: "json" } }).body.system).toMatchObject([{ text: expect.stringContaining("JSON") }]);
  });
});

describe("parameters", () => {
  it("that Converse has are in `inferenceConfig`", () => {
    const asked = { maxOutputTokens: 50, temperature: 1.7, topP: 0.5, stop: ["END"], serviceTier: "flex" };
    expect(encode(asked, nova).body).toMatchObject({
      inferenceConfig: { maxTokens: 50, temperature: 1, topP: 0.5, stopSequences: ["END"] },
      serviceTier: { type: "flex" },
    });
  });

  it.each([
    [claude, { top_k: 5 }],
    [nova, { inferenceConfig: { topK: 5 } }],
    ["mistral.devstral-2-123b", { top_k: 5 }],
    ["cohere.command-r-v1:0", { k: 5 }],
  ])("`topK` goes to %s as it knows it", (model, expected) => {
    expect(encode({ topK: 5 }, model).body.additionalModelRequestFields).toEqual(expected);
  });

  it.each([
    ["us.anthropic.claude-sonnet-4-6", "high", { thinking: { type: "adaptive" }, output_config: { effort: "high" } }],
    ["us.anthropic.claude-sonnet-4-20250514-v1:0", "minimal", { thinking: { type: "enabled", budget_tokens: 1024 } }],
    ["openai.gpt-oss-120b-1:0", "xhigh", { reasoning_effort: "high" }],
    ["qwen.qwen3-32b-v1:0", "high", { reasoning_config: "high" }],
    ["us.amazon.nova-2-lite-v1:0", "medium", { reasoningConfig: { type: "enabled", maxReasoningEffort: "medium" } }],
    ["us.amazon.nova-2-lite-v1:0", "none", { reasoningConfig: { type: "disabled" } }],
  ] as const)("reasoning goes to %s at %s as it knows it", (model, effort, expected) => {
    const reasoning = { effort, budgetTokens: null, includeText: null };
    expect(encode({ reasoning }, model).body.additionalModelRequestFields).toEqual(expected);
  });

  it("reasoning that can't be steered is reported", () => {
    const reasoning = { effort: "high" as const, budgetTokens: null, includeText: null };
    expect(losses({ reasoning }, "minimax.minimax-m2")).toEqual([{ member: "reasoning", droppable: true }]);
  });

  it("without any form are reported, and may be dropped", () => {
    const asked = {
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      logitBias: { "1": 1 },
      logprobs: { top: 1 },
      choices: 2,
      extras: { min_p: 0.1 },
    };
    expect(losses(asked)).toEqual(
      ["choices", "seed", "presencePenalty", "frequencyPenalty", "logitBias", "logprobs", "min_p"].map((member) => ({
        member,
        droppable: true,
      })),
    );
  });

  it("of Converse itself pass, and the user's id is metadata", () => {
    const guardrailConfig = { guardrailIdentifier: "g", guardrailVersion: "1" };
    const extras = { guardrailConfig, additionalModelRequestFields: { anthropic_beta: ["x"] }, stream_options: {} };
    expect(encode({ extras, user: "u-1", topK: 3 })).toMatchObject({
      body: {
        guardrailConfig,
        additionalModelRequestFields: { anthropic_beta: ["x"], top_k: 3 },
        requestMetadata: { user: "u-1" },
      },
      unsupported: [],
    });
  });

  it("ask for an event stream where the answer is to be streamed", () => {
    expect(encode({ stream: true }).headers).toEqual({ accept: "application/vnd.amazon.eventstream" });
    expect(encode().headers).toBeUndefined();
  });
});
