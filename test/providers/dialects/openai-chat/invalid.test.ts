// Bad requests: each is told which member is wrong, in the client's own terms, and what it should be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";

const hello = { role: "user", content: "Hi" };
const look = { type: "function", function: { name: "look" } };
const user = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
const assistant = (members: object) => ({ messages: [hello, { role: "assistant", content: null, ...members }] });

/** What is wrong, the path that is told, and what the message must name. */
const table: readonly (readonly [body: Record<string, unknown>, param: string, says: RegExp])[] = [
  [{ messages: undefined }, "messages", /Missing.*array/],
  [{ messages: [] }, "messages", /at least one/],
  [{ messages: "Hi" }, "messages", /an array, but got a string/],
  [{ messages: ["Hi"] }, "messages[0]", /an object, but got a string/],
  [{ messages: [{ content: "Hi" }] }, "messages[0].role", /Missing/],
  [{ messages: [{ role: "robot", content: "Hi" }] }, "messages[0].role", /'assistant'.*but got 'robot'/],
  [{ messages: [{ role: "user" }] }, "messages[0].content", /string or an array/],
  [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content", /string or an array/],
  [{ messages: [{ role: "user", content: "Hi", name: 5 }] }, "messages[0].name", /a string, but got an integer/],
  [{ messages: [{ role: "tool", content: "ok" }] }, "messages[0].tool_call_id", /Missing/],
  [{ messages: [{ role: "function", name: "look", content: "" }] }, "messages[0].name", /no earlier call/],
  [{ messages: [{ role: "system", content: [{ type: "image_url" }] }] }, "messages[0].content[0].type", /'text'/],
  [user("Hi"), "messages[0].content[0]", /an object, but got a string/],
  [user({ text: "Hi" }), "messages[0].content[0].type", /Missing/],
  [user({ type: "text" }), "messages[0].content[0].text", /a string/],
  [user({ type: "video_url" }), "messages[0].content[0].type", /'image_url'.*but got 'video_url'/],
  [user({ type: "image_url", image_url: {} }), "messages[0].content[0].image_url.url", /Missing/],
  [user({ type: "image_url", image_url: { url: 5 } }), "messages[0].content[0].image_url.url", /a string/],
  [user({ type: "image_url", image_url: { url: "a.png" } }), "messages[0].content[0].image_url.url", /https.*base64/],
  [
    user({ type: "image_url", image_url: { url: "https://a/b", detail: "max" } }),
    "messages[0].content[0].image_url.detail",
    /'auto'/,
  ],
  [user({ type: "file", file: {} }), "messages[0].content[0].file", /'file_data' or 'file_id'/],
  [user({ type: "input_audio", input_audio: { format: "wav" } }), "messages[0].content[0].input_audio.data", /Missing/],
  [assistant({ tool_calls: {} }), "messages[1].tool_calls", /an array, but got an object/],
  [
    assistant({ tool_calls: [{ type: "function", function: { name: "look" } }] }),
    "messages[1].tool_calls[0].id",
    /Missing/,
  ],
  [assistant({ tool_calls: [{ id: "c", type: "custom" }] }), "messages[1].tool_calls[0].type", /'function'/],
  [assistant({ tool_calls: [{ id: "c", function: {} }] }), "messages[1].tool_calls[0].function.name", /Missing/],
  [
    assistant({ tool_calls: [{ id: "c", function: { name: "look", arguments: {} } }] }),
    "messages[1].tool_calls[0].function.arguments",
    /a string, but got an object/,
  ],
  [assistant({ reasoning_details: "Hm" }), "messages[1].reasoning_details", /an array/],
  [assistant({ content: [{ type: "image_url" }] }), "messages[1].content[0].type", /'refusal'/],
  [{ temperature: "hot" }, "temperature", /a number, but got a string/],
  [{ temperature: 2.1 }, "temperature", /from 0 to 2, but got 2.1/],
  [{ temperature: -0.1 }, "temperature", /from 0 to 2/],
  [{ top_p: 1.5 }, "top_p", /from 0 to 1/],
  [{ top_k: 1.5 }, "top_k", /an integer/],
  [{ presence_penalty: 3 }, "presence_penalty", /from -2 to 2/],
  [{ frequency_penalty: -3 }, "frequency_penalty", /from -2 to 2/],
  [{ max_tokens: 0 }, "max_tokens", /1 or more/],
  [{ max_completion_tokens: "many" }, "max_completion_tokens", /an integer/],
  [{ n: 0 }, "n", /from 1 to 128/],
  [{ seed: "x" }, "seed", /an integer/],
  [{ logprobs: 5 }, "logprobs", /true or false/],
  [{ logprobs: true, top_logprobs: 21 }, "top_logprobs", /from 0 to 20/],
  [{ top_logprobs: 2 }, "top_logprobs", /'logprobs' to be true/],
  [{ logit_bias: { 5: 101 } }, "logit_bias.5", /from -100 to 100/],
  [{ stop: [5] }, "stop", /array of strings/],
  [{ stream: "yes" }, "stream", /true or false/],
  [{ user: 5 }, "user", /a string/],
  [{ modalities: "audio" }, "modalities", /array of strings/],
  [{ verbosity: "loud" }, "verbosity", /'low', 'medium', 'high'/],
  [{ response_format: "json" }, "response_format", /an object/],
  [{ response_format: { type: "xml" } }, "response_format.type", /'json_schema'/],
  [{ response_format: { type: "json_schema" } }, "response_format.json_schema", /Missing/],
  [
    { response_format: { type: "json_schema", json_schema: { schema: {} } } },
    "response_format.json_schema.name",
    /Missing/,
  ],
  [
    { response_format: { type: "json_schema", json_schema: { name: "a" } } },
    "response_format.json_schema.schema",
    /Missing/,
  ],
  [{ tools: look }, "tools", /an array/],
  [{ tools: [{ type: "function" }] }, "tools[0].function", /Missing/],
  [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name", /Missing/],
  [
    { tools: [{ type: "function", function: { name: "a", parameters: "{}" } }] },
    "tools[0].function.parameters",
    /an object/,
  ],
  [{ tools: [look], tool_choice: "any" }, "tool_choice", /'required'/],
  [
    { tools: [look], tool_choice: { type: "function", function: { name: "see" } } },
    "tool_choice",
    /no tool named 'see'.*'look'/,
  ],
  [
    { tools: [look], tool_choice: { type: "allowed_tools", allowed_tools: { mode: "any", tools: [] } } },
    "tool_choice.allowed_tools.mode",
    /'auto'/,
  ],
  [{ tool_choice: "required" }, "tool_choice", /Add 'tools'/],
  [{ functions: [{}] }, "functions[0].name", /Missing/],
  [{ function_call: { name: "look" } }, "function_call", /Add 'tools'/],
  [{ parallel_tool_calls: 1 }, "parallel_tool_calls", /true or false/],
  [{ reasoning_effort: "huge" }, "reasoning_effort", /'minimal'/],
  [{ reasoning: "high" }, "reasoning", /an object/],
  [{ reasoning: { effort: "huge" } }, "reasoning.effort", /'minimal'/],
  [{ reasoning: { max_tokens: -1 } }, "reasoning.max_tokens", /0 or more/],
  [{ reasoning: { depth: 3 } }, "reasoning.depth", /Unknown/],
  [{ reasoning_effort: "low", reasoning: { effort: "high" } }, "reasoning_effort", /Send one/],
];

describe("a bad request", () => {
  it.each(table)("%j is told of its %s", (body, param, says) => {
    const result = openaiChatServer.read({ model: "m", messages: [hello], ...body });
    expect(result).toEqual({ param, message: expect.stringMatching(says) });
    expect((result as { message: string }).message).toContain(param);
  });

  it("of any shape is read or refused, and never makes the reader fail", () => {
    const roles = fc.constantFrom("system", "user", "assistant", "tool", "function");
    const messages = fc.array(
      fc.record({
        role: roles,
        content: fc.jsonValue(),
        tool_calls: fc.jsonValue(),
        reasoning_details: fc.jsonValue(),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(
        messages,
        fc.dictionary(
          fc.constantFrom("tools", "tool_choice", "stop", "reasoning", "n", "response_format", "x"),
          fc.jsonValue(),
        ),
        (all, rest) => {
          const result = openaiChatServer.read({ ...rest, model: "m", messages: all });
          expect("messages" in result || typeof result.message === "string").toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a member that a provider can't take", () => {
  const body = {
    messages: [
      { role: "system", content: "x" },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: "Hi" },
    ],
  };

  it.each([
    ["topP", {}, "top_p"],
    ["choices", {}, "n"],
    ["output", {}, "response_format"],
    ["maxOutputTokens", { max_tokens: 5 }, "max_tokens"],
    ["maxOutputTokens", { max_completion_tokens: 5 }, "max_completion_tokens"],
    ["tools", { functions: [] }, "functions"],
    ["tools[1]", { tools: [] }, "tools[1]"],
    ["toolChoice", { function_call: "auto" }, "function_call"],
    ["toolChoice", { tool_choice: "auto" }, "tool_choice"],
    ["user", { safety_identifier: "s" }, "safety_identifier"],
    ["reasoning", { reasoning_effort: "low" }, "reasoning_effort"],
    ["reasoning.budgetTokens", { reasoning: { max_tokens: 1 } }, "reasoning.max_tokens"],
    ["reasoning.effort", { reasoning: { effort: "low" } }, "reasoning.effort"],
    ["seed", {}, "seed"],
    ["metadata", { metadata: {} }, "metadata"],
    ["messages[1].content[0]", {}, "messages[1].content[0]"],
    ["messages[0].content[0]", {}, "messages[0].content"],
    ["messages[2].content[0]", {}, "messages[2]"],
  ])("%s of %j is called %s", (member, members, param) => {
    expect(openaiChatServer.param(member, { ...body, ...members })).toBe(param);
  });
});
