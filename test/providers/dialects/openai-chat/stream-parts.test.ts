// Reasoning and tool calls in streams: however a server numbers, names and cuts them.
import { describe, expect, it } from "vitest";
import { collect } from "./collect.ts";
import { chunk, decodeAll, frames } from "./frames.ts";

const stop = chunk({}, { finish_reason: "stop" });
const call = (members: object) => chunk({ tool_calls: [members] });

/** The parts of the first choice of a stream of these chunks. */
function parts(...chunks: readonly (object | string)[]) {
  const collected = collect(decodeAll(frames(...chunks)));
  expect(collected.failure).toBeNull();
  return collected.choices.get(0)?.parts;
}

describe("reasoning", () => {
  it.each(["reasoning_content", "reasoning"])("comes as %s", (name) => {
    expect(parts(chunk({ [name]: "Hm" }), chunk({ [name]: "m." }), chunk({ content: "Hi" }), stop)).toEqual([
      { type: "reasoning", text: "Hmm." },
      { type: "text", text: "Hi" },
    ]);
  });

  it("is not read twice where details repeat the plain text", () => {
    const detail = (rest: object) => ({ format: "anthropic-claude-v1", index: 0, type: "reasoning.text", ...rest });
    expect(
      parts(
        chunk({ reasoning: "Hm", reasoning_details: [detail({ text: "Hm" })] }),
        chunk({ reasoning: null, reasoning_details: [detail({ signature: "c2ln" })] }),
        chunk({ content: "Hi" }),
        stop,
      ),
    ).toEqual([
      { type: "reasoning", text: "Hm", signature: { vendor: "anthropic", value: "c2ln" } },
      { type: "text", text: "Hi" },
    ]);
  });

  it("has its ciphertext even when that comes after the answer", () => {
    const common = { format: "openai-responses-v1", index: 0 };
    expect(
      parts(
        chunk({ reasoning_details: [{ type: "reasoning.summary", summary: "Short", ...common }] }),
        chunk({ content: "Hi" }),
        chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "ZW5j", id: "rs_1", ...common }] }),
        stop,
      ),
    ).toEqual([
      { type: "reasoning", text: "Short", encrypted: { vendor: "openai", value: "ZW5j" } },
      { type: "text", text: "Hi" },
    ]);
  });

  it("of another index is another part", () => {
    const detail = (index: number) => chunk({ reasoning_details: [{ type: "reasoning.text", text: "x", index }] });
    expect(parts(detail(0), detail(0), detail(1), stop)).toEqual([
      { type: "reasoning", text: "xx" },
      { type: "reasoning", text: "x" },
    ]);
  });
});

describe("tool calls", () => {
  const two = [
    { type: "tool-call", id: "a", name: "f", arguments: '{"x":1}' },
    { type: "tool-call", id: "b", name: "g", arguments: "{}" },
  ];
  const made = (name: string | undefined, args: string | undefined) => ({ function: { name, arguments: args } });

  it.each([
    [
      "cut as OpenAI cuts them",
      [
        call({ index: 0, id: "a", type: "function", ...made("f", "") }),
        call({ index: 0, ...made(undefined, '{"x"') }),
        call({ index: 0, ...made(undefined, ":1}") }),
        call({ index: 1, id: "b", ...made("g", "") }),
        call({ index: 1, ...made(undefined, "{}") }),
      ],
    ],
    [
      "with the id and name on every delta",
      [
        call({ index: 0, id: "a", ...made("f", "") }),
        call({ index: 0, id: "a", ...made("f", '{"x":1}') }),
        call({ index: 1, id: "b", ...made("g", "{}") }),
      ],
    ],
    [
      "whole, in one chunk",
      [
        chunk({
          tool_calls: [
            { index: 0, id: "a", ...made("f", '{"x":1}') },
            { index: 1, id: "b", ...made("g", "{}") },
          ],
        }),
      ],
    ],
    [
      "whole and without an index (Gemini)",
      [
        chunk({
          tool_calls: [
            { id: "a", ...made("f", '{"x":1}') },
            { id: "b", ...made("g", "{}") },
          ],
        }),
      ],
    ],
    [
      "in pieces without an index",
      [call({ id: "a", ...made("f", '{"x"') }), call(made(undefined, ":1}")), call({ id: "b", ...made("g", "{}") })],
    ],
    [
      "whole, each with index 0",
      [call({ index: 0, id: "a", ...made("f", '{"x":1}') }), call({ index: 0, id: "b", ...made("g", "{}") })],
    ],
    [
      "interleaved",
      [
        call({ index: 0, id: "a", ...made("f", '{"x"') }),
        call({ index: 1, id: "b", ...made("g", "{") }),
        call({ index: 0, ...made(undefined, ":1}") }),
        call({ index: 1, ...made(undefined, "}") }),
      ],
    ],
    [
      "with the name after the id and the first arguments",
      [
        call({ index: 0, id: "a", ...made(undefined, '{"x"') }),
        call({ index: 0, ...made("f", ":1}") }),
        call({ index: 1, id: "b", ...made("g", "{}") }),
      ],
    ],
  ])("%s are two calls", (_how, chunks) => {
    expect(parts(...chunks, stop)).toEqual(two);
  });

  it("make the finish `tool-calls` even where the server says stop", () => {
    const events = decodeAll(frames(call({ index: 0, id: "a", ...made("f", "{}") }), stop));
    expect(events.at(-1)).toEqual({ type: "finish", choice: 0, reason: "tool-calls", raw: "stop" });
  });

  it("without ids are given some, always the same", () => {
    const chunks = [call({ index: 0, ...made("f", "{}") }), call({ index: 1, ...made("g", "{}") }), stop];
    const ids = parts(...chunks)?.map((part) => (part.type === "tool-call" ? part.id : ""));
    expect(ids).toEqual(["call_c1_0_0", "call_c1_0_1"]);
    expect(parts(...chunks)).toEqual(parts(...chunks));
  });

  it("carry Gemini's signature from their own member or from a detail beside them", () => {
    const signed = {
      type: "tool-call",
      id: "a",
      name: "f",
      arguments: "{}",
      signature: { vendor: "google", value: "c2ln" },
    };
    const own = call({
      index: 0,
      id: "a",
      ...made("f", "{}"),
      extra_content: { google: { thought_signature: "c2ln" } },
    });
    const beside = chunk({
      reasoning_details: [{ type: "reasoning.encrypted", data: "c2ln", id: "a", format: "google-gemini-v1", index: 0 }],
      tool_calls: [{ index: 0, id: "a", ...made("f", "{}") }],
    });
    expect(parts(own, stop)).toEqual([signed]);
    expect(parts(beside, stop)).toEqual([signed]);
  });

  it("in the form before tools, and arguments that are objects, are read", () => {
    expect(
      parts(
        chunk({ function_call: { name: "f", arguments: "{" } }),
        chunk({ function_call: { arguments: "}" } }),
        stop,
      ),
    ).toEqual([{ type: "tool-call", id: "call_c1_0_0", name: "f", arguments: "{}" }]);
    expect(parts(call({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } }), stop)).toEqual([
      { type: "tool-call", id: "a", name: "f", arguments: '{"x":1}' },
    ]);
  });
});
