// How tools, output and parameters are written for the Converse API.
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import type { Conversation } from "../../../../providers/dialects/conversation.ts";
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
    // The others can't be told, and the gateway holds their answers to it.
    expect(encode(asked, nova).body).not.toHaveProperty("additionalModelRequestFields");
    expect(losses(asked, nova)).toEqual([]);
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

  it("a thinking budget of Claude counts inside the caller's limit, and is left out where there is no room", () => {
    const reasoning = { effort: "medium" as const, budgetTokens: null, includeText: null };
    const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
    expect(encode({ reasoning, maxOutputTokens: 5000 }, model).body).toMatchObject({
      inferenceConfig: { maxTokens: 5000 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 4000 } },
    });
    expect(losses({ reasoning, maxOutputTokens: 800 }, model)).toEqual([{ member: "reasoning", droppable: true }]);
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
