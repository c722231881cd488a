// Reads of clients' parameters: every one has its place in the conversation.
import { describe, expect, it } from "vitest";
import { read } from "./reading.ts";

describe("parameters", () => {
  it("all have their place", () => {
    const conversation = read({
      max_completion_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      seed: 7,
      presence_penalty: -1,
      frequency_penalty: 1,
      logit_bias: { 50256: -100 },
      logprobs: true,
      top_logprobs: 3,
      n: 2,
      stop: "END",
      verbosity: "low",
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
      user: "u1",
      service_tier: "flex",
      stream: true,
      stream_options: { include_usage: true },
      parallel_tool_calls: false,
    });
    expect(conversation).toEqual({
      messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
      tools: [],
      toolChoice: null,
      parallelToolCalls: false,
      output: { kind: "text" },
      maxOutputTokens: 100,
      stop: ["END"],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      seed: 7,
      presencePenalty: -1,
      frequencyPenalty: 1,
      logitBias: { 50256: -100 },
      logprobs: { top: 3 },
      choices: 2,
      reasoning: null,
      verbosity: "low",
      modalities: ["text", "audio"],
      audioOutput: { voice: "alloy", format: "wav" },
      user: "u1",
      serviceTier: "flex",
      stream: true,
      extras: {},
    });
  });

  it("that are null are absent", () => {
    const members = [
      "max_tokens",
      "temperature",
      "top_p",
      "stop",
      "tools",
      "tool_choice",
      "response_format",
      "n",
      "seed",
      "logprobs",
      "user",
      "logit_bias",
      "reasoning",
      "reasoning_effort",
      "stream",
      "store",
      "audio",
      "modalities",
    ];
    expect(read(Object.fromEntries(members.map((name) => [name, null])))).toEqual(read({}));
  });

  it("take the newer name of the output limit before the older", () => {
    expect(read({ max_tokens: 5 }).maxOutputTokens).toBe(5);
    expect(read({ max_tokens: 5, max_completion_tokens: 6 }).maxOutputTokens).toBe(6);
  });

  it.each([
    [{ n: 1 }, { choices: null }],
    [{ top_k: 0 }, { topK: null }],
    [{ top_k: -1 }, { topK: null }],
    [{ modalities: ["text"] }, { modalities: null }],
    [{ logprobs: false, top_logprobs: 0 }, { logprobs: null }],
    [{ tool_choice: "auto" }, { toolChoice: null }],
    [{ safety_identifier: "s1" }, { user: "s1", extras: {} }],
    [
      { user: "u1", safety_identifier: "s1" },
      { user: "u1", extras: { safety_identifier: "s1" } },
    ],
  ])("that ask for the default, or twice for the same, say it once: %j", (body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });

  it.each([
    [{ type: "text" }, { kind: "text" }],
    [{ type: "json_object" }, { kind: "json" }],
    [
      { type: "json_schema", json_schema: { name: "city", schema: { type: "object" }, strict: true } },
      { kind: "json-schema", name: "city", description: null, schema: { type: "object" }, strict: true },
    ],
  ])("say the format of the answer: %j", (response_format, output) => {
    expect(read({ response_format }).output).toEqual(output);
  });

  it.each([
    ["none", { kind: "none" }],
    ["required", { kind: "required" }],
    [
      { type: "function", function: { name: "look" } },
      { kind: "tool", name: "look" },
    ],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "look" } }] },
      },
      { kind: "allowed", mode: "required", names: ["look"] },
    ],
  ])("say which tools may be called: %j", (tool_choice, toolChoice) => {
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" }, strict: true } }];
    expect(read({ tools, tool_choice })).toMatchObject({
      toolChoice,
      tools: [{ name: "look", description: null, parameters: { type: "object" }, strict: true }],
    });
  });

  const asked = { effort: null, budgetTokens: null, includeText: null };
  it.each([
    [{ reasoning_effort: "low" }, { ...asked, effort: "low" }],
    [{ reasoning: { effort: "high", exclude: true } }, { ...asked, effort: "high", includeText: false }],
    [{ reasoning: { max_tokens: 2000 } }, { ...asked, budgetTokens: 2000 }],
    [{ reasoning: { enabled: true } }, { ...asked, effort: "medium" }],
    [{ reasoning: { enabled: false } }, { ...asked, effort: "none" }],
    [{ include_reasoning: true }, { ...asked, includeText: true }],
  ])("say how much to reason, in OpenAI's form and OpenRouter's: %j", (body, reasoning) => {
    expect(read(body).reasoning).toEqual(reasoning);
  });

  it("without a neutral form are kept by their names, and those of the gateway are not", () => {
    const custom = { type: "custom", custom: { name: "grep" } };
    const { extras, tools } = read({
      store: true,
      metadata: { a: "b" },
      prediction: { type: "content", content: "x" },
      repetition_penalty: 1.1,
      models: ["a"],
      provider: { order: [] },
      drop_params: true,
      tools: [{ type: "function", function: { name: "look" } }, custom],
      tool_choice: { type: "custom", custom: { name: "grep" } },
    });
    expect(tools).toHaveLength(1);
    expect(extras).toEqual({
      store: true,
      metadata: { a: "b" },
      prediction: { type: "content", content: "x" },
      repetition_penalty: 1.1,
      "tools[1]": custom,
      tool_choice: { type: "custom", custom: { name: "grep" } },
    });
  });
});
