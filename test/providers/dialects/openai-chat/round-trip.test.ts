// What a model says reaches a client of OpenAI chat, and comes back from it, without loss: properties over arbitrary answers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { openaiChat, openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";
import { completionOf, eventsOf } from "../../../support/neutral/answers.ts";
import { answerParts, usage } from "../../../support/neutral/arbitrary-answers.ts";
import { schemaErrors } from "../../../support/openai-schema.ts";
import { collect } from "./collect.ts";
import { chunksOf, decodeAll, framesOf } from "./frames.ts";

const context = { fallbackId: "f", nowS: 1, model: "m", includeUsage: true };
const runs = { numRuns: 400 };

/** A client that sends the whole message back, as the SDKs' users do. */
function echoed(message: unknown): readonly AssistantPart[] {
  const conversation = openaiChatServer.read({ model: "m", messages: [{ role: "user", content: "Hi" }, message] });
  if (!("messages" in conversation)) throw new Error(conversation.message);
  const answer = conversation.messages[1];
  if (answer?.role !== "assistant") throw new Error("the answer did not come back as one");
  return answer.content;
}

function written(parts: readonly AssistantPart[]): { readonly message: unknown } {
  const body = openaiChatServer.write(completionOf(parts), context, { usd: null });
  expect(schemaErrors("completion", body)).toEqual([]);
  const [choice] = body.choices as { message: unknown }[];
  return { message: JSON.parse(JSON.stringify(choice?.message)) };
}

/** A client that adds up deltas as OpenAI's and OpenRouter's documents say: text by text, calls by index, details listed. */
function accumulated(text: string): Record<string, unknown> {
  const message: Record<string, unknown> = { role: "assistant", content: "", refusal: null };
  const calls: Record<string, unknown>[] = [];
  for (const chunk of chunksOf(text)) {
    expect(schemaErrors("chunk", chunk)).toEqual([]);
    for (const choice of chunk.choices as { delta: Record<string, unknown> }[]) {
      const { delta } = choice;
      for (const name of ["content", "refusal", "reasoning_content"]) {
        if (typeof delta[name] === "string") message[name] = String(message[name] ?? "") + delta[name];
      }
      for (const name of ["reasoning_details", "images"]) {
        if (Array.isArray(delta[name])) message[name] = [...((message[name] as unknown[]) ?? []), ...delta[name]];
      }
      for (const call of (delta.tool_calls ?? []) as { index: number; function: { arguments: string } }[]) {
        const known = calls[call.index];
        if (known === undefined) calls[call.index] = structuredClone(call) as unknown as Record<string, unknown>;
        else (known.function as { arguments: string }).arguments += call.function.arguments;
      }
    }
  }
  if (calls.length > 0) message.tool_calls = calls;
  return message;
}

describe("an answer", () => {
  it("comes back from a client that echoes its message with every part in its place", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        expect(echoed(written(parts).message)).toEqual(parts);
      }),
      runs,
    );
  });

  it("comes back as whole when it was streamed in pieces", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, cut) => {
        const encoder = openaiChatServer.stream(context);
        const text = encoder.push(eventsOf(parts, cut)) + encoder.end(null, { usd: null });
        expect(echoed(accumulated(text))).toEqual(parts);
      }),
      runs,
    );
  });

  it("is read alike by Turnpike itself as another Turnpike's client", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        const body = openaiChatServer.write(completionOf(parts), context, { usd: null });
        const completion = openaiChat().decode(JSON.parse(JSON.stringify(body)));
        if ("kind" in completion) throw new Error(completion.message);
        expect(completion.choices[0]?.content).toEqual(parts);
      }),
      runs,
    );
  });

  it("is streamed the same however its events are grouped into pushes", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 6 }), (parts, size) => {
        const events = eventsOf(parts, 2);
        const together = openaiChatServer.stream(context);
        const apart = openaiChatServer.stream(context);
        let text = "";
        for (let at = 0; at < events.length; at += size) text += apart.push(events.slice(at, at + size));
        expect(text).toBe(together.push(events));
      }),
      runs,
    );
  });

  it("goes through a stream of text, reasoning and calls in its usual order without a change", () => {
    const parts: AssistantPart[] = [
      { type: "reasoning", text: "Think.", signature: { vendor: "anthropic", value: "c2ln" } },
      { type: "text", text: "Hello" },
      { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}' },
    ];
    const encoder = openaiChatServer.stream(context);
    const text = encoder.push(eventsOf(parts, 3)) + encoder.end(null, { usd: null });
    expect(collect(decodeAll(framesOf(text))).choices.get(0)?.parts).toEqual(parts);
  });

  it("needs no note of its order when that is the usual one", () => {
    const { message } = written([
      { type: "text", text: "Hello" },
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
    ]);
    expect(message).not.toHaveProperty("reasoning_details");
  });
});

describe("a client that changes an answer before it sends it back", () => {
  const signature = { vendor: "anthropic", value: "c2ln" } as const;
  const parts: AssistantPart[] = [
    { type: "reasoning", text: "First.", signature },
    { type: "text", text: "One" },
    { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
    { type: "reasoning", text: "Second.", signature },
    { type: "text", text: "Two" },
  ];

  it("gets its reasoning and its own words kept when the text is another", () => {
    const message = { ...(written(parts).message as object), content: "Changed" };
    expect(echoed(message)).toEqual([
      { type: "reasoning", text: "First.", signature },
      { type: "text", text: "Changed" },
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
      { type: "reasoning", text: "Second.", signature },
    ]);
  });

  it("loses the reasoning's proof, but nothing else, when it keeps plain text only", () => {
    const { reasoning_details, ...message } = written(parts).message as Record<string, unknown>;
    expect(echoed(message)).toEqual([
      { type: "reasoning", text: "First.Second." },
      { type: "text", text: "OneTwo" },
      { type: "tool-call", id: "call_1", name: "look", arguments: "{}" },
    ]);
  });
});

describe("usage", () => {
  it("is the same counters after it was written as OpenAI's totals and read again", () => {
    fc.assert(
      fc.property(usage, (counters) => {
        const body = openaiChatServer.write({ ...completionOf([]), usage: counters }, context, { usd: null });
        expect(schemaErrors("completion", body)).toEqual([]);
        expect(openaiChat().usage(JSON.parse(JSON.stringify(body)))).toEqual(counters);
      }),
      runs,
    );
  });
});
