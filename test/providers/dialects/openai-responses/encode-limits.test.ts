// Writing requests: what of a conversation has no place in the responses API, or at a model.
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../../providers/dialects/conversation.ts";
import { encode } from "./reading.ts";

const look = { name: "look", description: "d", parameters: { type: "object" }, strict: null };
const next = { role: "user" as const, content: [{ type: "text" as const, text: "And?" }] };

describe("what has no place", () => {
  it.each<[Partial<Conversation>, string]>([
    [{ stop: ["END"] }, "stop"],
    [{ seed: 7 }, "seed"],
    [{ topK: 40 }, "topK"],
    [{ presencePenalty: 1 }, "presencePenalty"],
    [{ frequencyPenalty: -1 }, "frequencyPenalty"],
    [{ logitBias: { 5: 1 } }, "logitBias"],
    [{ choices: 2 }, "choices"],
    [{ modalities: ["text", "audio"] }, "modalities"],
    [{ audioOutput: { voice: "ash" } }, "audioOutput"],
    [{ extras: { web_search_options: {} } }, "web_search_options"],
  ])("%j may be left out", (conversation, member) => {
    const { body, unsupported } = encode(conversation);
    expect(unsupported).toMatchObject([{ member, droppable: true }]);
    expect(body).toEqual(encode({}).body);
  });

  it("is not what asks for nothing", () => {
    const nothing = { presencePenalty: 0, frequencyPenalty: 0, logitBias: {}, choices: 1, modalities: ["text"] };
    expect(encode({ ...nothing, extras: { stream_options: { include_usage: true } } }).unsupported).toEqual([]);
  });

  it("is not what means the same in chat", () => {
    const extras = { metadata: { a: "b" }, prompt_cache_key: "k", safety_identifier: "s", store: true };
    const { body, unsupported } = encode({ extras });
    expect(unsupported).toEqual([]);
    expect(body).toMatchObject(extras);
  });

  it("is a picture or sound in an earlier answer, which is content", () => {
    const source = { kind: "base64" as const, mediaType: "image/png", data: "aGk=" };
    const sound = { type: "output-audio" as const, id: "a", data: "", transcript: "Hi", expiresAtS: null };
    const { unsupported } = encode({
      messages: [
        next,
        { role: "assistant", content: [{ type: "text", text: "See" }, { type: "output-image", source }, sound] },
      ],
    });
    expect(unsupported).toMatchObject([
      { member: "messages[1].content[1]", droppable: false },
      { member: "messages[1].content[2]", droppable: false },
    ]);
  });

  it("is a user's name", () => {
    const { unsupported } = encode({ messages: [{ ...next, name: "Ada" }] });
    expect(unsupported).toMatchObject([{ member: "messages[0].name", droppable: true }]);
  });

  it("is a limit below the least, which is sent instead: an answer without one could cost far more", () => {
    const { body, unsupported } = encode({ maxOutputTokens: 5 });
    expect(unsupported).toMatchObject([{ member: "maxOutputTokens", droppable: true }]);
    expect(body.max_output_tokens).toBe(16);
    expect(encode({ maxOutputTokens: 5 }, {}, { leastOutputTokens: 1 }).body.max_output_tokens).toBe(5);
  });
});

describe("a model", () => {
  it("that reasons refuses sampling parameters", () => {
    const sampling = { temperature: 0.5, topP: 0.9, logprobs: { top: 1 } };
    const refused = encode(sampling, { reasoning: true });
    expect(refused.unsupported.map(({ member, droppable }) => [member, droppable])).toEqual([
      ["temperature", true],
      ["topP", true],
      ["logprobs", true],
    ]);
    expect(refused.body).toEqual(encode({}).body);
    expect(encode(sampling, { reasoning: true, temperature: true }).unsupported).toEqual([]);
    expect(encode(sampling, { reasoning: true }, { reasoningRefusesSampling: false }).unsupported).toEqual([]);
  });

  it("is asked for the effort nearest to a budget", () => {
    const reasoning = { effort: null, budgetTokens: 6000, includeText: null };
    expect(encode({ reasoning }).body.reasoning).toEqual({ effort: "medium" });
    expect(encode({ reasoning }, { reasoningEfforts: ["low", "high"] }).body.reasoning).toEqual({ effort: "low" });
  });

  it("without the effort asked for says which it has, and still shows its reasoning", () => {
    const reasoning = { effort: "max" as const, budgetTokens: null, includeText: true };
    const { body, unsupported } = encode({ reasoning }, { reasoningEfforts: ["low", "high"] });
    expect(unsupported).toMatchObject([{ member: "reasoning.effort", reason: expect.stringContaining("low, high") }]);
    expect(body.reasoning).toEqual({ summary: "auto" });
  });

  it("that can't reason is asked for none", () => {
    const reasoning = { effort: "high" as const, budgetTokens: null, includeText: true };
    const { body, unsupported } = encode({ reasoning }, { reasoning: false });
    expect(unsupported).toMatchObject([{ member: "reasoning" }]);
    expect(body).not.toHaveProperty("reasoning");
    expect(encode({ reasoning: { ...reasoning, effort: "none" } }, { reasoning: false }).unsupported).toEqual([]);
  });

  it("without tools or JSON schemas says so", () => {
    const output = { kind: "json-schema" as const, name: "a", description: null, schema: {}, strict: null };
    const { body, unsupported } = encode(
      { tools: [look], output, verbosity: "low" },
      { tools: false, jsonSchema: false },
    );
    expect(unsupported).toMatchObject([
      { member: "tools", droppable: false },
      { member: "output", droppable: true },
    ]);
    expect(body.text).toEqual({ verbosity: "low" });
    expect(body).not.toHaveProperty("tools");
  });
});
