// Reading input: what every kind of item of the responses API becomes.
import { describe, expect, it } from "vitest";
import { sealEnvelope } from "../../../../providers/dialects/openai-responses/envelope.ts";
import { messages, read } from "./reading.ts";

const user = (...content: unknown[]) => ({ role: "user", content });

describe("input", () => {
  it("may be a string", () => {
    expect(read({ input: "Hi" }).messages).toEqual([{ role: "user", content: [{ type: "text", text: "Hi" }] }]);
  });

  it("follows the instructions, which are the first system message", () => {
    expect(read({ instructions: "Be brief.", input: "Hi" }).messages).toEqual([
      { role: "system", content: [{ type: "text", text: "Be brief." }] },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
    ]);
    expect(read({ instructions: "", input: "Hi" }).messages).toHaveLength(1);
  });

  it("has messages of every role, with or without a type, with a string or with parts", () => {
    expect(
      messages(
        { role: "system", content: "A" },
        { type: "message", role: "developer", content: [{ type: "input_text", text: "B" }] },
        { type: "message", role: "user", status: "completed", content: [{ type: "input_text", text: "C" }] },
        { role: "assistant", content: "D" },
      ),
    ).toEqual([
      { role: "system", content: [{ type: "text", text: "A" }] },
      { role: "developer", content: [{ type: "text", text: "B" }] },
      { role: "user", content: [{ type: "text", text: "C" }] },
      { role: "assistant", content: [{ type: "text", text: "D" }] },
    ]);
  });

  it("has pictures, files and sound", () => {
    const data = "data:image/png;base64,aGk=";
    const [message] = messages(
      user(
        { type: "input_image", image_url: data, detail: "low" },
        { type: "input_image", image_url: "https://a.example/b.png", detail: "original" },
        { type: "input_image", file_id: "file-1" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" },
        { type: "input_file", filename: "a.txt", file_data: "aGk=" },
        { type: "input_file", file_url: "https://a.example/b.pdf" },
        { type: "input_file", file_id: "file-2" },
        { type: "input_audio", input_audio: { data: "aGk=", format: "wav" } },
        { type: "input_text", text: "Look", prompt_cache_breakpoint: { mode: "explicit" } },
      ),
    );
    expect(message?.content).toEqual([
      { type: "image", source: { kind: "base64", mediaType: "image/png", data: "aGk=" }, detail: "low" },
      { type: "image", source: { kind: "url", url: "https://a.example/b.png", mediaType: null }, detail: "high" },
      { type: "image", source: { kind: "file-id", id: "file-1" } },
      { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "aGk=" }, filename: "a.pdf" },
      { type: "file", source: { kind: "base64", mediaType: "text/plain", data: "aGk=" }, filename: "a.txt" },
      { type: "file", source: { kind: "url", url: "https://a.example/b.pdf", mediaType: null }, filename: null },
      { type: "file", source: { kind: "file-id", id: "file-2" }, filename: null },
      { type: "audio", data: "aGk=", format: "wav" },
      { type: "text", text: "Look", cache: { ttl: null } },
    ]);
  });

  it("gathers the items of one turn in one assistant message, in their order", () => {
    expect(
      messages(
        { role: "user", content: "Weather?" },
        {
          type: "reasoning",
          id: "rs_1",
          summary: [
            { type: "summary_text", text: "A" },
            { type: "summary_text", text: "B" },
          ],
        },
        {
          type: "message",
          id: "msg_1",
          role: "assistant",
          status: "completed",
          phase: "commentary",
          content: [
            { type: "output_text", text: "Let me see.", annotations: [] },
            { type: "refusal", refusal: "Not that." },
          ],
        },
        {
          type: "function_call",
          id: "fc_1",
          call_id: "call_1",
          name: "look",
          arguments: '{"a":1}',
          status: "completed",
        },
        { type: "function_call", call_id: "call_2", name: "look", arguments: "{not json" },
        { type: "function_call_output", call_id: "call_1", output: "Sunny" },
        {
          type: "function_call_output",
          call_id: "call_2",
          output: [
            { type: "input_text", text: "See" },
            { type: "input_image", image_url: "https://a.example/b.png" },
          ],
        },
      ),
    ).toEqual([
      { role: "user", content: [{ type: "text", text: "Weather?" }] },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "A\n\nB" },
          { type: "text", text: "Let me see." },
          { type: "refusal", text: "Not that." },
          { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}' },
          { type: "tool-call", id: "call_2", name: "look", arguments: "{not json" },
        ],
      },
      { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "Sunny" }] },
      {
        role: "tool",
        toolCallId: "call_2",
        content: [
          { type: "text", text: "See" },
          { type: "image", source: { kind: "url", url: "https://a.example/b.png", mediaType: null } },
        ],
      },
    ]);
  });

  it("has OpenAI's own ciphertexts, and proofs of others that Turnpike sealed", () => {
    const google = { vendor: "google", value: "c2ln" } as const;
    const [answer] = messages(
      { type: "reasoning", summary: [], encrypted_content: "gAAAAABp" },
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Plain." }] },
      {
        type: "reasoning",
        summary: [],
        encrypted_content: sealEnvelope({ of: "call", id: "call_1", signature: google }),
      },
      { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" },
    );
    expect(answer?.content).toEqual([
      { type: "reasoning", text: "", encrypted: { vendor: "openai", value: "gAAAAABp" } },
      { type: "reasoning", text: "Plain." },
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}", signature: google },
    ]);
  });

  it("has pictures that a model made", () => {
    expect(messages({ type: "image_generation_call", id: "ig_1", status: "completed", result: "aGk=" })).toEqual([
      {
        role: "assistant",
        content: [{ type: "output-image", source: { kind: "base64", mediaType: "image/png", data: "aGk=" } }],
      },
    ]);
  });

  it("keeps a proof from doing harm when its part is gone", () => {
    const signature = { vendor: "google", value: "c2ln" } as const;
    const note = (of: "text" | "reasoning" | "image" | "call") => ({
      type: "reasoning",
      summary: [],
      encrypted_content: sealEnvelope({ of, id: "call_9", back: 3, signature }),
    });
    expect(
      messages(note("text"), note("reasoning"), note("call"), { role: "assistant", content: "Hi" }, note("image")),
    ).toEqual([{ role: "assistant", content: [{ type: "text", text: "Hi" }] }]);
  });
});
