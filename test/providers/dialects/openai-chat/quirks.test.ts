// Quirks: what each changes in a request that is written anew, and in one that is passed on.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart, FunctionTool, Message } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { openaiChat, type Quirks } from "../../../../providers/dialects/openai-chat/index.ts";
import { encode } from "./encoding.ts";

const target = (traits: ModelTraits = {}) => ({ providerId: "p", model: "m", traits });
const edits = (body: Readonly<Record<string, unknown>>, quirks: Quirks, traits: ModelTraits = {}) =>
  openaiChat(quirks).edits(body, target(traits));
const tool = (name: string): FunctionTool => ({ name, description: null, parameters: null, strict: null });
const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const members = (unsupported: readonly { member: string }[]) => unsupported.map(({ member }) => member);

describe("parameters that a server can't take", () => {
  const unsupported = [
    "choices",
    "logprobs",
    "logitBias",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "stop",
    "user",
  ] as const;
  const asked = {
    choices: 2,
    logprobs: { top: 1 },
    logitBias: { "1": 1 },
    seed: 1,
    presencePenalty: 1,
    frequencyPenalty: 1,
    stop: ["x"],
    user: "u",
  };
  const wire = {
    n: 2,
    logprobs: true,
    top_logprobs: 1,
    logit_bias: { "1": 1 },
    seed: 1,
    presence_penalty: 1,
    frequency_penalty: 1,
    stop: ["x"],
    user: "u",
  };

  it("are left out and named, each droppable", () => {
    const { body, unsupported: noted } = encode(asked, {}, { unsupported });
    expect(members(noted)).toEqual([...unsupported]);
    expect(noted.every(({ droppable }) => droppable)).toBe(true);
    expect(Object.keys(body).sort()).toEqual(["messages", "model"]);
  });

  it("are not missed when they say nothing", () => {
    const { unsupported: noted, body } = encode({ choices: 1 }, {}, { unsupported });
    expect(noted).toEqual([]);
    expect(body.n).toBe(1);
  });

  it("are taken out of a body that is passed on when the caller allows it, and else left to the server", () => {
    const dropped = edits({ ...wire, drop_params: true }, { unsupported, topK: true }).dropped ?? [];
    expect(dropped.toSorted()).toEqual(Object.keys(wire).toSorted());
    // No answer depends on the end user's id.
    expect(edits(wire, { unsupported })).toMatchObject({ remove: ["user"], dropped: ["user"] });
    const silent = { n: 1, logprobs: false, seed: null, drop_params: true };
    expect(edits(silent, { unsupported })).toEqual({ set: { model: "m" }, remove: ["drop_params"] });
  });

  it("leave JSON where a schema is not taken", () => {
    const output = { kind: "json-schema", name: "n", description: null, schema: {}, strict: null } as const;
    const { body, unsupported: noted } = encode({ output }, {}, { unsupported: ["jsonSchema"] });
    expect(body.response_format).toEqual({ type: "json_object" });
    expect(noted).toEqual([
      { member: "output", reason: "as a JSON schema is not supported by this provider", droppable: true },
    ]);
  });

  it("are not droppable where they are the tools themselves", () => {
    const asksTools = { tools: [tool("f")], toolChoice: { kind: "required" } as const };
    const { body, unsupported: noted } = encode(asksTools, {}, { unsupported: ["tools"] });
    expect(noted).toMatchObject([{ member: "tools", droppable: false }]);
    expect(body).not.toHaveProperty("tools");
    expect(body).not.toHaveProperty("tool_choice");
    const choice = encode(asksTools, {}, { unsupported: ["toolChoice"] });
    expect(choice.unsupported).toMatchObject([{ member: "toolChoice", droppable: true }]);
    expect(choice.body).toHaveProperty("tools");
    expect(
      encode({ ...asksTools, toolChoice: { kind: "auto" } }, {}, { unsupported: ["toolChoice"] }).unsupported,
    ).toEqual([]);
  });
});

describe("words of a server's own", () => {
  it("are said for a required tool and for the seed (Mistral)", () => {
    const quirks: Quirks = { requiredTool: "any", seedField: "random_seed" };
    const { body } = encode({ tools: [tool("f")], toolChoice: { kind: "required" }, seed: 7 }, {}, quirks);
    expect(body).toMatchObject({ tool_choice: "any", random_seed: 7 });
    expect(body).not.toHaveProperty("seed");
    expect(edits({ tool_choice: "required", seed: 7 }, quirks)).toEqual({
      set: { model: "m", tool_choice: "any", random_seed: 7 },
      remove: ["seed"],
    });
    expect(edits({ tool_choice: "auto", random_seed: 1, seed: 7 }, quirks)).toEqual({
      set: { model: "m" },
      remove: ["seed"],
    });
  });

  it("leave out stream_options where they are unknown", () => {
    expect(edits({ stream: true, stream_options: { include_usage: true } }, { streamOptions: false })).toEqual({
      set: { model: "m" },
      remove: ["stream_options"],
    });
  });

  it("declare only the allowed tools where they can't be named", () => {
    const toolChoice = { kind: "allowed", mode: "required", names: ["g"] } as const;
    const { body } = encode({ tools: [tool("f"), tool("g")], toolChoice }, {}, { allowedTools: false });
    expect(body.tools).toEqual([{ type: "function", function: { name: "g" } }]);
    expect(body.tool_choice).toBe("required");
  });
});

describe("how much to reason", () => {
  const asked = (effort: "none" | "low" | "high", budgetTokens: number | null = null) => ({
    reasoning: { effort, budgetTokens, includeText: null },
  });

  it("is a switch (DeepSeek, Moonshot, Z.ai), with the level beside it where the model has it", () => {
    const quirks: Quirks = { reasoningParameter: "thinking" };
    expect(encode(asked("none"), {}, quirks).body.thinking).toEqual({ type: "disabled" });
    expect(encode(asked("high"), {}, quirks).body).toMatchObject({ thinking: { type: "enabled" } });
    expect(encode(asked("high"), {}, quirks).body).not.toHaveProperty("reasoning_effort");
    expect(encode(asked("high"), { reasoningEfforts: ["high"] }, quirks).body.reasoning_effort).toBe("high");
  });

  it("is a switch and a budget (Alibaba)", () => {
    const quirks: Quirks = { reasoningParameter: "enable_thinking" };
    expect(encode(asked("none"), {}, quirks).body.enable_thinking).toBe(false);
    expect(encode(asked("low", 900), {}, quirks).body).toMatchObject({ enable_thinking: true, thinking_budget: 900 });
  });

  it("is said in that form when an OpenAI client says it in OpenAI's or OpenRouter's", () => {
    const thinking: Quirks = { reasoningParameter: "thinking" };
    expect(edits({ reasoning_effort: "none" }, thinking)).toEqual({
      set: { model: "m", thinking: { type: "disabled" } },
      remove: ["reasoning_effort"],
    });
    expect(edits({ reasoning_effort: "low" }, thinking)).toEqual({
      set: { model: "m", thinking: { type: "enabled" } },
      remove: [],
    });
    expect(edits({ reasoning_effort: "low" }, thinking, { reasoningEfforts: ["high"] }).remove).toEqual([
      "reasoning_effort",
    ]);
    expect(edits({ reasoning: { max_tokens: 500 } }, { reasoningParameter: "enable_thinking" })).toEqual({
      set: { model: "m", enable_thinking: true, thinking_budget: 500 },
      remove: ["reasoning"],
    });
  });

  it("is left as it is when the client speaks the server's own form, or the model does not reason", () => {
    const body = { thinking: { type: "enabled", clear_thinking: false }, reasoning_effort: "max" };
    expect(edits(body, { reasoningParameter: "thinking" })).toEqual({ set: { model: "m" }, remove: [] });
    expect(edits({ reasoning_effort: "low" }, { reasoningParameter: "thinking" }, { reasoning: false })).toEqual({
      set: { model: "m" },
      remove: [],
    });
  });
});

describe("tool call ids of nine letters (Mistral)", () => {
  const quirks: Quirks = { callIds: "nine" };
  const echo = (id: string) => [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id, type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: id, content: "1" },
  ];

  it("stay when they are, and are replaced alike in call and result when they are not", () => {
    expect(edits({ messages: echo("QFelWvSLu") }, quirks).set).not.toHaveProperty("messages");
    const messages = edits({ messages: echo("toolu_01ABC") }, quirks).set.messages as ReturnType<typeof echo>;
    const id = messages[1]?.tool_call_id;
    expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(messages[0]?.tool_calls?.[0]?.id).toBe(id);
  });

  it("are made from any id, different ones for different ids", () => {
    const made = (id: string) => {
      const call: Message = { role: "assistant", content: [{ type: "tool-call", id, name: "f", arguments: "{}" }] };
      const result: Message = { role: "tool", toolCallId: id, content: [{ type: "text", text: "1" }] };
      const wire = encode({ messages: [call, result] }, {}, quirks).body.messages as ReturnType<typeof echo>;
      expect(wire[0]?.tool_calls?.[0]?.id).toBe(wire[1]?.tool_call_id);
      return wire[1]?.tool_call_id ?? "";
    };
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        expect(made(a)).toMatch(/^[a-zA-Z0-9]{9}$/);
        if (a !== b) expect(made(a)).not.toBe(made(b));
      }),
    );
  });
});

describe("roles that must alternate (Perplexity)", () => {
  const quirks: Quirks = { alternatingRoles: true };

  it("are made to, in a request that is written anew and in one that is passed on", () => {
    const { body } = encode({ messages: [user("a"), user("b")] }, {}, quirks);
    expect(body.messages).toEqual([{ role: "user", content: "a\n\nb" }]);
    const picture = { type: "image_url", image_url: { url: "https://x.example/a.png" } };
    const messages = [
      { role: "system", content: "s" },
      { role: "user", content: "a" },
      { role: "user", content: [picture] },
      { role: "assistant", content: "c" },
    ];
    expect(edits({ messages }, quirks).set.messages).toEqual([
      messages[0],
      { role: "user", content: [{ type: "text", text: "a" }, picture] },
      messages[3],
    ]);
  });

  it("cost nothing when they do", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ];
    expect(edits({ messages }, quirks).set).not.toHaveProperty("messages");
  });
});

describe("reasoning in chunks of content (Mistral)", () => {
  const thought = { type: "thinking", thinking: [{ type: "text", text: "hm" }] };
  const said = { type: "text", text: "yes" };

  it("goes back as such to Mistral", () => {
    const content: AssistantPart[] = [
      { type: "reasoning", text: "hm" },
      { type: "text", text: "yes" },
    ];
    const { body } = encode({ messages: [{ role: "assistant", content }] }, {}, { reasoningField: "thinking" });
    expect(body.messages).toEqual([{ role: "assistant", content: [thought, said] }]);
    const echoed = { messages: [{ role: "assistant", content: [thought, said] }] };
    expect(edits(echoed, { reasoningField: "thinking" }).set).not.toHaveProperty("messages");
  });

  it("goes back to others under their own name, or not at all", () => {
    const messages = [{ role: "assistant", content: [thought, said] }];
    expect(edits({ messages }, { reasoningField: "reasoning" }).set.messages).toEqual([
      { role: "assistant", content: [said], reasoning: "hm" },
    ]);
    expect(edits({ messages }, {}).set.messages).toEqual([{ role: "assistant", content: [said] }]);
  });
});
