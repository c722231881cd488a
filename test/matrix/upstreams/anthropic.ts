// Anthropic's Messages API as a scripted model writes it (docs "Messages", "Streaming messages", "Extended thinking").
import type { JsonObject } from "../../support/recordings.ts";
import { halves, object, objects, type Said, typed, type Wire } from "./said.ts";

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
  results: (body) =>
    objects(body.messages)
      .flatMap(({ content }) => objects(content))
      .filter(({ type }) => type === "tool_result")
      .map(({ content }) =>
        typeof content === "string"
          ? content
          : objects(content)
              .map(({ text }) => text)
              .join(""),
      ),
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
