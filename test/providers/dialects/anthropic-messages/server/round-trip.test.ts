// What Turnpike writes into an answer comes back from a client that echoes it, whichever vendor it belongs to.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anthropicMessages,
  anthropicMessagesServer,
} from "../../../../../providers/dialects/anthropic-messages/index.ts";
import { imageText } from "../../../../../providers/dialects/anthropic-messages/server/blocks.ts";
import type { CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart, Citation } from "../../../../../providers/dialects/conversation.ts";
import { completionOf, eventsOf, eventsOfParts, finishEvent, start } from "../../../../support/neutral/answers.ts";
import { answerParts as anyParts, usage } from "../../../../support/neutral/arbitrary-answers.ts";
import { contentOf, echoed } from "./answers.ts";
import { checkOrder } from "./order.ts";
import { context, streamOf } from "./writing.ts";

const runs = { numRuns: 500 };

const citation: fc.Arbitrary<Citation> = fc.record(
  {
    kind: fc.constant("url" as const),
    url: fc.webUrl(),
    title: fc.string({ minLength: 1 }),
    quote: fc.string({ minLength: 1 }),
  },
  { requiredKeys: ["kind", "url"] },
);
const cited = fc.record({
  type: fc.constant("text" as const),
  text: fc.string({ minLength: 1, maxLength: 8 }),
  citations: fc.array(citation, { minLength: 1, maxLength: 2 }),
});

/**
 * Answers, each tool call with an id of its own. Arguments are JSON objects or no objects at all: an object that breaks off
 * can't be told from one that will go on.
 */
const answerParts: fc.Arbitrary<readonly AssistantPart[]> = fc
  .tuple(anyParts, fc.array(cited, { maxLength: 2 }))
  .map(([parts, more]): readonly AssistantPart[] => [...parts, ...more])
  .map((parts) =>
    parts.map((part) =>
      part.type === "tool-call" && part.arguments.startsWith("{") && !isObject(part.arguments)
        ? { ...part, arguments: part.arguments.slice(1) }
        : part,
    ),
  );

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Refusals and pictures have no block: they come back as text. Arguments come back as the same JSON, written shortest. */
function asTold(part: AssistantPart): AssistantPart {
  switch (part.type) {
    case "refusal":
      return { type: "text", text: part.text };
    case "output-image":
      return { type: "text", text: imageText(part.source) };
    case "tool-call":
      return isObject(part.arguments) ? { ...part, arguments: JSON.stringify(JSON.parse(part.arguments)) } : part;
    default:
      return part;
  }
}

function written(parts: readonly AssistantPart[]): readonly unknown[] {
  const message = anthropicMessagesServer.write(completionOf(parts), context, { usd: null });
  return JSON.parse(JSON.stringify(message.content)) as readonly unknown[];
}

describe("an answer", () => {
  it("comes back from a client that echoes its blocks with every part and every proof in its place", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        expect(echoed(written(parts))).toEqual(parts.map(asTold));
      }),
      runs,
    );
  });

  it("is streamed in the order that the API promises, as the blocks that it has when it is whole", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, size) => {
        expect(contentOf(streamOf([eventsOf(parts, size)]))).toEqual(written(parts));
      }),
      runs,
    );
  });

  it("is streamed the same however its events are grouped into pushes", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 6 }), (parts, size) => {
        const events = eventsOf(parts, 2);
        const groups: CompletionEvent[][] = [];
        for (let at = 0; at < events.length; at += size) groups.push(events.slice(at, at + size));
        expect(streamOf(groups)).toBe(streamOf([events]));
      }),
      runs,
    );
  });

  it("comes back whole when the pieces of its calls come mixed", () => {
    const calls = answerParts.map((parts) => parts.filter(({ type }) => type === "tool-call"));
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat()), (parts, choices) => {
        const events = mixed(eventsOfParts(parts, 2), choices);
        const stream = streamOf([[start, ...events, finishEvent(parts)]]);
        expect(echoed(contentOf(stream))).toEqual(parts.map(asTold));
      }),
      runs,
    );
  });

  it("loses no word and no call, and keeps the order of events, however its parts are mixed", () => {
    fc.assert(
      fc.property(answerParts, fc.infiniteStream(fc.nat()), (parts, choices) => {
        const events = mixed(eventsOfParts(parts, 1), choices);
        const read = echoed(contentOf(streamOf([[start, ...events, finishEvent(parts)]])));
        const letters = (all: readonly AssistantPart[], type: "text" | "reasoning") =>
          all.flatMap((part) => (part.type === type ? [...part.text] : [])).sort();
        const told = parts.map(asTold);
        expect(letters(read, "text")).toEqual(letters(told, "text"));
        expect(letters(read, "reasoning")).toEqual(letters(told, "reasoning"));
        const calls = (all: readonly AssistantPart[]) => all.filter(({ type }) => type === "tool-call");
        expect(new Set(calls(read))).toEqual(new Set(calls(told)));
      }),
      runs,
    );
  });

  it("gets its proofs back on their parts when they come after everything else", () => {
    const plain = answerParts.map((parts) =>
      parts.filter((part) => (part.type === "text" || part.type === "reasoning" ? part.text !== "" : true)),
    );
    fc.assert(
      fc.property(plain, (parts) => {
        const events = eventsOfParts(parts, 3).flat();
        const isProof = ({ type }: CompletionEvent) => /signature|encrypted/.test(type);
        const late = [...events.filter((event) => !isProof(event)), ...events.filter(isProof)];
        const stream = streamOf([[start, ...late, finishEvent(parts)]]);
        expect(echoed(contentOf(stream))).toEqual(parts.map(asTold));
      }),
      runs,
    );
  });
});

/** The events of all parts, each part's own in their order. The first of each part comes after the first of the one before. */
function mixed(byPart: readonly (readonly CompletionEvent[])[], choices: Iterator<number>): CompletionEvent[] {
  const rest = byPart.map((events) => [...events]).filter((events) => events.length > 0);
  const out: CompletionEvent[] = [];
  let begun = 0;
  for (;;) {
    const open = rest.slice(0, begun + 1).filter((events) => events.length > 0);
    const from = open[(choices.next().value as number) % Math.max(1, open.length)];
    const event = from?.shift();
    if (event === undefined) return out;
    begun = Math.max(begun, rest.indexOf(from ?? []) + 1);
    out.push(event);
  }
}

describe("proofs of other vendors", () => {
  const google = { vendor: "google", value: "Cq8B+/=" } as const;

  it("stand in notes that say whose they are", () => {
    expect(
      written([
        { type: "reasoning", text: "Hm.", signature: google },
        { type: "reasoning", text: "No word." },
        { type: "reasoning", text: "", encrypted: { vendor: "openai", value: "gAAA" } },
        { type: "text", text: "Hello", signature: google },
        { type: "text", text: "", signature: google },
        { type: "tool-call", id: "call_1", name: "look", arguments: "{}", signature: google },
      ]),
    ).toEqual([
      { type: "thinking", thinking: "Hm.", signature: "tp1.signature~google~Cq8B+/=" },
      { type: "thinking", thinking: "No word.", signature: "tp1" },
      { type: "redacted_thinking", data: "tp1.encrypted~openai~gAAA" },
      { type: "text", text: "Hello", citations: null },
      { type: "redacted_thinking", data: "tp1.text~0.signature~google~Cq8B+/=" },
      { type: "redacted_thinking", data: "tp1.empty-text.signature~google~Cq8B+/=" },
      { type: "redacted_thinking", data: "tp1.call~call_1.signature~google~Cq8B+/=" },
      { type: "tool_use", id: "call_1", name: "look", input: {} },
    ]);
  });

  it("are Anthropic's own where they stand alone", () => {
    expect(
      echoed([
        { type: "thinking", thinking: "Hm.", signature: "EooC" },
        { type: "redacted_thinking", data: "EmwK" },
        { type: "text", text: "Hello" },
      ]),
    ).toEqual([
      { type: "reasoning", text: "Hm.", signature: { vendor: "anthropic", value: "EooC" } },
      { type: "reasoning", text: "", encrypted: { vendor: "anthropic", value: "EmwK" } },
      { type: "text", text: "Hello" },
    ]);
  });

  it("are given to nobody when a client took their parts away, or shortened them", () => {
    const call = { type: "tool_use", id: "call_2", name: "look", input: {} };
    expect(
      echoed([
        { type: "redacted_thinking", data: "tp1.call~call_1.signature~google~Cq8B" },
        call,
        { type: "redacted_thinking", data: "tp1.text~0.signature~google~Cq8B" },
        { type: "redacted_thinking", data: "tp1.text~7.signature~google~Cq8B" },
        { type: "thinking", thinking: "Hm.", signature: "tp1.signa" },
        { type: "thinking", thinking: "Hm.", signature: "tp1.signature~google~!====" },
      ]),
    ).toEqual([
      { type: "tool-call", id: "call_2", name: "look", arguments: "{}" },
      { type: "reasoning", text: "Hm." },
      { type: "reasoning", text: "Hm." },
    ]);
  });
});

describe("usage", () => {
  it("is the same counters after it was written in a message, and at the end of a stream", () => {
    fc.assert(
      fc.property(usage, (counters) => {
        // Sound and predictions are OpenAI's; here they are among the rest.
        const { inputAudioTokens = 0, outputAudioTokens = 0, ...rest } = counters;
        const { acceptedPredictionTokens, rejectedPredictionTokens, ...known } = rest;
        const expected = {
          ...known,
          inputTokens: known.inputTokens + inputAudioTokens,
          outputTokens: known.outputTokens + outputAudioTokens,
        };
        const body = anthropicMessagesServer.write({ ...completionOf([]), usage: counters }, context, { usd: null });
        expect(anthropicMessages.usage(JSON.parse(JSON.stringify(body)))).toEqual(expected);
        const delta = checkOrder(streamOf([[start]], counters)).find(({ type }) => type === "message_delta");
        expect(anthropicMessages.usage({ usage: delta?.usage })).toEqual(expected);
      }),
      runs,
    );
  });
});
