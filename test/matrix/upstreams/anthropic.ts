// Anthropic's Messages API as a scripted model writes it (docs "Messages", "Streaming messages", "Extended thinking").
import type { Json, JsonObject } from "../../support/recordings.ts";
import { halves, object, objects, type Said, type Turn, textsOf, typed, userTurns, type Wire } from "./said.ts";

export const anthropicWire: Wire = {
  dialect: "anthropic-messages",
  model: "anthropic/claude-sonnet-4-5",
  streamType: "text/event-stream",
  form: ({ path, body }) =>
    path.split("?")[0] !== "/v1/messages" ? null : JSON.parse(body).stream === true ? "stream" : "whole",
  whole: (said) => ({
    ...envelope,
    content: blocks(said),
    stop_reason: stopReason(said),
    usage: { ...inputUsage(said), output_tokens: said.usage.output + said.usage.reasoning },
  }),
  stream: (said) =>
    [
      typed({
        type: "message_start",
        message: { ...envelope, content: [], stop_reason: null, usage: { ...inputUsage(said), output_tokens: 1 } },
      }),
      ...blocks(said).flatMap((block, index) => [
        typed({ type: "content_block_start", index, content_block: opening(block) }),
        ...deltas(block).map((delta) => typed({ type: "content_block_delta", index, delta })),
        typed({ type: "content_block_stop", index }),
      ]),
      typed({
        type: "message_delta",
        delta: { stop_reason: stopReason(said), stop_sequence: null },
        usage: { output_tokens: said.usage.output + said.usage.reasoning },
      }),
      typed({ type: "message_stop" }),
    ].join(""),
  signature: "EpUJCkgIDBABGAIqQO8yqu3hAS47hyuJXjCieM6E",
  lacks: { reasoningTokens: true },
  asked: (body) => {
    const names = new Map<Json, Json>();
    return {
      system: textsOf(body.system),
      maxTokens: body.max_tokens ?? null,
      reasons: object(body.thinking).type === "enabled",
      tools: objects(body.tools).map((tool) => ({
        name: tool.name ?? null,
        description: tool.description ?? null,
        parameters: object(tool.input_schema),
      })),
      turns: objects(body.messages).flatMap((message) => turnsOf(message, names)),
    };
  },
};

const envelope = {
  id: "msg_scripted",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  stop_sequence: null,
};

function blocks({ reasoning, text, calls }: Said): readonly JsonObject[] {
  return [
    ...(reasoning === null ? [] : [{ type: "thinking", thinking: reasoning.text, signature: reasoning.signature }]),
    ...(text === "" ? [] : [{ type: "text", text }]),
    ...calls.map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
  ];
}

function opening(block: JsonObject): JsonObject {
  switch (block.type) {
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "text":
      return { type: "text", text: "" };
    default:
      return { ...block, input: {} };
  }
}

function deltas(block: JsonObject): readonly JsonObject[] {
  switch (block.type) {
    case "thinking":
      return [
        ...halves(String(block.thinking)).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: String(block.signature) },
      ];
    case "text":
      return halves(String(block.text)).map((text) => ({ type: "text_delta", text }));
    default:
      return halves(JSON.stringify(object(block.input))).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      }));
  }
}

function stopReason({ calls }: Said): string {
  return calls.length > 0 ? "tool_use" : "end_turn";
}

function inputUsage({ usage }: Said): JsonObject {
  return { input_tokens: usage.input, cache_read_input_tokens: usage.cached, cache_creation_input_tokens: 0 };
}

/** What a user says after results stands in the message with them. */
function turnsOf({ role, content }: JsonObject, names: Map<Json, Json>): readonly Turn[] {
  const all = objects(content);
  const of = (type: string) => all.filter((block) => block.type === type);
  if (role === "assistant") {
    const [thinking] = of("thinking");
    for (const { id, name } of of("tool_use")) names.set(id ?? null, name ?? null);
    return [
      {
        by: "model",
        reasoning: String(thinking?.thinking ?? ""),
        signature: String(thinking?.signature ?? ""),
        text: textsOf(content, "text"),
        calls: of("tool_use").map(({ name, input }) => ({ name: name ?? null, arguments: input ?? null })),
      },
    ];
  }
  const results = of("tool_result").map((block) => ({
    of: names.get(block.tool_use_id ?? null) ?? null,
    text: textsOf(block.content),
  }));
  const images = of("image").map(({ source }) => `${object(source).media_type};${object(source).data}`);
  return userTurns(results, textsOf(content, "text"), images);
}
