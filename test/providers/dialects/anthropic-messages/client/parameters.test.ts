// Sampling, stop sequences, what Anthropic lacks, extras, cache markers.
import { describe, expect, it } from "vitest";
import { encodeRequest } from "../../../../../providers/dialects/anthropic-messages/client/request.ts";
import type { CacheMarker, Conversation } from "../../../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../../../providers/dialects/dialect.ts";
import {
  assistant,
  call,
  conversation,
  result,
  target,
  tool,
  user,
} from "../../../../support/neutral/conversations.ts";

function send(over: Partial<Conversation>, model = "claude-sonnet-4-5", traits: ModelTraits = {}) {
  const { body, unsupported } = encodeRequest(conversation(over), target(model, traits));
  const { model: _model, max_tokens: _max, messages: _messages, ...rest } = body;
  return {
    rest,
    body,
    lost: unsupported.filter(({ droppable }) => droppable).map(({ member }) => member),
    unsupported,
  };
}

describe("sampling", () => {
  const thinking = { reasoning: { effort: "low" as const, budgetTokens: null, includeText: null } };

  it.each<[string, string, Partial<Conversation>, object, readonly string[]]>([
    ["is passed on", "claude-sonnet-4-5", { temperature: 0.5, topK: 40 }, { temperature: 0.5, top_k: 40 }, []],
    ["ends at 1", "claude-sonnet-4-5", { temperature: 1.7 }, { temperature: 1 }, []],
    ["begins at 0", "claude-sonnet-4-5", { temperature: -1 }, { temperature: 0 }, []],
    ["knows top_p alone", "claude-sonnet-4-5", { topP: 0.5 }, { top_p: 0.5 }, []],
    [
      "prefers temperature to top_p",
      "claude-sonnet-4-5",
      { temperature: 0.5, topP: 0.5 },
      { temperature: 0.5 },
      ["topP"],
    ],
    [
      "leaves out a top_p that changes nothing",
      "claude-sonnet-4-5",
      { temperature: 0.5, topP: 1 },
      { temperature: 0.5 },
      [],
    ],
    [
      "leaves out a temperature that changes nothing",
      "claude-sonnet-4-5",
      { temperature: 1, topP: 0.5 },
      { top_p: 0.5 },
      [],
    ],
    [
      "has both on models of others",
      "some-other-model",
      { temperature: 0.5, topP: 0.5 },
      { temperature: 0.5, top_p: 0.5 },
      [],
    ],
    [
      "is refused by models that fix it",
      "claude-opus-4-8",
      { temperature: 0.5, topP: 0.9, topK: 3 },
      {},
      ["temperature", "topP", "topK"],
    ],
    ["may be said to those at its defaults", "claude-sonnet-5", { temperature: 1, topP: 1 }, {}, []],
    [
      "is refused beside thinking",
      "claude-sonnet-4-5",
      { ...thinking, temperature: 0, topP: 0.5, topK: 3 },
      { thinking: { type: "enabled", budget_tokens: 2048 } },
      ["temperature", "topP", "topK"],
    ],
    [
      "may be said beside thinking at its defaults, and top_p near its own",
      "claude-sonnet-4-5",
      { ...thinking, temperature: 1, topP: 0.95 },
      { thinking: { type: "enabled", budget_tokens: 2048 }, top_p: 0.95 },
      [],
    ],
  ])("%s", (_name, model, over, rest, lost) => {
    const sent = send(over, model);
    expect(sent.rest).toEqual(rest);
    expect(sent.lost).toEqual(lost);
  });

  it("is refused where the catalogue says so", () => {
    expect(send({ temperature: 0.5 }, "some-other-model", { temperature: false }).lost).toEqual(["temperature"]);
  });
});

describe("parameters", () => {
  it.each<[Partial<Conversation>, object]>([
    [{ stop: ["END", "\n\nHuman:"] }, { stop_sequences: ["END", "\n\nHuman:"] }],
    [{ user: "u-1" }, { metadata: { user_id: "u-1" } }],
    [{ serviceTier: "auto" }, { service_tier: "auto" }],
    [{ serviceTier: "default" }, { service_tier: "standard_only" }],
    [{ serviceTier: "standard_only" }, { service_tier: "standard_only" }],
    [{ stream: true }, { stream: true }],
    [{ extras: { inference_geo: "eu" } }, { inference_geo: "eu" }],
  ])("%j become %j", (over, rest) => {
    const sent = send(over);
    expect(sent.rest).toEqual(rest);
    expect(sent.unsupported).toEqual([]);
  });

  it.each<[Partial<Conversation>, string]>([
    [{ choices: 2 }, "choices"],
    [{ seed: 1 }, "seed"],
    [{ presencePenalty: 0.1 }, "presencePenalty"],
    [{ frequencyPenalty: -1 }, "frequencyPenalty"],
    [{ logitBias: { "50256": -100 } }, "logitBias"],
    [{ logprobs: { top: 0 } }, "logprobs"],
    [{ verbosity: "low" }, "verbosity"],
    [{ modalities: ["text", "audio"] }, "modalities"],
    [{ audioOutput: { voice: "alloy" } }, "audioOutput"],
    [{ serviceTier: "flex" }, "serviceTier"],
    [{ stop: ["END", "\n"] }, "stop"],
    [{ extras: { top_a: 0.5 } }, "top_a"],
    [{ extras: { truncation: "auto" } }, "truncation"],
  ])("%j that Anthropic lacks may be dropped, as %s", (over, member) => {
    const sent = send(over);
    expect(sent.unsupported).toEqual([{ member, droppable: true, reason: expect.any(String) }]);
    expect(sent.rest).toEqual("stop" in over ? { stop_sequences: ["END"] } : {});
  });

  it.each<Partial<Conversation>>([
    { choices: 1 },
    { presencePenalty: 0, frequencyPenalty: 0 },
    { logitBias: {} },
    { verbosity: "medium" },
    { modalities: ["text"] },
    { extras: { store: false, metadata: {} } },
    { extras: { stream_options: { include_usage: true }, usage: { include: true }, truncation: "disabled" } },
    { extras: { anything: null } },
  ])("%j ask for nothing that is missed", (over) => {
    expect(send(over)).toMatchObject({ rest: {}, unsupported: [] });
  });

  it.each(["previous_response_id", "conversation", "prompt"])("%s stands for content and can't be dropped", (name) => {
    expect(send({ extras: { [name]: "id" } }).unsupported).toMatchObject([{ member: name, droppable: false }]);
  });

  it("take the end user's id under its newer name too", () => {
    const extras = { safety_identifier: "s-1" };
    expect(send({ extras }).rest).toEqual({ metadata: { user_id: "s-1" } });
    expect(send({ extras, user: "u-1" }).rest).toEqual({ metadata: { user_id: "u-1" } });
  });
});

describe("cache markers", () => {
  const short: CacheMarker = { ttl: null };
  const hour: CacheMarker = { ttl: "1h" };
  interface Marked {
    readonly name?: string;
    readonly text?: string;
    readonly tool_use_id?: string;
    readonly cache_control?: object;
  }
  /** What carries a marker, in the API's order. */
  const markers = (body: Readonly<Record<string, unknown>>) => {
    const {
      tools = [],
      system = [],
      messages,
    } = body as {
      tools?: Marked[];
      system?: Marked[];
      messages: { content: Marked[] }[];
    };
    return [...tools, ...system, ...messages.flatMap(({ content }) => content)]
      .filter(({ cache_control }) => cache_control !== undefined)
      .map(({ name, text, tool_use_id }) => name ?? text ?? tool_use_id);
  };

  it("up to four stay where they are", () => {
    const over = {
      tools: [tool("look", { cache: hour })],
      messages: [
        { role: "system" as const, content: [{ type: "text" as const, text: "be", cache: hour }] },
        user("a", short),
        user("b"),
        user("c", short),
      ],
    };
    const sent = send(over);
    expect(markers(sent.body)).toEqual(["look", "be", "a", "c"]);
    expect(sent.unsupported).toEqual([]);
  });

  it("beyond four keep the end of the fixed part and the last three turns, and say what is lost", () => {
    const over = {
      tools: [tool("look", { cache: short })],
      messages: [
        { role: "system" as const, content: [{ type: "text" as const, text: "be", cache: short }] },
        user("a", short),
        user("b", short),
        assistant({ type: "text", text: "c", cache: short }, call("t")),
        { ...result("t"), cache: short },
      ],
    };
    const sent = send(over);
    expect(markers(sent.body)).toEqual(["be", "b", "c", "t"]);
    expect(sent.lost).toEqual(["tools", "messages[1].content[0].cache"]);
  });

  it("beyond four in the messages alone keep the last four", () => {
    const messages = ["a", "b", "c", "d", "e"].map((text) => user(text, short));
    const sent = send({ messages });
    expect(markers(sent.body)).toEqual(["b", "c", "d", "e"]);
    expect(sent.lost).toEqual(["messages[0].content[0].cache"]);
  });

  it("of an hour after one of five minutes last five minutes, and say so", () => {
    const sent = send({ messages: [user("a", hour), user("b", short), user("c", hour)] });
    expect(sent.body.messages).toMatchObject([
      {
        content: [
          { cache_control: { type: "ephemeral", ttl: "1h" } },
          { cache_control: { type: "ephemeral" } },
          { cache_control: { type: "ephemeral", ttl: "5m" } },
        ],
      },
    ]);
    expect(sent.lost).toEqual(["messages[2].content[0].cache"]);
  });
});
