// Reasoning that a client asks not to be shown: left out of answers that are translated, and asked of servers that can.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../providers/dialects/anthropic-messages/index.ts";
import { cohereChat } from "../../../../providers/dialects/cohere/index.ts";
import type { AnswerContext, ClientDialect, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { compatibleChat, openaiChat, openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";
import { groq } from "../../../../providers/groq.ts";
import { openrouter } from "../../../../providers/openrouter.ts";
import { TranslatedStreamReader } from "../../../../src/gateway/read-translated-stream.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";

const asking = (request: object): AnswerContext => ({
  fallbackId: "id",
  nowS: 1,
  model: "m",
  includeUsage: true,
  request: { ...request },
});
const hiding = [
  { reasoning: { exclude: true } },
  { include_reasoning: false },
  { reasoning: { effort: "high", exclude: true } },
];

/** Recorded answers that reason, unsigned and signed. */
const answers: readonly (readonly [string, ClientDialect, Recording])[] = [
  ...recordings("cohere", { dialect: "cohere", failed: false }).map((one) => [one.name, cohereChat, one] as const),
  ...recordings("anthropic", { dialect: "anthropic-messages", failed: false }).map(
    (one) => [one.name, anthropicMessages, one] as const,
  ),
].filter(([, from, { response, stream }]) => {
  if (stream) return /"thinking_delta"|"thinking":"[^"]+"/.test(response);
  const answer = from.decode(JSON.parse(response));
  return (
    "choices" in answer &&
    answer.choices.some(({ content }) => content.some((part) => part.type === "reasoning" && part.text !== ""))
  );
});

interface Message {
  readonly content?: string | null;
  readonly reasoning_content?: string;
  readonly reasoning_details?: readonly { readonly text?: string; readonly signature?: string }[];
}

/** What the client reads: the words of the answer, those of its reasoning, the proofs, and the usage. */
function told(from: ClientDialect, { response, stream }: Recording, request: object) {
  if (!stream) {
    const completion = from.decode(JSON.parse(response));
    if (!("choices" in completion)) throw new Error(completion.message);
    const written = openaiChatServer.write(completion, asking(request), { usd: null });
    return read(
      (written.choices as { message: Message }[]).map(({ message }) => message),
      written.usage,
    );
  }
  const reader = new TranslatedStreamReader({ from, to: openaiChatServer, context: asking(request), oneCall: false });
  const steps = [reader.push(new TextEncoder().encode(response)), reader.end()];
  const text = steps.flatMap(({ out }) => out).join("") + reader.tail(reader.usage, null);
  const chunks = text
    .split("\n\n")
    .flatMap((frame) => (frame.startsWith("data: {") ? [JSON.parse(frame.slice(6))] : []));
  const usage = chunks.flatMap((chunk) => chunk.usage ?? []).at(-1);
  return read(
    chunks.flatMap(({ choices }) => choices.map(({ delta }: { delta: Message }) => delta)),
    usage,
  );
}

function read(messages: readonly Message[], usage: unknown) {
  const details = messages.flatMap(({ reasoning_details }) => reasoning_details ?? []);
  return {
    text: messages.map(({ content }) => content ?? "").join(""),
    reasoning: messages.map(({ reasoning_content }) => reasoning_content ?? "").join(""),
    details: details.map(({ text }) => text ?? "").join(""),
    proofs: details.flatMap(({ signature }) => signature ?? []),
    usage,
  };
}

describe("a translated answer", () => {
  it.each(answers)(
    "hides its reasoning, and nothing else, from a client that asks for it: %s",
    (_name, from, recording) => {
      const shown = told(from, recording, {});
      expect(shown.reasoning).not.toBe("");
      for (const request of hiding) {
        expect(told(from, recording, request)).toEqual({ ...shown, reasoning: "", details: "" });
      }
      expect(told(from, recording, { reasoning: { exclude: false }, include_reasoning: false })).toEqual(shown);
    },
  );

  it("is looked at in streams and wholes of both kinds", () => {
    const kinds = new Set(answers.map(([, { id }, { stream }]) => `${id} ${stream ? "streamed" : "whole"}`));
    expect(kinds.size).toBe(4);
  });

  it("keeps a stream alive while its reasoning is not shown", () => {
    const encoder = openaiChatServer.stream(asking(hiding[0] ?? {}));
    expect(encoder.push([{ type: "reasoning", choice: 0, part: 0, text: "Hm" }])).toBe(openaiChatServer.keepAlive);
    expect(encoder.push([{ type: "text", choice: 0, part: 1, text: "Hi" }])).toContain('"content":"Hi"');
  });
});

describe("a body that is passed on", () => {
  const edits = (dialect: ClientDialect, body: object, traits: ModelTraits = {}) =>
    dialect.edits({ model: "m", messages: [], ...body }, { providerId: "p", model: "m", traits });
  const dialectOf = ({ dialect }: { readonly dialect: ClientDialect | null }): ClientDialect => {
    if (dialect === null) throw new Error("it has chat");
    return dialect;
  };

  it("keeps the wish where the server understands it", () => {
    expect(edits(dialectOf(openrouter), hiding[0] ?? {})).toEqual({ set: { model: "m" }, remove: [] });
  });

  it("says it in the server's own word", () => {
    for (const body of hiding) {
      expect(edits(dialectOf(groq), body).set).toMatchObject({ include_reasoning: false });
      expect(edits(dialectOf(groq), body)).not.toHaveProperty("unsupported");
    }
  });

  it("needs no word before a server that never shows reasoning, or a model that has none", () => {
    for (const body of hiding) {
      expect(edits(openaiChat(), body)).not.toHaveProperty("unsupported");
      expect(edits(compatibleChat(), body, { reasoning: false })).not.toHaveProperty("unsupported");
    }
    const off = { reasoning: { effort: "none", exclude: true } };
    expect(edits(compatibleChat(), off)).not.toHaveProperty("unsupported");
  });

  it("is refused elsewhere, by the client's own name for it, and may be dropped", () => {
    expect(edits(compatibleChat(), { reasoning: { exclude: true } }).unsupported).toEqual([
      { member: "reasoning.exclude", droppable: true, reason: expect.any(String) },
    ]);
    expect(edits(compatibleChat(), { include_reasoning: false }).unsupported).toMatchObject([
      { member: "include_reasoning" },
    ]);
  });
});
