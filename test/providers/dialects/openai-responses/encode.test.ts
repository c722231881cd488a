// Writing requests: what OpenAI's responses API is sent for a conversation, and what of it has no place there.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart, Conversation } from "../../../../providers/dialects/conversation.ts";
import { openaiResponses } from "../../../../providers/dialects/openai-responses/index.ts";
import { answerParts } from "../../../support/neutral/arbitrary-answers.ts";
import { encode, input, read } from "./reading.ts";

const look = { name: "look", description: "d", parameters: { type: "object" }, strict: null };
const answer = (...content: AssistantPart[]) => ({ role: "assistant" as const, content });
const next = { role: "user" as const, content: [{ type: "text" as const, text: "And?" }] };

describe("the body", () => {
  it("stores nothing, and asks for reasoning that can be sent back", () => {
    expect(encode({}).body).toEqual({
      model: "model-1",
      input: [{ role: "user", content: "Hi" }],
      store: false,
      include: ["reasoning.encrypted_content"],
    });
    expect(encode({}, {}, { vendor: null }).body).not.toHaveProperty("include");
  });

  it("is streamed where the client wants that", () => {
    expect(encode({ stream: true }).body.stream).toBe(true);
    expect(openaiResponses().path({ providerId: "p", model: "m", traits: {} }, { stream: true })).toBe("/responses");
  });

  it("has every parameter under OpenAI's name", () => {
    const { body, unsupported } = encode({
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      logprobs: { top: 2 },
      reasoning: { effort: "low", budgetTokens: null, includeText: true },
      output: { kind: "json-schema", name: "out", description: "d", schema: { type: "object" }, strict: true },
      verbosity: "low",
      user: "u",
      serviceTier: "flex",
    });
    expect(unsupported).toEqual([]);
    expect(body).toMatchObject({
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
      reasoning: { effort: "low", summary: "auto" },
      text: {
        format: { type: "json_schema", name: "out", description: "d", schema: { type: "object" }, strict: true },
        verbosity: "low",
      },
      user: "u",
      service_tier: "flex",
    });
  });

  it("has no log probabilities beside the chosen tokens when none were asked for", () => {
    expect(encode({ logprobs: { top: 0 } }).body).not.toHaveProperty("top_logprobs");
    expect(encode({ output: { kind: "json" } }).body.text).toEqual({ format: { type: "json_object" } });
  });

  it("has flat tools, which say that they are not strict unless they are", () => {
    const bare = { name: "bare", description: null, parameters: null, strict: true };
    const { body } = encode({ tools: [look, bare], toolChoice: { kind: "required" }, parallelToolCalls: false });
    expect(body.tools).toEqual([
      { type: "function", name: "look", description: "d", parameters: { type: "object" }, strict: false },
      { type: "function", name: "bare", parameters: { type: "object", properties: {} }, strict: true },
    ]);
    expect(body).toMatchObject({ tool_choice: "required", parallel_tool_calls: false });
  });

  it.each<[Conversation["toolChoice"], unknown]>([
    [{ kind: "auto" }, "auto"],
    [{ kind: "none" }, "none"],
    [
      { kind: "tool", name: "look" },
      { type: "function", name: "look" },
    ],
    [
      { kind: "allowed", mode: "required", names: ["look"] },
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "look" }] },
    ],
  ])("chooses among tools: %j", (toolChoice, written) => {
    expect(encode({ tools: [look], toolChoice }).body.tool_choice).toEqual(written);
  });

  it("is the same for the same conversation, so that prompt caches hit", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        const messages = [answer(...parts), next];
        expect(JSON.stringify(encode({ messages }))).toBe(JSON.stringify(encode(structuredClone({ messages }))));
      }),
    );
  });
});

describe("messages", () => {
  it("become items, developers under their own role where that is known", () => {
    const messages = [
      { role: "system" as const, content: [{ type: "text" as const, text: "A" }] },
      {
        role: "developer" as const,
        content: [
          { type: "text" as const, text: "B" },
          { type: "text" as const, text: "C" },
        ],
      },
    ];
    expect(input(messages)).toEqual([
      { role: "system", content: "A" },
      {
        role: "developer",
        content: [
          { type: "input_text", text: "B" },
          { type: "input_text", text: "C" },
        ],
      },
    ]);
    expect(input(messages, { developerRole: false })).toMatchObject([{ role: "system" }, { role: "system" }]);
  });

  it("hold pictures, files and sound", () => {
    const data = { kind: "base64" as const, mediaType: "image/png", data: "aGk=" };
    const pdf = { ...data, mediaType: "application/pdf" };
    const text = { ...data, mediaType: "text/plain" };
    const url = { kind: "url" as const, url: "https://a.example/b", mediaType: null };
    const id = { kind: "file-id" as const, id: "file-1" };
    expect(
      input([
        {
          role: "user",
          content: [
            { type: "image", source: data, detail: "low" },
            { type: "image", source: url },
            { type: "image", source: id },
            { type: "file", source: pdf, filename: "a.pdf" },
            { type: "file", source: text, filename: null },
            { type: "file", source: url, filename: null },
            { type: "file", source: id, filename: null },
            { type: "audio", data: "aGk=", format: "wav" },
          ],
        },
      ]),
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "data:image/png;base64,aGk=", detail: "low" },
          { type: "input_image", image_url: "https://a.example/b", detail: "auto" },
          { type: "input_image", file_id: "file-1", detail: "auto" },
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" },
          { type: "input_file", filename: "file.txt", file_data: "data:text/plain;base64,aGk=" },
          { type: "input_file", file_url: "https://a.example/b" },
          { type: "input_file", file_id: "file-1" },
          { type: "input_audio", input_audio: { data: "aGk=", format: "wav" } },
        ],
      },
    ]);
  });

  it("of the model become one item for each thing it did", () => {
    const encrypted = { vendor: "openai", value: "gAAAAABp" } as const;
    expect(
      input([
        answer(
          { type: "reasoning", text: "Hm.", encrypted },
          { type: "text", text: "One" },
          { type: "refusal", text: "No" },
          { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}' },
          { type: "tool-call", id: "call_2", name: "look", arguments: "" },
          { type: "text", text: "Two" },
        ),
        { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "ok" }], isError: true },
        { role: "tool", toolCallId: "call_2", content: [] },
        {
          role: "tool",
          toolCallId: "call_3",
          content: [
            { type: "text", text: "See" },
            { type: "image", source: { kind: "url", url: "https://a.example/b", mediaType: null } },
          ],
        },
      ]),
    ).toEqual([
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "gAAAAABp" },
      {
        role: "assistant",
        content: [
          { type: "output_text", text: "One" },
          { type: "refusal", refusal: "No" },
        ],
      },
      { type: "function_call", call_id: "call_1", name: "look", arguments: '{"a":1}' },
      { type: "function_call", call_id: "call_2", name: "look", arguments: "{}" },
      { role: "assistant", content: "Two" },
      { type: "function_call_output", call_id: "call_1", output: "ok" },
      { type: "function_call_output", call_id: "call_2", output: "" },
      {
        type: "function_call_output",
        call_id: "call_3",
        output: [
          { type: "input_text", text: "See" },
          { type: "input_image", image_url: "https://a.example/b", detail: "auto" },
        ],
      },
    ]);
  });

  it("leave out reasoning that led to nothing", () => {
    const encrypted = { vendor: "openai", value: "gAAAAABp" } as const;
    const hidden = { type: "reasoning", text: "", encrypted } as const;
    expect(input([answer(hidden), next])).toEqual([{ role: "user", content: "And?" }]);
    expect(input([answer({ type: "text", text: "Hi" }, hidden), next])).toEqual([
      { role: "assistant", content: "Hi" },
      { role: "user", content: "And?" },
    ]);
  });

  it("have short call ids, the same for a call and its result", () => {
    const id = `call_${"x".repeat(80)}`;
    const [call, result] = input([
      answer({ type: "tool-call", id, name: "look", arguments: "{}" }),
      { role: "tool", toolCallId: id, content: [{ type: "text", text: "ok" }] },
    ]) as { call_id: string }[];
    expect(call?.call_id.length).toBeLessThanOrEqual(64);
    expect(result?.call_id).toBe(call?.call_id);
    const fits = `call_${"x".repeat(59)}`;
    expect(input([{ role: "tool", toolCallId: fits, content: [] }])).toMatchObject([{ call_id: fits }]);
  });

  it("give ciphertexts back to the vendor that made them, and to no other", () => {
    fc.assert(
      fc.property(answerParts, fc.constantFrom("openai" as const, "xai" as const), (parts, vendor) => {
        const messages = [answer(...parts, { type: "text", text: "End." }), next];
        const { body } = encode({ messages }, {}, { vendor });
        const sent = (body.input as { encrypted_content?: string }[]).flatMap((item) => item.encrypted_content ?? []);
        const own = parts.flatMap((part) =>
          part.type === "reasoning" && part.encrypted?.vendor === vendor ? [part.encrypted.value] : [],
        );
        expect(sent).toEqual(own);
        expect(JSON.stringify(body)).not.toContain("tp1.");
      }),
    );
  });

  it("hold plain reasoning for a server that takes it so", () => {
    const messages = [answer({ type: "reasoning", text: "Hm." }, { type: "text", text: "Hi" })];
    expect(input(messages)).toEqual([{ role: "assistant", content: "Hi" }]);
    expect(input(messages, { vendor: null, plainReasoning: true })).toEqual([
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hm." }] },
      { role: "assistant", content: "Hi" },
    ]);
  });
});

describe("a request that was read", () => {
  it("of this dialect means the same when it is sent in it", () => {
    const body = {
      input: [
        { role: "user", content: "Hi" },
        { type: "function_call", call_id: "c", name: "look", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: "ok" },
      ],
      tools: [{ type: "function", name: "look", parameters: {}, strict: false }],
      max_output_tokens: 64,
      text: { verbosity: "low" },
    };
    expect(encode(read(body)).body).toMatchObject(body);
  });
});
