// What the parameters of a Messages API request mean in neutral form, and what has no such form.
import { describe, expect, it } from "vitest";
import { hello, read } from "./reading.ts";

describe("tools", () => {
  const look = { name: "look", input_schema: { type: "object", properties: {} } };

  it("are functions with their schema, marker and strictness", () => {
    const tools = [
      { ...look, description: "Looks.", strict: true, cache_control: { type: "ephemeral" }, type: "custom" },
      { ...look, name: "find", type: null, eager_input_streaming: true, input_examples: [{}], defer_loading: true },
    ];
    expect(read({ tools }).tools).toEqual([
      { name: "look", description: "Looks.", parameters: look.input_schema, strict: true, cache: { ttl: null } },
      { name: "find", description: null, parameters: look.input_schema, strict: null },
    ]);
    expect(read({ tools }).foreign).toBeUndefined();
  });

  it.each([
    [{ type: "auto" }, { kind: "auto" }, null],
    [{ type: "any" }, { kind: "required" }, null],
    [{ type: "tool", name: "look" }, { kind: "tool", name: "look" }, null],
    [{ type: "none" }, { kind: "none" }, null],
    [{ type: "auto", disable_parallel_tool_use: true }, { kind: "auto" }, false],
    [{ type: "any", disable_parallel_tool_use: false }, { kind: "required" }, null],
  ])("are chosen by %j", (tool_choice, toolChoice, parallelToolCalls) => {
    expect(read({ tools: [look], tool_choice })).toMatchObject({ toolChoice, parallelToolCalls });
  });

  it("are not chosen among when there are none", () => {
    const choice = { type: "auto", disable_parallel_tool_use: true };
    expect(read({ tool_choice: choice })).toMatchObject({ toolChoice: null, parallelToolCalls: null });
  });
});

describe("reasoning", () => {
  it.each([
    [{ thinking: { type: "enabled", budget_tokens: 2048 } }, { effort: null, budgetTokens: 2048, includeText: true }],
    [
      { thinking: { type: "enabled", budget_tokens: 2048, display: "omitted" }, output_config: { effort: "low" } },
      { effort: "low", budgetTokens: 2048, includeText: false },
    ],
    [{ thinking: { type: "adaptive" } }, { effort: "high", budgetTokens: null, includeText: null }],
    [
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "max" } },
      { effort: "max", budgetTokens: null, includeText: true },
    ],
    [{ thinking: { type: "disabled" } }, { effort: "none", budgetTokens: null, includeText: null }],
    [
      { thinking: { type: "between_tools" }, output_config: { effort: "low" } },
      { effort: "none", budgetTokens: null, includeText: null },
    ],
    [{ output_config: { effort: "xhigh" } }, { effort: "xhigh", budgetTokens: null, includeText: null }],
    [{ thinking: null }, null],
  ])("of %j", (body, reasoning) => {
    expect(read(body).reasoning).toEqual(reasoning);
  });
});

describe("the other members", () => {
  it("are read, and null is absent", () => {
    const all = {
      stop_sequences: ["END"],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      metadata: { user_id: "u1" },
      service_tier: "standard_only",
      stream: true,
    };
    expect(read(all)).toMatchObject({
      maxOutputTokens: 100,
      stop: ["END"],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      user: "u1",
      serviceTier: "default",
      stream: true,
      extras: {},
    });
    const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, null]));
    expect(read({ ...nothing, tools: null, system: null, tool_choice: null, output_config: null })).toEqual(read({}));
  });

  it.each(["output_config", "output_format"])("ask for a schema in %s", (name) => {
    const closed = { type: "object", properties: { a: {} }, required: ["a"], additionalProperties: false };
    const asked = (schema: object) => {
      const format = { type: "json_schema", schema };
      return read({ [name]: name === "output_config" ? { format } : format }).output;
    };
    expect(asked(closed)).toEqual({
      kind: "json-schema",
      name: "response",
      description: null,
      schema: closed,
      strict: true,
    });
    const optional = { ...closed, required: [] };
    expect(asked(optional)).toMatchObject({ schema: optional, strict: null });
    expect(asked({ ...closed, properties: { a: { anyOf: [optional] } } })).toMatchObject({ strict: null });
  });

  it("are the gateway's own, or say nothing", () => {
    const conversation = read({
      models: ["a"],
      provider: { order: ["b"] },
      drop_params: true,
      service_tier: "auto",
      speed: "standard",
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    });
    expect(conversation).toEqual(read({}));
  });
});

describe("what only Anthropic can be sent", () => {
  const members = (body: Record<string, unknown>) =>
    read(body).foreign?.map(({ member, droppable }) => `${member} ${droppable ? "droppable" : "content"}`);

  it.each([
    [
      { container: "c1", mcp_servers: [{}], inference_geo: "us", speed: "fast" },
      ["container", "mcp_servers", "inference_geo", "speed"],
    ],
    [
      { metadata: { user_id: "u1", team: "x" }, output_config: { task_budget: {} } },
      ["metadata.team", "output_config.task_budget"],
    ],
    [{ context_management: { edits: [{ type: "clear_tool_uses_20250919" }] } }, ["context_management"]],
    [{ thread: { type: "create" } }, ["thread"]],
    [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, ["tools.0"]],
    [
      {
        tools: [{ type: "bash_20250124", name: "bash" }],
        tool_choice: { type: "tool", name: "bash" },
      },
      ["tools.0", "tool_choice"],
    ],
    [
      { tools: [{ name: "look", input_schema: {}, allowed_callers: ["code_execution_20260120"] }] },
      ["tools.0.allowed_callers"],
    ],
    [
      {
        messages: [
          {
            role: "user",
            content: [{ type: "document", source: { type: "file", file_id: "f" }, citations: { enabled: true } }],
          },
        ],
      },
      ["messages.0.content.0.citations"],
    ],
  ])("may be dropped when it is no content: %j", (body, expected) => {
    expect(members(body)).toEqual(expected.map((member) => `${member} droppable`));
  });

  it.each([
    ["assistant", { type: "server_tool_use", id: "s", name: "web_search", input: {} }],
    ["assistant", { type: "web_search_tool_result", tool_use_id: "s", content: [] }],
    ["assistant", { type: "mcp_tool_use", id: "m", name: "x", server_name: "y", input: {} }],
    ["assistant", { type: "tool_use", id: "t", name: "x", input: {}, caller: { type: "code_execution_20260120" } }],
    ["assistant", { type: "tool_use", id: "t", name: "click", input: {}, toolset_name: "browser" }],
    ["user", { type: "container_upload", file_id: "f" }],
    ["system", { type: "tool_addition", tool: { type: "tool_reference", name: "x" } }],
  ])("may not when it is content, of %s: %j", (role, block) => {
    expect(members({ messages: [hello, { role, content: [block, { type: "text", text: "A" }] }] })).toEqual([
      "messages.1.content.0 content",
    ]);
  });

  it("is named inside a tool result too", () => {
    const result = { type: "tool_result", tool_use_id: "t", content: [{ type: "tool_reference", tool_name: "x" }] };
    expect(members({ messages: [{ role: "user", content: [result] }] })).toEqual([
      "messages.0.content.0.content.0 content",
    ]);
    expect(members({ thread: { type: "continue", previous_message_id: "msg_1" } })).toEqual(["thread content"]);
    expect(members({ max_tokens: 0 })).toEqual(["max_tokens content"]);
  });
});
