// Edits of bodies that are passed on: only what must change does.
import { describe, expect, it } from "vitest";
import type { BodyEdits, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { openaiChat, type Quirks, routingMembers } from "../../../../providers/dialects/openai-chat/index.ts";
import { recordings } from "../../../support/recordings.ts";
import { hello } from "./reading.ts";

function edits(body: Readonly<Record<string, unknown>>, traits: ModelTraits = {}, quirks: Quirks = {}): BodyEdits {
  return openaiChat(quirks).edits({ messages: [hello], ...body }, { providerId: "p", model: "m1", traits });
}

const reasons: ModelTraits = { reasoning: true, temperature: false };

describe("edits", () => {
  it("set the model, and nothing else in an ordinary body", () => {
    expect(edits({ model: "openai/m1", temperature: 1, store: true })).toEqual({ set: { model: "m1" }, remove: [] });
  });

  it.each(
    recordings("openai", { dialect: "openai-chat", hasRequest: true, failed: false }).map(
      ({ name, request }) => [name, request ?? {}] as const,
    ),
  )("leave the messages and tools of %s their bytes", (_name, request) => {
    const { set } = edits(request);
    expect(Object.keys(set).filter((name) => name !== "model" && name !== "stream_options")).toEqual([]);
  });

  it("remove what only the gateway reads", () => {
    const body = { models: ["a"], provider: { sort: "price" }, drop_params: false };
    expect(edits(body).remove).toEqual([...routingMembers]);
  });

  it("ask for a stream's usage beside what the client asked", () => {
    expect(edits({ stream: true }).set).toMatchObject({ stream_options: { include_usage: true } });
    expect(
      edits({ stream: true, stream_options: { include_obfuscation: false, include_usage: false } }).set,
    ).toMatchObject({
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    expect(edits({ stream: true, stream_options: { include_usage: true } }).set).not.toHaveProperty("stream_options");
    expect(edits({ stream: true }, {}, { streamOptions: false }).set).not.toHaveProperty("stream_options");
    expect(edits({ stream: false }).set).not.toHaveProperty("stream_options");
  });

  it("rename the output limit for models and servers that know the other name", () => {
    expect(edits({ max_tokens: 5 })).toEqual({ set: { model: "m1" }, remove: [] });
    expect(edits({ max_tokens: 5 }, reasons)).toEqual({
      set: { model: "m1", max_completion_tokens: 5 },
      remove: ["max_tokens"],
    });
    expect(edits({ max_tokens: 5, max_completion_tokens: 6 }, reasons)).toEqual({
      set: { model: "m1" },
      remove: ["max_tokens"],
    });
    expect(edits({ max_completion_tokens: 5 }, {}, { maxTokensField: "max_tokens" })).toEqual({
      set: { model: "m1", max_tokens: 5 },
      remove: ["max_completion_tokens"],
    });
  });

  it.each([
    [{ effort: "high" }, "high"],
    [{ enabled: false }, "none"],
    [{ enabled: true }, "medium"],
    [{ max_tokens: 1000 }, "low"],
    [{ exclude: true }, undefined],
  ])("turn OpenRouter's reasoning %j into OpenAI's level %s", (reasoning, effort) => {
    const { set, remove } = edits({ reasoning });
    expect(set.reasoning_effort).toBe(effort);
    expect(remove).toEqual(["reasoning"]);
  });

  it("leave OpenRouter's reasoning to servers that take it", () => {
    expect(edits({ reasoning: { effort: "low" } }, {}, { reasoningParameter: "reasoning" })).toEqual({
      set: { model: "m1" },
      remove: [],
    });
  });

  it("drop what the model refuses when the client allowed it, and name that", () => {
    const body = { temperature: 0, top_k: 5, top_p: null };
    expect(edits(body, reasons)).toEqual({ set: { model: "m1" }, remove: [] });
    expect(edits({ ...body, drop_params: true }, reasons)).toEqual({
      set: { model: "m1" },
      remove: ["drop_params", "temperature", "top_k"],
      dropped: ["temperature", "top_k"],
    });
    expect(edits({ ...body, drop_params: true }, {}, { topK: true })).toEqual({
      set: { model: "m1" },
      remove: ["drop_params"],
    });
  });
});

describe("history that another vendor's model left in a client's messages", () => {
  const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
  const answer = {
    role: "assistant",
    content: "Hi",
    reasoning_content: "Hm.",
    reasoning_details: [{ type: "reasoning.text", text: "Hm.", format: "unknown", index: 0 }],
    images: [],
    tool_calls: [{ ...call, extra_content: { google: { thought_signature: "c2ln" } } }],
  };

  it("is freed of what OpenAI refuses", () => {
    expect(edits({ messages: [hello, answer] }).set.messages).toEqual([
      hello,
      { role: "assistant", content: "Hi", tool_calls: [call] },
    ]);
  });

  it("keeps its reasoning in the one field that the server reads", () => {
    const sentTo = (reasoningField: Quirks["reasoningField"]) =>
      (edits({ messages: [answer] }, {}, { reasoningField: reasoningField ?? null }).set.messages as object[])[0];
    expect(sentTo("reasoning_content")).toEqual({
      role: "assistant",
      content: "Hi",
      reasoning_content: "Hm.",
      tool_calls: [call],
    });
    expect(sentTo("reasoning")).toEqual({ role: "assistant", content: "Hi", reasoning: "Hm.", tool_calls: [call] });
    const { images, ...kept } = answer;
    expect(sentTo("reasoning_details")).toEqual(kept);
  });

  it("loses cache markers where they would be refused, and keeps them where they are understood", () => {
    const cache_control = { type: "ephemeral" };
    const body = {
      messages: [{ role: "user", content: [{ type: "text", text: "Hi", cache_control }] }],
      tools: [{ type: "function", function: { name: "look" }, cache_control }],
    };
    expect(edits(body).set).toEqual({
      model: "m1",
      messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
      tools: [{ type: "function", function: { name: "look" } }],
    });
    expect(edits(body, {}, { cacheControl: true }).set).toEqual({ model: "m1" });
  });

  it("has its overlong ids shortened, in calls and results alike", () => {
    const long = "y".repeat(50);
    const messages = [
      { role: "assistant", content: null, tool_calls: [{ ...call, id: long }] },
      { role: "tool", tool_call_id: long, content: "ok" },
    ];
    const [made, result] = edits({ messages }).set.messages as [
      { tool_calls: { id: string }[] },
      { tool_call_id: string },
    ];
    expect(result.tool_call_id).toBe(made.tool_calls[0]?.id);
    expect(result.tool_call_id.length).toBeLessThanOrEqual(40);
  });

  it("names its developer messages system where the role is unknown", () => {
    const messages = [{ role: "developer", content: "Rules" }, hello];
    expect(edits({ messages }, {}, { developerRole: false }).set.messages).toEqual([
      { role: "system", content: "Rules" },
      hello,
    ]);
  });

  it("is left alone when it is no array, for the provider to refuse", () => {
    expect(edits({ messages: "Hi" }).set).toEqual({ model: "m1" });
  });
});
