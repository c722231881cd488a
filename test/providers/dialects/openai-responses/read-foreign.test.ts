// Reading what only OpenAI has: built-in tools, their items and its services, named so that a translation can refuse them.
import { describe, expect, it } from "vitest";
import type { Foreign } from "../../../../providers/dialects/conversation.ts";
import { read } from "./reading.ts";

describe("what only OpenAI has", () => {
  const named = (foreign: readonly Foreign[] | undefined) =>
    (foreign ?? []).map(({ member, droppable }) => [member, droppable]);

  it.each([
    "web_search_call",
    "file_search_call",
    "computer_call",
    "computer_call_output",
    "code_interpreter_call",
    "mcp_call",
    "mcp_list_tools",
    "mcp_approval_response",
    "custom_tool_call",
    "custom_tool_call_output",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "tool_search_call",
    "additional_tools",
    "compaction",
    "program",
  ])("is an item of type %s, which no translation leaves out", (type) => {
    const { foreign, messages: read_ } = read({
      input: [
        { role: "user", content: "Hi" },
        { type, id: "x_1" },
      ],
    });
    expect(named(foreign)).toEqual([["input[1]", false]]);
    expect(foreign?.[0]?.reason).toContain(type);
    expect(read_).toHaveLength(1);
  });

  it.each([
    "web_search",
    "file_search",
    "code_interpreter",
    "image_generation",
    "mcp",
    "custom",
    "namespace",
    "computer",
  ])("is a tool of type %s, which may be left out", (type) => {
    const { tools, foreign } = read({
      tools: [
        { type: "function", name: "look" },
        { type, name: "x" },
      ],
    });
    expect(tools).toHaveLength(1);
    expect(named(foreign)).toEqual([["tools[1]", true]]);
    expect(foreign?.[0]?.reason).toContain(type);
  });

  it("is a choice of such a tool, and of such tools among others", () => {
    const tools = [{ type: "function", name: "look" }, { type: "web_search" }];
    const chosen = read({ tools, tool_choice: { type: "web_search" } });
    expect(named(chosen.foreign)).toEqual([
      ["tools[1]", true],
      ["tool_choice", true],
    ]);
    expect(chosen.toolChoice).toBeNull();
    const allowed = read({
      tools,
      tool_choice: {
        type: "allowed_tools",
        mode: "auto",
        tools: [{ type: "function", name: "look" }, { type: "web_search" }],
      },
    });
    expect(named(allowed.foreign)).toEqual([
      ["tools[1]", true],
      ["tool_choice.tools[1]", true],
    ]);
    expect(allowed.toolChoice).toEqual({ kind: "allowed", mode: "auto", names: ["look"] });
    expect(read({ tools: [{ type: "web_search" }], tool_choice: "required" }).toolChoice).toBeNull();
  });

  it("is what it does with a response besides asking a model, unless nothing was asked", () => {
    expect(named(read({ truncation: "auto", context_management: [{ type: "compaction" }] }).foreign)).toEqual([
      ["truncation", true],
      ["context_management", true],
    ]);
    expect(named(read({ reasoning: { mode: "pro" }, moderation: { model: "m" } }).foreign)).toEqual([
      ["reasoning.mode", true],
      ["moderation", true],
    ]);
    const nothing = {
      truncation: "disabled",
      context_management: [],
      background: false,
      reasoning: { mode: "standard" },
    };
    expect(read(nothing).foreign).toBeUndefined();
    expect(read(nothing).extras).toEqual({});
  });
});
