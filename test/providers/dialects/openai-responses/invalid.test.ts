// Bad requests: each is told which member is wrong, in the client's own terms, and what it should be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";

const look = { type: "function", name: "look" };
const items = (...input: unknown[]) => ({ input });
const user = (...content: unknown[]) => items({ role: "user", content });
const assistant = (...content: unknown[]) => items({ role: "assistant", content });
const output = (...content: unknown[]) => items({ type: "function_call_output", call_id: "c", output: content });

/** What is wrong, the path that is told, and what the message must name. */
const table: readonly (readonly [body: Record<string, unknown>, param: string, says: RegExp])[] = [
  [{ input: undefined }, "input", /Missing.*array/],
  [{ input: [] }, "input", /at least one/],
  [{ input: 5 }, "input", /an array, but got an integer/],
  [{ input: {} }, "input", /an array, but got an object/],
  [{ instructions: 5 }, "instructions", /a string, but got an integer/],
  [items("Hi"), "input[0]", /an object, but got a string/],
  [items({ content: "Hi" }), "input[0].role", /Missing/],
  [items({ role: "robot", content: "Hi" }), "input[0].role", /'assistant'.*but got 'robot'/],
  [items({ role: "user" }), "input[0].content", /string or an array/],
  [items({ role: "user", content: 5 }), "input[0].content", /string or an array/],
  [items({ role: "assistant", content: null }), "input[0].content", /string or an array/],
  [items({ role: "system", content: [{ type: "input_image" }] }), "input[0].content[0].type", /'input_text'/],
  [user("Hi"), "input[0].content[0]", /an object, but got a string/],
  [user({ text: "Hi" }), "input[0].content[0].type", /Missing/],
  [user({ type: "text", text: "Hi" }), "input[0].content[0].type", /'input_text'.*but got 'text'/],
  [user({ type: "input_text" }), "input[0].content[0].text", /a string/],
  [user({ type: "input_image" }), "input[0].content[0]", /'image_url' or 'file_id'/],
  [
    user({ type: "input_image", image_url: { url: "x" } }),
    "input[0].content[0].image_url",
    /a string, but got an object/,
  ],
  [user({ type: "input_image", image_url: "a.png" }), "input[0].content[0].image_url", /https.*base64/],
  [
    user({ type: "input_image", image_url: "https://a.example/b", detail: "max" }),
    "input[0].content[0].detail",
    /'auto'/,
  ],
  [user({ type: "input_file", filename: "a.pdf" }), "input[0].content[0]", /'file_data', 'file_url' or 'file_id'/],
  [user({ type: "input_file", file_url: "a.pdf" }), "input[0].content[0].file_url", /https/],
  [user({ type: "input_audio" }), "input[0].content[0].input_audio", /Missing/],
  [user({ type: "input_audio", input_audio: { format: "wav" } }), "input[0].content[0].input_audio.data", /Missing/],
  [assistant({ type: "input_image" }), "input[0].content[0].type", /'output_text', 'refusal'/],
  [assistant({ type: "output_text" }), "input[0].content[0].text", /a string/],
  [assistant({ type: "refusal", text: "No" }), "input[0].content[0].refusal", /a string/],
  [
    assistant({ type: "output_text", text: "A", annotations: ["b"] }),
    "input[0].content[0].annotations[0]",
    /an object/,
  ],
  [items({ type: "function_call", name: "look", arguments: "{}" }), "input[0].call_id", /Missing/],
  [items({ type: "function_call", call_id: "c", arguments: "{}" }), "input[0].name", /Missing/],
  [items({ type: "function_call", call_id: "c", name: "look", arguments: {} }), "input[0].arguments", /a string/],
  [items({ type: "function_call_output", output: "ok" }), "input[0].call_id", /Missing/],
  [items({ type: "function_call_output", call_id: "c" }), "input[0].output", /string or an array/],
  [output({ type: "input_audio" }), "input[0].output[0].type", /'input_file'/],
  [items({ type: "reasoning", summary: "Hm" }), "input[0].summary", /an array, but got a string/],
  [items({ type: "reasoning", summary: [], encrypted_content: {} }), "input[0].encrypted_content", /a string/],
  [items({ type: "item_reference", id: "msg_7" }), "input[0].id", /'msg_7' not found/],
  [items({ id: "msg_8" }), "input[0].id", /'msg_8' not found/],
  [{ previous_response_id: "resp_1" }, "previous_response_id", /stored/],
  [{ conversation: "conv_1" }, "conversation", /input/],
  [{ prompt: { id: "pmpt_1" } }, "prompt", /instructions/],
  [{ background: true }, "background", /foreground/],
  [{ temperature: "hot" }, "temperature", /a number, but got a string/],
  [{ temperature: 2.1 }, "temperature", /from 0 to 2, but got 2.1/],
  [{ top_p: 1.5 }, "top_p", /from 0 to 1/],
  [{ top_logprobs: 21 }, "top_logprobs", /from 0 to 20/],
  [{ max_output_tokens: 0 }, "max_output_tokens", /1 or more/],
  [{ max_output_tokens: 1.5 }, "max_output_tokens", /an integer/],
  [{ parallel_tool_calls: "no" }, "parallel_tool_calls", /true or false/],
  [{ stream: "yes" }, "stream", /true or false/],
  [{ include: "all" }, "include", /an array/],
  [{ user: 5 }, "user", /a string/],
  [{ service_tier: 5 }, "service_tier", /a string/],
  [{ text: "json" }, "text", /an object/],
  [{ text: { verbosity: "loud" } }, "text.verbosity", /'low', 'medium', 'high'/],
  [{ text: { format: { type: "xml" } } }, "text.format.type", /'json_schema'.*but got 'xml'/],
  [{ text: { format: { type: "json_schema", schema: {} } } }, "text.format.name", /Missing/],
  [{ text: { format: { type: "json_schema", name: "a" } } }, "text.format.schema", /Missing/],
  [{ reasoning: "high" }, "reasoning", /an object/],
  [{ reasoning: { effort: "huge" } }, "reasoning.effort", /'minimal'.*but got 'huge'/],
  [{ reasoning: { summary: "long" } }, "reasoning.summary", /'concise'/],
  [{ reasoning: { max_tokens: 5 } }, "reasoning.max_tokens", /Unknown/],
  [{ tools: {} }, "tools", /an array/],
  [{ tools: [{ name: "look" }] }, "tools[0].type", /Missing/],
  [{ tools: [{ type: "function", function: { name: "look" } }] }, "tools[0].name", /Missing/],
  [{ tools: [{ ...look, parameters: "none" }] }, "tools[0].parameters", /an object/],
  [{ tools: [{ ...look, strict: "yes" }] }, "tools[0].strict", /true or false/],
  [{ tool_choice: "required" }, "tool_choice", /no tools are given/],
  [{ tools: [look], tool_choice: "always" }, "tool_choice", /'required'.*but got 'always'/],
  [{ tools: [look], tool_choice: { name: "look" } }, "tool_choice.type", /Missing/],
  [{ tools: [look], tool_choice: { type: "function", name: "hear" } }, "tool_choice", /'hear'.*'look'/],
  [{ tools: [look], tool_choice: { type: "allowed_tools", mode: "all", tools: [] } }, "tool_choice.mode", /'auto'/],
  [
    { tools: [look], tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function" }] } },
    "tool_choice.tools[0].name",
    /Missing/,
  ],
];

describe("a bad request", () => {
  it.each(table)("%j is told %s", (body, param, says) => {
    const told = openaiResponsesServer.read({ model: "m", input: "Hi", ...body });
    expect(told).toEqual({ param, message: expect.stringMatching(says) });
  });

  it("of any shape is read or told what is wrong, and breaks nothing", () => {
    const member = fc.constantFrom(
      "input",
      "instructions",
      "tools",
      "tool_choice",
      "text",
      "reasoning",
      "include",
      "top_logprobs",
      "metadata",
      "truncation",
    );
    const item = fc.record(
      {
        type: fc.constantFrom(
          "message",
          "reasoning",
          "function_call",
          "function_call_output",
          "item_reference",
          "x",
          5,
        ),
        role: fc.constantFrom("user", "assistant", "system", null),
        content: fc.jsonValue({ maxDepth: 3 }),
        summary: fc.jsonValue({ maxDepth: 2 }),
        encrypted_content: fc.oneof(fc.string(), fc.constant("tp1."), fc.constant("tp1.bnVsbA")),
        output: fc.jsonValue({ maxDepth: 2 }),
        call_id: fc.string(),
        name: fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.dictionary(member, fc.jsonValue({ maxDepth: 3 })),
        fc.option(fc.array(item, { maxLength: 3 })),
        (body, input) => {
          const told = openaiResponsesServer.read(input === null ? body : { ...body, input });
          expect("messages" in told || typeof told.message === "string").toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
