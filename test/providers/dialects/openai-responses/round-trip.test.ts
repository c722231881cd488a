// What a model of any vendor says reaches a client of OpenAI responses, and comes back from it, without loss: properties over
// arbitrary answers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { openEnvelope, sealEnvelope } from "../../../../providers/dialects/openai-responses/envelope.ts";
import { openaiResponses, openaiResponsesServer } from "../../../../providers/dialects/openai-responses/index.ts";
import { completionOf, eventsOf } from "../../../support/neutral/answers.ts";
import { answerParts as anyAnswerParts, usage } from "../../../support/neutral/arbitrary-answers.ts";
import { collect } from "../openai-chat/collect.ts";
import { framesOf } from "../openai-chat/frames.ts";
import { disorder, eventsIn, lastResponse } from "./event-order.ts";
import { context, decodeAll, decoded } from "./neutral.ts";

const runs = { numRuns: 500 };
const free = { usd: null };

/** Pictures by URL become text: an item holds bytes alone. Ciphertexts of OpenAI's are told from envelopes by themselves. */
const answerParts = anyAnswerParts.map((parts) =>
  parts.filter((part) => part.type !== "output-image" || part.source.kind === "base64"),
);

function written(parts: readonly AssistantPart[]): unknown[] {
  const { output } = openaiResponsesServer.write(completionOf(parts), context, free);
  return JSON.parse(JSON.stringify(output)) as unknown[];
}

function streamed(parts: readonly AssistantPart[], cut: number): string {
  const encoder = openaiResponsesServer.stream(context);
  return encoder.push(eventsOf(parts, cut)) + encoder.end(null, free);
}

/** A client that sends the output back with its next question, as OpenAI's documentation shows. */
function echoed(output: readonly unknown[]): readonly AssistantPart[] {
  const input = [{ role: "user", content: "Hi" }, ...output, { role: "user", content: "And?" }];
  const conversation = openaiResponsesServer.read({ model: "m", input });
  if (!("messages" in conversation)) throw new Error(conversation.message);
  expect(conversation.foreign).toBeUndefined();
  const answer = conversation.messages[1];
  return answer?.role === "assistant" ? answer.content : [];
}

describe("an answer", () => {
  it("comes back from a client that sends its items back with every part in its place", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        expect(echoed(written(parts))).toEqual(parts);
      }),
      runs,
    );
  });

  it("comes back as whole when it was streamed in pieces", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, cut) => {
        const events = eventsIn(streamed(parts, cut));
        const items: unknown[] = [];
        for (const { type, output_index, item } of events) {
          if (type === "response.output_item.done") items[Number(output_index)] = item;
        }
        expect(echoed(items)).toEqual(parts);
      }),
      runs,
    );
  });

  it("is streamed in order, and ends as it would have been written", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, cut) => {
        const events = eventsIn(streamed(parts, cut));
        expect(disorder(events)).toEqual([]);
        expect(lastResponse(events).output).toEqual(written(parts));
      }),
      runs,
    );
  });

  it("is streamed the same however its events are grouped into pushes", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 6 }), (parts, size) => {
        const events = eventsOf(parts, 2);
        const together = openaiResponsesServer.stream(context);
        const apart = openaiResponsesServer.stream(context);
        let text = "";
        for (let at = 0; at < events.length; at += size) text += apart.push(events.slice(at, at + size));
        expect(text).toBe(together.push(events));
      }),
      runs,
    );
  });

  it("is read alike by Turnpike itself as another Turnpike's client, whole and streamed", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, cut) => {
        const body = openaiResponsesServer.write(completionOf(parts), context, free);
        expect(decoded(JSON.parse(JSON.stringify(body))).choices[0]?.content).toEqual(parts);
        const { choices, failure } = collect(decodeAll(framesOf(streamed(parts, cut))));
        expect(failure).toBeNull();
        expect(choices.get(0)?.parts ?? []).toEqual(parts);
      }),
      runs,
    );
  });

  it("loses proofs, but no words and no calls, with a client that keeps messages and calls only", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        const kept = written(parts).filter((item) => (item as { type: string }).type !== "reasoning");
        const bare = parts.flatMap((part): Partial<AssistantPart>[] => {
          if (part.type === "reasoning" || (part.type === "text" && part.text === "")) return [];
          if ("signature" in part) {
            const { signature, ...rest } = part;
            return [rest];
          }
          return [part];
        });
        expect(echoed(kept)).toEqual(bare);
      }),
      runs,
    );
  });
});

describe("an answer sent on to OpenAI by a passthrough", () => {
  it("holds no proof of another vendor, and all that OpenAI's own reasoning needs", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        const input = written(parts);
        const target = { providerId: "openai", model: "gpt-5", traits: {} };
        const { set } = openaiResponses().edits({ model: "m", input }, target);
        const sent = (set.input ?? input) as { type: string; encrypted_content?: string }[];
        const proofs = sent.flatMap(({ encrypted_content }) => encrypted_content ?? []);
        const own = parts.flatMap((part) =>
          part.type === "reasoning" && part.encrypted?.vendor === "openai" ? [part.encrypted.value] : [],
        );
        expect(proofs).toEqual(own);
        const rest = (items: readonly unknown[]) =>
          items.filter((item) => (item as { type: string }).type !== "reasoning");
        expect(rest(sent)).toEqual(rest(input));
      }),
      runs,
    );
  });
});

describe("parts that come by turns", () => {
  const signature = { vendor: "google", value: "c2ln" } as const;

  it("of several calls end up in their own items", () => {
    const encoder = openaiResponsesServer.stream(context);
    const text = encoder.push([
      { type: "tool-call", choice: 0, part: 0, id: "call_a", name: "a" },
      { type: "tool-call", choice: 0, part: 1, id: "call_b", name: "b" },
      { type: "tool-arguments", choice: 0, part: 1, delta: '{"b":' },
      { type: "tool-arguments", choice: 0, part: 0, delta: '{"a":1}' },
      { type: "tool-arguments", choice: 0, part: 1, delta: "2}" },
      { type: "finish", choice: 0, reason: "tool-calls", raw: null },
    ]);
    const events = eventsIn(text + encoder.end(null, free));
    expect(disorder(events)).toEqual([]);
    expect(events.at(-1)?.response).toMatchObject({
      output: [
        { call_id: "call_a", arguments: '{"a":1}' },
        { call_id: "call_b", arguments: '{"b":2}' },
      ],
    });
  });

  it("with a proof that comes late keep it", () => {
    const encoder = openaiResponsesServer.stream(context);
    const text = encoder.push([
      { type: "reasoning", choice: 0, part: 0, text: "Hm." },
      { type: "text", choice: 0, part: 1, text: "One" },
      { type: "tool-call", choice: 0, part: 2, id: "call_a", name: "a" },
      { type: "text", choice: 0, part: 3, text: "Two" },
      { type: "text-signature", choice: 0, part: 1, signature },
      { type: "reasoning-signature", choice: 0, part: 0, signature },
      { type: "reasoning-encrypted", choice: 0, part: 0, encrypted: signature },
      { type: "finish", choice: 0, reason: "tool-calls", raw: null },
    ]);
    const events = eventsIn(text + encoder.end(null, free));
    expect(disorder(events)).toEqual([]);
    expect(echoed(lastResponse(events).output)).toEqual([
      { type: "reasoning", text: "Hm.", signature, encrypted: signature },
      { type: "text", text: "One", signature },
      { type: "tool-call", id: "call_a", name: "a", arguments: "{}" },
      { type: "text", text: "Two" },
    ]);
  });

  it("of a text whose signature came before it are one part", () => {
    const encoder = openaiResponsesServer.stream(context);
    const text = encoder.push([
      { type: "text-signature", choice: 0, part: 0, signature },
      { type: "text", choice: 0, part: 0, text: "Hello" },
      { type: "finish", choice: 0, reason: "stop", raw: null },
    ]);
    const events = eventsIn(text + encoder.end(null, free));
    expect(echoed(lastResponse(events).output)).toEqual([{ type: "text", text: "Hello", signature }]);
  });
});

describe("citations", () => {
  const parts: AssistantPart[] = [
    { type: "text", text: "Rain in " },
    {
      type: "text",
      text: "Berlin.",
      citations: [
        { kind: "url", url: "https://a.example/", title: "A", startIndex: 8, endIndex: 14 },
        { kind: "file", fileId: "file-1", title: "b.pdf", startIndex: 15 },
      ],
    },
  ];

  it("keep their places in the whole answer, which each text counts from its own beginning", () => {
    const [message] = written(parts) as [{ content: { annotations: unknown[] }[] }];
    expect(message.content[1]?.annotations).toEqual([
      { type: "url_citation", url: "https://a.example/", title: "A", start_index: 0, end_index: 6 },
      { type: "file_citation", file_id: "file-1", filename: "b.pdf", index: 7 },
    ]);
    expect(echoed(written(parts))).toEqual(parts);
  });

  it("are streamed as they come, and come back", () => {
    const text = streamed(parts, 3);
    expect(disorder(eventsIn(text))).toEqual([]);
    expect(collect(decodeAll(framesOf(text))).choices.get(0)?.parts).toEqual(parts);
  });
});

describe("usage", () => {
  it("has the same totals after it was written as OpenAI's and read again", () => {
    fc.assert(
      fc.property(usage, (counters) => {
        const { inputAudioTokens, outputAudioTokens, acceptedPredictionTokens, rejectedPredictionTokens, ...rest } =
          counters;
        const known = { ...rest, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, ...rest };
        const body = openaiResponsesServer.write(completionOf([], { usage: known }), context, free);
        expect(openaiResponses().usage(JSON.parse(JSON.stringify(body)))).toEqual(known);
      }),
      runs,
    );
  });
});

describe("an envelope", () => {
  it("is opened as it was sealed, whatever it holds", () => {
    const signature = fc.record({
      vendor: fc.constantFrom("google" as const, "xai" as const),
      value: fc.string({ minLength: 1, unit: "binary" }),
    });
    const id = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(signature, id, (proof, call) => {
        const sealed = sealEnvelope({ of: "call", id: call, signature: proof });
        expect(sealed).toMatch(/^tp1\.[A-Za-z0-9_-]+$/);
        expect(openEnvelope(sealed)).toEqual({ of: "call", id: call, signature: proof });
      }),
      runs,
    );
  });

  it("proves nothing once a client has cut it, and is none where no Turnpike sealed it", () => {
    const sealed = sealEnvelope({ signature: { vendor: "google", value: "abc" } });
    expect(openEnvelope(sealed.slice(0, -5))).toEqual({});
    expect(openEnvelope("gAAAAABpiiq0ovDYUHe8")).toBeNull();
  });
});
