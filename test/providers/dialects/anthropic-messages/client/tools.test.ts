// Tools, tool choice and output formats.
import { describe, expect, it } from "vitest";
import { encodeRequest } from "../../../../../providers/dialects/anthropic-messages/client/request.ts";
import type { Conversation, OutputFormat, ToolChoice } from "../../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../../providers/dialects/dialect.ts";
import {
  assistant,
  call,
  conversation,
  result,
  target,
  tool,
  user,
} from "../../../../support/neutral/conversations.ts";

const older = "claude-3-7-sonnet-20250219";
const current = "claude-sonnet-4-5";

function send(over: Partial<Conversation>, model = current, traits: ModelTraits = {}) {
  const { body, unsupported } = encodeRequest(conversation(over), target(model, traits));
  return { body, unsupported: unsupported.map(({ member, droppable }) => ({ member, droppable })) };
}

const names = (body: Readonly<Record<string, unknown>>) =>
  (body.tools as { name: string }[] | undefined)?.map(({ name }) => name);

describe("a tool", () => {
  it("is sent with what it declares, and no more", () => {
    const parameters = { type: "object", properties: { a: { type: "string", minLength: 2 } }, required: ["a"] };
    const { body } = send({
      tools: [tool("look", { description: "Looks.", parameters, cache: { ttl: "1h" } }), tool("find")],
    });
    expect(body.tools).toEqual([
      {
        name: "look",
        description: "Looks.",
        input_schema: parameters,
        cache_control: { type: "ephemeral", ttl: "1h" },
      },
      { name: "find", input_schema: { type: "object", properties: {} } },
    ]);
    expect(body).not.toHaveProperty("tool_choice");
  });

  it("without a type of its schema gets one, which the API requires", () => {
    const { body } = send({ tools: [tool("look", { parameters: { anyOf: [] } })] });
    expect(body.tools).toMatchObject([{ input_schema: { type: "object", anyOf: [] } }]);
  });

  it("that is strict stays so on models that know it, with a schema that can be kept", () => {
    const tools = [
      tool("look", { strict: true, parameters: { type: "object", properties: { n: { type: "number", minimum: 1 } } } }),
    ];
    expect(send({ tools }).body.tools).toEqual([
      {
        name: "look",
        input_schema: {
          type: "object",
          properties: { n: { type: "number", description: "{minimum: 1}" } },
          additionalProperties: false,
        },
        strict: true,
      },
    ]);
    const { body, unsupported } = send({ tools }, older);
    expect(body.tools).toMatchObject([{ input_schema: { properties: { n: { minimum: 1 } } } }]);
    expect(unsupported).toEqual([{ member: "tools", droppable: true }]);
  });

  it("with a name that the API can't take is refused", () => {
    expect(send({ tools: [tool("a.b")] }).unsupported).toEqual([{ member: "tools", droppable: false }]);
  });
});

describe("the choice of tools", () => {
  const tools = [tool("look"), tool("find")];

  it.each<[ToolChoice | null, boolean | null, object | undefined]>([
    [null, null, undefined],
    [null, true, undefined],
    [null, false, { type: "auto", disable_parallel_tool_use: true }],
    [{ kind: "auto" }, null, { type: "auto" }],
    [{ kind: "auto" }, false, { type: "auto", disable_parallel_tool_use: true }],
    [{ kind: "none" }, null, { type: "none" }],
    [{ kind: "none" }, false, { type: "none" }],
    [{ kind: "required" }, null, { type: "any" }],
    [{ kind: "required" }, false, { type: "any", disable_parallel_tool_use: true }],
    [{ kind: "tool", name: "find" }, null, { type: "tool", name: "find" }],
    [{ kind: "tool", name: "find" }, false, { type: "tool", name: "find", disable_parallel_tool_use: true }],
  ])("%j with parallel calls %s is %j, and all tools stay", (toolChoice, parallelToolCalls, expected) => {
    const { body, unsupported } = send({ tools, toolChoice, parallelToolCalls });
    expect(body.tool_choice).toEqual(expected);
    expect(names(body)).toEqual(["look", "find"]);
    expect(unsupported).toEqual([]);
  });

  it.each([
    ["auto", { type: "auto" }],
    ["required", { type: "any" }],
  ] as const)("of some allowed tools, %s, leaves the others out", (mode, expected) => {
    const { body } = send({ tools, toolChoice: { kind: "allowed", mode, names: ["find", "absent"] } });
    expect(names(body)).toEqual(["find"]);
    expect(body.tool_choice).toEqual(expected);
  });

  it.each<ToolChoice>([
    { kind: "required" },
    { kind: "tool", name: "x" },
    { kind: "allowed", mode: "auto", names: ["x"] },
  ])("%j without tools is left out, and said so", (toolChoice) => {
    const { body, unsupported } = send({ toolChoice });
    expect(body).not.toHaveProperty("tool_choice");
    expect(unsupported).toEqual([{ member: "toolChoice", droppable: true }]);
  });

  it.each<Partial<Conversation>>([
    { toolChoice: { kind: "auto" } },
    { toolChoice: { kind: "none" } },
    { parallelToolCalls: false },
  ])("%j without tools asks nothing", (over) => {
    const { body, unsupported } = send(over);
    expect(body).not.toHaveProperty("tool_choice");
    expect(unsupported).toEqual([]);
  });

  it("of none keeps the tools that earlier turns called", () => {
    const messages = [user("q"), assistant(call("a")), result("a")];
    expect(names(send({ tools, messages, toolChoice: { kind: "none" } }).body)).toEqual(["look", "find"]);
  });

  it("that forces a call is left to models that refuse it, and said so", () => {
    const { body, unsupported } = send({ tools, toolChoice: { kind: "required" } }, "claude-opus-5-5");
    expect(body.tool_choice).toEqual({ type: "auto" });
    expect(unsupported).toEqual([{ member: "toolChoice", droppable: true }]);
  });
});

describe("an output format", () => {
  const schema = { type: "object", properties: { city: { type: "string", maxLength: 9 } }, required: ["city"] };
  const format: OutputFormat = { kind: "json-schema", name: "place", description: null, schema, strict: true };
  const jsonTool = "turnpike_json_output";

  it("with a schema is the model's own, where it has one", () => {
    const { body, unsupported } = send({ output: format, tools: [tool("look")] });
    expect(body.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { city: { type: "string", description: "{maxLength: 9}" } },
          additionalProperties: false,
          required: ["city"],
        },
      },
    });
    expect(names(body)).toEqual(["look"]);
    expect(body).not.toHaveProperty("tool_choice");
    expect(unsupported).toEqual([]);
  });

  it("goes beside an effort", () => {
    const reasoning = { effort: "low" as const, budgetTokens: null, includeText: null };
    expect(send({ output: format, reasoning }, "claude-opus-4-8").body.output_config).toMatchObject({
      effort: "low",
      format: { type: "json_schema" },
    });
  });

  it.each<[string, ModelTraits, boolean]>([
    ["claude-sonnet-4-5", {}, true],
    ["claude-sonnet-4-5", { jsonSchema: true }, true],
    ["claude-sonnet-4-5", { jsonSchema: false }, false],
    // The catalogue's `true` here means "by a tool".
    ["claude-3-haiku-20240307", { jsonSchema: true }, false],
    ["claude-opus-4-1", {}, true],
    ["some-other-model", { jsonSchema: true }, true],
    ["some-other-model", {}, false],
  ])("of %s with %j is the model's own: %s", (model, traits, own) => {
    const { body } = send({ output: format }, model, traits);
    expect(body.output_config !== undefined).toBe(own);
    expect(names(body)).toEqual(own ? undefined : [jsonTool]);
  });

  it("with a schema is a forced tool on older models", () => {
    const { body, unsupported } = send({ output: format }, older);
    expect(body.tools).toEqual([
      { name: jsonTool, description: "Respond with the place object.", input_schema: schema },
    ]);
    expect(body.tool_choice).toEqual({ type: "tool", name: jsonTool, disable_parallel_tool_use: true });
    expect(body).not.toHaveProperty("output_config");
    expect(unsupported).toEqual([]);
  });

  it.each<[ToolChoice | null, object]>([
    [null, { type: "any", disable_parallel_tool_use: true }],
    [{ kind: "required" }, { type: "any", disable_parallel_tool_use: true }],
    [{ kind: "none" }, { type: "tool", name: jsonTool, disable_parallel_tool_use: true }],
  ])("as a forced tool leaves other tools to be called, with the choice %j", (toolChoice, expected) => {
    const { body } = send({ output: format, tools: [tool("look")], toolChoice }, older);
    expect(names(body)).toEqual(["look", jsonTool]);
    expect(body.tool_choice).toEqual(expected);
  });

  it("gives way to a named tool, which settles the answer's shape", () => {
    const toolChoice: ToolChoice = { kind: "tool", name: "look" };
    const { body } = send({ output: format, tools: [tool("look")], toolChoice }, older);
    expect(names(body)).toEqual(["look"]);
    expect(body.tool_choice).toEqual({ type: "tool", name: "look" });
  });

  it("as a forced tool takes the place of a thinking budget, and says so", () => {
    const reasoning = { effort: "low" as const, budgetTokens: null, includeText: null };
    const { body, unsupported } = send({ output: format, reasoning }, older);
    expect(body).not.toHaveProperty("thinking");
    expect(unsupported).toEqual([{ member: "reasoning", droppable: true }]);
  });

  it("that is no object can't be a tool", () => {
    const list: OutputFormat = { ...format, schema: { type: "array", items: {} } };
    expect(send({ output: list }, older).unsupported).toEqual([{ member: "output", droppable: false }]);
    expect(send({ output: list }).unsupported).toEqual([]);
  });

  it("of any JSON is asked for in words after the instructions", () => {
    const messages = [{ role: "system" as const, content: [{ type: "text" as const, text: "Be kind." }] }, user("hi")];
    const { body, unsupported } = send({ output: { kind: "json" }, messages });
    expect(body.system).toEqual([
      { type: "text", text: "Be kind." },
      { type: "text", text: expect.stringContaining("JSON object") },
    ]);
    expect(unsupported).toEqual([]);
  });

  it("of text asks nothing", () => {
    const { body } = send({ output: { kind: "text" } });
    expect(Object.keys(body)).toEqual(["model", "max_tokens", "messages"]);
  });
});
