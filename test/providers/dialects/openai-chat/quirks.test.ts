// Quirks: what each changes in a request that is written anew, in one that is passed on, and in an answer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart, FunctionTool, Message } from "../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { compatibleChat, openaiChat, type Quirks } from "../../../../providers/dialects/openai-chat/index.ts";
import { collect } from "./collect.ts";
import { encode } from "./encoding.ts";
import { chunk, frames } from "./frames.ts";

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

function answer(content: string, quirks: Quirks = { thinkTags: true }): readonly AssistantPart[] {
  const body = {
    id: "1",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  };
  return (openaiChat(quirks).decode(body) as Completion).choices[0]?.content ?? [];
}

function streamed(pieces: readonly string[]): readonly AssistantPart[] {
  const decoder = compatibleChat().stream();
  const chunks = [...pieces.map((content) => chunk({ content })), chunk({}, { finish_reason: "stop" }), "[DONE]"];
  const events = [...frames(...chunks).flatMap((frame) => decoder.push(frame)), ...decoder.end()];
  return collect(events).choices.get(0)?.parts ?? [];
}

describe("reasoning between think tags", () => {
  it.each([
    [
      "<think>\nhm\n</think>\n\nyes",
      [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "yes" },
      ],
    ],
    [
      "\n <think>hm</think>yes",
      [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "yes" },
      ],
    ],
    ["<think>\n\n</think>\n\nyes", [{ type: "text", text: "yes" }]],
    ["<think>cut off", [{ type: "reasoning", text: "cut off" }]],
    ["the tag <think> begins", [{ type: "text", text: "the tag <think> begins" }]],
    ["<thin ice>", [{ type: "text", text: "<thin ice>" }]],
    ["<thi", [{ type: "text", text: "<thi" }]],
    [
      "<think>a < b </thin> c</think> d",
      [
        { type: "reasoning", text: "a < b </thin> c" },
        { type: "text", text: "d" },
      ],
    ],
  ])("is told from the text in %j", (content, parts) => {
    expect(answer(content)).toEqual(parts);
  });

  it("is text where the server is OpenAI's own", () => {
    expect(answer("<think>hm</think>yes", {})).toEqual([{ type: "text", text: "<think>hm</think>yes" }]);
  });

  it("is found in a stream however it is cut", () => {
    const word = fc.constantFrom("<think>", "</think>", "<thi", "</", "a", " ", "\n", "<", "think>", "bc");
    const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const places = [...new Set([0, ...cuts.filter((at) => at < whole.length), whole.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, at) => whole.slice(places[at], end));
        const read = (parts: readonly AssistantPart[]) =>
          (["reasoning", "text"] as const).map((type) =>
            parts.map((part) => (part.type === type ? part.text : "")).join(""),
          );
        expect(read(streamed(pieces))).toEqual(read(answer(whole)));
      }),
    );
  });
});

describe("errors in the shapes of compatible servers", () => {
  const failure = (status: number, body: unknown) => openaiChat().error(status, () => null, body);

  it.each([
    ["xAI's first", 400, { code: "Client specified an invalid argument", error: "no such model" }, "no such model"],
    ["xAI's second", 401, { error: "bad key" }, "bad key"],
    [
      "Cloudflare's",
      400,
      { success: false, errors: [{ code: 5007, message: "No such model" }], result: {} },
      "No such model",
    ],
    ["watsonx's", 404, { errors: [{ code: "not_found", message: "gone" }], trace: "t" }, "gone"],
    ["Databricks'", 403, { error_code: "PERMISSION_DENIED", message: "no" }, "no"],
    ["Mistral's", 422, { object: "error", message: "Extra", type: "invalid_request_error", code: "3051" }, "Extra"],
    ["FastAPI's", 422, { detail: [{ loc: ["body"], msg: "m" }] }, '[{"loc":["body"],"msg":"m"}]'],
    ["DeepInfra's", 404, { detail: { error: "Model is not available" } }, "Model is not available"],
  ])("are read: %s", (_who, status, body, message) => {
    expect(failure(status, body)).toMatchObject({ message, status });
  });

  it("are told apart by their codes", () => {
    expect(failure(403, { error_code: "PERMISSION_DENIED", message: "no" })).toMatchObject({
      kind: "permission",
      code: "PERMISSION_DENIED",
    });
  });

  it("are found behind status 200", () => {
    for (const body of [
      { error: { message: "m", code: 429 } },
      { object: "error", message: "m" },
      { errors: [{ message: "m" }] },
    ]) {
      expect(compatibleChat().decode(body)).toMatchObject({ message: "m" });
    }
  });
});

describe("sources that an answer names at its top (Perplexity)", () => {
  it("are citations of its text, with their titles where they have them", () => {
    const top = {
      citations: ["https://a.example"],
      search_results: [{ url: "https://a.example", title: "A", date: null }],
    };
    const body = {
      id: "1",
      model: "m",
      choices: [{ index: 0, message: { content: "x[1]" }, finish_reason: "stop" }],
      ...top,
    };
    expect((compatibleChat().decode(body) as Completion).choices[0]?.content).toEqual([
      { type: "text", text: "x[1]", citations: [{ kind: "url", url: "https://a.example", title: "A" }] },
    ]);
  });

  it("are told once in a stream that repeats them", () => {
    const top = { citations: ["https://a.example", "https://b.example"] };
    const decoder = compatibleChat().stream();
    const chunks = [
      chunk({ content: "x" }, {}, top),
      chunk({ content: "y" }, { finish_reason: "stop" }, top),
      "[DONE]",
    ];
    const events = frames(...chunks).flatMap((frame) => decoder.push(frame));
    expect(events.filter(({ type }) => type === "citation")).toHaveLength(2);
    expect(events.at(-1)?.type === "finish" || events.some(({ type }) => type === "finish")).toBe(true);
  });
});

it("an empty function_call beside an answer is none (Snowflake)", () => {
  const message = { content: "x", function_call: { name: "", arguments: "" } };
  const body = { id: "", model: "m", choices: [{ index: 0, message, finish_reason: "" }] };
  expect((compatibleChat().decode(body) as Completion).choices[0]).toMatchObject({
    content: [{ type: "text", text: "x" }],
    finish: "stop",
  });
});
