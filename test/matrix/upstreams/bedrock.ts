// Bedrock's Converse API as a scripted Claude writes it (Amazon Bedrock API Reference, "Converse", "ConverseStream").
import { event } from "../../providers/dialects/bedrock-converse/support/messages.ts";
import type { Json, JsonObject } from "../../support/recordings.ts";
import { halves, object, objects, type Said, type Turn, textsOf, userTurns, type Wire } from "./said.ts";

export const bedrockWire: Wire = {
  dialect: "bedrock-converse",
  model: "amazon-bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  streamType: "application/vnd.amazon.eventstream",
  signature: "EpUJCkgIDBABGAIqQO8yqu3hAS47hyuJXjCieM6E",
  lacks: { reasoningTokens: true },
  form: ({ path }) => (path.endsWith("/converse") ? "whole" : path.endsWith("/converse-stream") ? "stream" : null),
  whole: (said) => ({
    output: { message: { role: "assistant", content: blocks(said) } },
    stopReason: stopReason(said),
    usage: usage(said),
    metrics: { latencyMs: 1 },
  }),
  stream: (said) =>
    Buffer.concat([
      event("messageStart", { role: "assistant" }),
      ...blocks(said).flatMap((block, contentBlockIndex) => [
        ...opening(block).map((start) => event("contentBlockStart", { start, contentBlockIndex })),
        ...deltas(block).map((delta) => event("contentBlockDelta", { delta, contentBlockIndex })),
        event("contentBlockStop", { contentBlockIndex }),
      ]),
      event("messageStop", { stopReason: stopReason(said) }),
      event("metadata", { usage: usage(said), metrics: { latencyMs: 1 } }),
    ]),
  asked: (body) => {
    const names = new Map<Json, Json>();
    return {
      system: textsOf(body.system),
      maxTokens: object(body.inferenceConfig).maxTokens ?? null,
      reasons: object(body.additionalModelRequestFields).thinking !== undefined,
      tools: objects(object(body.toolConfig).tools).map(({ toolSpec }) => {
        const { name = null, description = null, inputSchema } = object(toolSpec);
        return { name, description, parameters: object(object(inputSchema).json) };
      }),
      turns: objects(body.messages).flatMap((message) => turnsOf(message, names)),
    };
  },
};

function blocks({ reasoning, text, calls }: Said): readonly JsonObject[] {
  return [
    ...(reasoning === null
      ? []
      : [{ reasoningContent: { reasoningText: { text: reasoning.text, signature: reasoning.signature } } }]),
    ...(text === "" ? [] : [{ text }]),
    ...calls.map(({ id, name, arguments: input }) => ({ toolUse: { toolUseId: id, name, input } })),
  ];
}

/** Only calls are opened. */
function opening({ toolUse }: JsonObject): readonly JsonObject[] {
  const { toolUseId = null, name = null } = object(toolUse);
  return toolUse === undefined ? [] : [{ toolUse: { toolUseId, name } }];
}

function deltas({ reasoningContent, text, toolUse }: JsonObject): readonly JsonObject[] {
  if (reasoningContent !== undefined) {
    const shown = object(object(reasoningContent).reasoningText);
    return [
      ...halves(String(shown.text)).map((piece) => ({ reasoningContent: { text: piece } })),
      { reasoningContent: { signature: String(shown.signature) } },
    ];
  }
  if (toolUse === undefined) return halves(String(text)).map((piece) => ({ text: piece }));
  return halves(JSON.stringify(object(toolUse).input)).map((input) => ({ toolUse: { input } }));
}

function stopReason({ calls }: Said): string {
  return calls.length > 0 ? "tool_use" : "end_turn";
}

function usage({ usage: { input, cached, output, reasoning } }: Said): JsonObject {
  return {
    inputTokens: input,
    outputTokens: output + reasoning,
    totalTokens: input + cached + output + reasoning,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: 0,
  };
}

/** What a user says after results stands in the message with them. */
function turnsOf({ role, content }: JsonObject, names: Map<Json, Json>): readonly Turn[] {
  const all = objects(content);
  const of = (member: string) => all.flatMap((block) => (block[member] === undefined ? [] : [object(block[member])]));
  if (role === "assistant") {
    const shown = of("reasoningContent").map(({ reasoningText }) => object(reasoningText));
    const calls = of("toolUse");
    for (const { toolUseId = null, name = null } of calls) names.set(toolUseId, name);
    return [
      {
        by: "model",
        reasoning: textsOf(shown),
        signature: shown.map(({ signature }) => signature ?? "").join(""),
        text: textsOf(content),
        calls: calls.map(({ name = null, input = null }) => ({ name, arguments: input })),
      },
    ];
  }
  const results = of("toolResult").map(({ toolUseId = null, content: told }) => ({
    of: names.get(toolUseId) ?? null,
    text: textsOf(told),
  }));
  const images = of("image").map(({ format, source }) => `image/${format};${object(source).bytes}`);
  return userTurns(results, textsOf(content), images);
}
