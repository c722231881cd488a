import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart, Message, ToolResultPart, UserPart } from "../../../../providers/dialects/conversation.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { decoded } from "./answers.ts";
import { encoded } from "./conversations.ts";
import { frameOf } from "./gemini-recordings.ts";

const image = { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } } as const;
const text = fc.oneof(fc.constant(""), fc.string()).map((words) => ({ type: "text", text: words }) as const);
const userPart: fc.Arbitrary<UserPart> = fc.oneof(text, fc.constant(image));
const resultPart: fc.Arbitrary<ToolResultPart> = userPart as fc.Arbitrary<ToolResultPart>;
const signature = fc.record({
  vendor: fc.constantFrom("google", "anthropic"),
  value: fc.constantFrom("c2ln", "bmF0dXJl"),
});

/** A turn of the model with some calls, and the results that answer them, in any order. */
const toolTurn = fc
  .record({
    words: fc.array(text, { maxLength: 2 }),
    thoughts: fc.array(fc.record({ text: fc.string() }), { maxLength: 1 }),
    calls: fc.uniqueArray(fc.nat({ max: 999_999 }), { minLength: 1, maxLength: 4 }),
    arguments: fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string(),
    ),
    signature: fc.option(signature, { nil: undefined }),
    content: fc.array(resultPart, { maxLength: 3 }),
    reversed: fc.boolean(),
  })
  .map(({ words, thoughts, calls, arguments: args, signature: signed, content, reversed }): Message[] => {
    const made = calls.map(
      (id): AssistantPart => ({
        type: "tool-call",
        id: `call_${id}`,
        name: `f${id % 7}`,
        arguments: args,
        ...(signed === undefined ? {} : { signature: signed as { vendor: "google" | "anthropic"; value: string } }),
      }),
    );
    const reasoning = thoughts.map((thought): AssistantPart => ({ type: "reasoning", ...thought }));
    const answered = reversed ? calls.toReversed() : calls;
    return [
      { role: "assistant", content: [...reasoning, ...words, ...made] },
      ...answered.map((id): Message => ({ role: "tool", toolCallId: `call_${id}`, content })),
    ];
  });

const plainTurn: fc.Arbitrary<Message[]> = fc.oneof(
  fc.array(userPart, { maxLength: 3 }).map((content): Message[] => [{ role: "user", content }]),
  fc.array(text, { maxLength: 3 }).map((content): Message[] => [{ role: "system", content }]),
  fc.array(text, { maxLength: 3 }).map((content): Message[] => [{ role: "assistant", content }]),
);

const messages = fc.array(fc.oneof(plainTurn, toolTurn), { maxLength: 8 }).map((turns) => turns.flat());
const model = fc.constantFrom("gemini-1.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview", "gemma-3-27b-it");

interface Content {
  readonly role: string;
  readonly parts: readonly {
    readonly text?: string;
    readonly thoughtSignature?: string;
    readonly functionCall?: { readonly id: string; readonly args: unknown };
    readonly functionResponse?: { readonly id: string; readonly name: string; readonly response: unknown };
  }[];
}

describe("any conversation", () => {
  it("keeps its calls and results, in order, with their names, in turns that the API takes", () => {
    fc.assert(
      fc.property(messages, model, (said, name) => {
        const { body, unsupported } = encoded({ messages: said }, name);
        const contents = body.contents as readonly Content[];
        expect(unsupported.every(({ member }) => member === "messages")).toBe(true);
        if (unsupported.length > 0) {
          expect(contents).toEqual([]);
          return;
        }
        expect(contents[0]?.role).toBe("user");
        expect(contents.every(({ role, parts }) => ["user", "model"].includes(role) && parts.length > 0)).toBe(true);
        const parts = contents.flatMap((content) => content.parts);
        expect(parts.filter((part) => part.text === "" && part.thoughtSignature === undefined)).toEqual([]);

        const calls = said
          .flatMap((message) => (message.role === "assistant" ? message.content : []))
          .filter((part) => part.type === "tool-call");
        expect(parts.flatMap(({ functionCall }) => functionCall?.id ?? [])).toEqual(calls.map(({ id }) => id));
        const results = said.filter((message) => message.role === "tool");
        expect(parts.flatMap(({ functionResponse }) => functionResponse?.id ?? [])).toEqual(
          results.map(({ toolCallId }) => toolCallId),
        );
        for (const { functionCall, functionResponse } of parts) {
          if (functionCall !== undefined) expect(functionCall.args).toBeTypeOf("object");
          if (functionResponse !== undefined) {
            expect(functionResponse.name).toBe(`f${Number(functionResponse.id.slice(5)) % 7}`);
            expect(functionResponse.response).toBeTypeOf("object");
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("has its results in the turn right after the calls, and nothing else there", () => {
    fc.assert(
      fc.property(messages, model, (said, name) => {
        const contents = encoded({ messages: said }, name).body.contents as readonly Content[];
        for (const [at, { parts }] of contents.entries()) {
          const called = parts.flatMap(({ functionCall }) => functionCall?.id ?? []);
          if (called.length === 0) continue;
          const next = contents[at + 1]?.parts ?? [];
          expect(next.every(({ functionResponse }) => functionResponse !== undefined)).toBe(true);
          expect(next.map(({ functionResponse }) => functionResponse?.id).toSorted()).toEqual(called.toSorted());
        }
      }),
      { numRuns: 500 },
    );
  });

  it("to Gemini 3 has a signature on the first call of every turn; no foreign one goes to any model", () => {
    fc.assert(
      fc.property(messages, model, (said, name) => {
        const contents = encoded({ messages: said }, name).body.contents as readonly Content[];
        for (const { parts } of contents) {
          const first = parts.find(({ functionCall }) => functionCall !== undefined);
          if (name.startsWith("gemini-3") && first !== undefined) expect(first.thoughtSignature).toBeDefined();
        }
        const foreign = said.some(
          (message) =>
            message.role === "assistant" &&
            message.content.some((part) => "signature" in part && part.signature?.vendor === "google"),
        );
        if (!foreign) expect(JSON.stringify(contents)).not.toMatch(/"thoughtSignature":"(c2ln|bmF0dXJl)"/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("any bytes from the provider", () => {
  const wild = fc.object({
    key: fc.constantFrom(
      "candidates",
      "content",
      "parts",
      "text",
      "functionCall",
      "name",
      "args",
      "partialArgs",
      "jsonPath",
      "willContinue",
      "inlineData",
      "mimeType",
      "data",
      "finishReason",
      "groundingMetadata",
      "groundingChunks",
      "groundingSupports",
      "segment",
      "usageMetadata",
      "promptTokenCount",
      "promptTokensDetails",
      "promptFeedback",
      "blockReason",
      "error",
      "details",
      "logprobsResult",
      "chosenCandidates",
      "index",
      "0",
    ),
    values: [
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom("STOP", "$.a[1]", "image/png"),
    ],
    maxDepth: 8,
    withNullPrototype: false,
  });
  const shaped = wild.map((part) => ({
    candidates: [{ content: { parts: [part, { functionCall: part }, { inlineData: part }] }, ...part }],
    usageMetadata: part,
  }));

  it("are read without throwing: whole, streamed, watched and as errors", () => {
    fc.assert(
      fc.property(fc.oneof(wild, shaped, fc.jsonValue()), fc.string(), (value, noise) => {
        gemini.decode(value);
        gemini.error(500, () => noise, value);
        const events = decoded([frameOf(value), { event: null, data: noise }]);
        expect(events.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(1);
        const watcher = gemini.watch();
        watcher.glance(frameOf(value));
        watcher.glance({ event: null, data: noise });
        expect(watcher.usage === null || watcher.usage.inputTokens >= 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
