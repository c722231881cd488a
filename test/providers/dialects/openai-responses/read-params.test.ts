// Reading parameters and tools, and the client's own names for them.
import { describe, expect, it } from "vitest";
import { openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { read } from "./reading.ts";

const user = (...content: unknown[]) => ({ role: "user", content });

describe("parameters", () => {
  it("become members of the conversation", () => {
    expect(
      read({
        max_output_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        parallel_tool_calls: false,
        text: { format: { type: "json_object" }, verbosity: "low" },
        reasoning: { effort: "high", summary: "detailed", context: "auto" },
        include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
        user: "u-1",
        service_tier: "flex",
        stream: true,
      }),
    ).toMatchObject({
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      parallelToolCalls: false,
      output: { kind: "json" },
      verbosity: "low",
      reasoning: { effort: "high", budgetTokens: null, includeText: true },
      logprobs: { top: 0 },
      user: "u-1",
      serviceTier: "flex",
      stream: true,
      extras: {},
    });
  });

  it("that are null are absent", () => {
    const nulls = Object.fromEntries(
      [
        "instructions",
        "tools",
        "tool_choice",
        "text",
        "reasoning",
        "temperature",
        "user",
        "truncation",
        "metadata",
      ].map((name) => [name, null]),
    );
    expect(read(nulls)).toEqual(read({}));
  });

  it("ask for log probabilities in two ways", () => {
    expect(read({ top_logprobs: 3 }).logprobs).toEqual({ top: 3 });
    expect(read({ top_logprobs: 0 }).logprobs).toBeNull();
    expect(read({}).logprobs).toBeNull();
  });

  it("describe a JSON schema", () => {
    const format = { type: "json_schema", name: "out", schema: { type: "object" }, strict: true, description: "d" };
    expect(read({ text: { format } }).output).toEqual({
      kind: "json-schema",
      name: "out",
      description: "d",
      schema: { type: "object" },
      strict: true,
    });
  });

  it("ask for a summary of reasoning under its elder name too", () => {
    expect(read({ reasoning: { generate_summary: "auto" } }).reasoning).toEqual({
      effort: null,
      budgetTokens: null,
      includeText: true,
    });
    expect(read({ reasoning: { effort: null, summary: null } }).reasoning).toBeNull();
  });

  it("that this gateway answers to itself, or that ask nothing without built-in tools, are no extras", () => {
    const body = {
      metadata: { a: "b" },
      store: false,
      max_tool_calls: 3,
      include: ["web_search_call.action.sources"],
      stream_options: { include_obfuscation: false },
      models: ["a"],
      provider: {},
      drop_params: true,
    };
    expect(read(body).extras).toEqual({});
    expect(read({ prompt_cache_key: "k", novelty: 1 }).extras).toEqual({ prompt_cache_key: "k", novelty: 1 });
  });

  it("name the end user once, and twice where the names differ", () => {
    expect(read({ safety_identifier: "s" })).toMatchObject({ user: "s", extras: {} });
    expect(read({ user: "u", safety_identifier: "s" })).toMatchObject({
      user: "u",
      extras: { safety_identifier: "s" },
    });
  });
});

describe("tools", () => {
  const closed = {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "array", items: { type: "integer" } } },
    required: ["city", "days"],
    additionalProperties: false,
  };

  it("are flat functions", () => {
    expect(
      read({ tools: [{ type: "function", name: "look", description: "d", parameters: {}, strict: false }] }).tools,
    ).toEqual([{ name: "look", description: "d", parameters: {}, strict: false }]);
  });

  it.each([
    ["closed and all required", closed, true],
    ["open", { ...closed, additionalProperties: true }, false],
    ["with an optional property", { ...closed, required: ["city"] }, false],
    [
      "open further down",
      { ...closed, properties: { ...closed.properties, city: { type: "object", properties: {} } } },
      false,
    ],
    ["with definitions that are closed", { ...closed, $defs: { a: closed } }, true],
    ["with alternatives", { ...closed, properties: { city: { anyOf: [closed, { type: "null" }] }, days: {} } }, true],
    ["with what strict mode does not know", { ...closed, properties: { city: { oneOf: [] }, days: {} } }, false],
    ["absent", null, false],
  ])("that do not say are strict when their schema allows it: %s", (_what, parameters, strict) => {
    expect(read({ tools: [{ type: "function", name: "look", parameters }] }).tools[0]?.strict).toBe(strict);
    expect(read({ tools: [{ type: "function", name: "look", parameters, strict: true }] }).tools[0]?.strict).toBe(true);
  });

  it.each([
    ["auto", { kind: "auto" }],
    ["none", { kind: "none" }],
    ["required", { kind: "required" }],
    [
      { type: "function", name: "look" },
      { kind: "tool", name: "look" },
    ],
    [
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "look" }] },
      { kind: "allowed", mode: "required", names: ["look"] },
    ],
  ])("are chosen by %j", (tool_choice, choice) => {
    expect(read({ tools: [{ type: "function", name: "look" }], tool_choice }).toolChoice).toEqual(choice);
  });

  it("that are none can only be left to the model", () => {
    expect(read({ tool_choice: "auto" }).toolChoice).toBeNull();
  });
});

describe("the client's names", () => {
  const body = {
    instructions: "Be brief.",
    input: [
      user({ type: "input_text", text: "A" }, { type: "input_image", image_url: "https://a.example/b.png" }),
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
      { role: "assistant", content: [{ type: "output_text", text: "B" }] },
      { type: "function_call", call_id: "c", name: "look", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: [{ type: "input_image", file_id: "file-1" }] },
      { role: "user", content: "C" },
    ],
    top_logprobs: 2,
    user: "u",
  };

  it.each([
    ["messages", "input"],
    ["messages[0]", "instructions"],
    ["messages[0].content[0]", "instructions"],
    ["messages[1]", "input[0]"],
    ["messages[1].content[1]", "input[0].content[1]"],
    ["messages[2]", "input[1]"],
    ["messages[2].content[0]", "input[1]"],
    ["messages[2].content[1]", "input[2].content[0]"],
    ["messages[2].content[2]", "input[3]"],
    ["messages[3].content[0]", "input[4].output[0]"],
    ["messages[4].content[0]", "input[5].content"],
    ["messages[9]", "input"],
    ["maxOutputTokens", "max_output_tokens"],
    ["topP", "top_p"],
    ["temperature", "temperature"],
    ["toolChoice", "tool_choice"],
    ["parallelToolCalls", "parallel_tool_calls"],
    ["output", "text.format"],
    ["verbosity", "text.verbosity"],
    ["reasoning", "reasoning"],
    ["reasoning.effort", "reasoning.effort"],
    ["reasoning.includeText", "reasoning.summary"],
    ["logprobs", "top_logprobs"],
    ["user", "user"],
    ["serviceTier", "service_tier"],
    ["tools[1]", "tools[1]"],
    ["input[3]", "input[3]"],
    ["truncation", "truncation"],
  ])("%s is %s", (member, param) => {
    expect(openaiResponsesServer.param(member, body)).toBe(param);
  });

  it("are those that the client used", () => {
    expect(openaiResponsesServer.param("logprobs", { include: [] })).toBe("include");
    expect(openaiResponsesServer.param("user", { safety_identifier: "s" })).toBe("safety_identifier");
    expect(openaiResponsesServer.param("messages[0]", { input: 5 })).toBe("input");
  });
});
