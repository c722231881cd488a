// Whatever a conversation holds, its request keeps the API's rules, loses nothing unsaid, and is the same every time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRequest } from "../../../../../providers/dialects/anthropic-messages/client/request.ts";
import type { Conversation, Message } from "../../../../../providers/dialects/conversation.ts";
import {
  models,
  soundMessages,
  traits,
  wildMessages,
  wishes,
} from "../../../../support/neutral/arbitrary-conversations.ts";
import { conversation, target } from "../../../../support/neutral/conversations.ts";
import { violations, type WireBlock, type WireRequest } from "../support/rules.ts";

const conversations = (messages: fc.Arbitrary<readonly Message[]>): fc.Arbitrary<Conversation> =>
  fc.tuple(messages, wishes).map(([given, over]) => conversation({ ...over, messages: given }));
const targets = fc.tuple(fc.constantFrom(...models), traits).map(([model, known]) => target(model, known));

const wire = (body: unknown) => JSON.parse(JSON.stringify(body)) as WireRequest;
const blocksOf = (request: WireRequest, type: string): readonly WireBlock[] =>
  request.messages.flatMap(({ content }) => content.filter((block) => block.type === type));

describe("a request", () => {
  it("keeps the API's rules, whatever the conversation", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const { body, unsupported } = encodeRequest(given, to);
        expect(violations(wire(body))).toEqual([]);
        if (wire(body).messages.length === 0) {
          expect(unsupported).toContainEqual(expect.objectContaining({ member: "messages", droppable: false }));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("keeps every call and result of a sound conversation, in order", () => {
    fc.assert(
      fc.property(conversations(soundMessages), targets, (given, to) => {
        const { body, unsupported } = encodeRequest(given, to);
        const request = wire(body);
        expect(violations(request)).toEqual([]);
        expect(unsupported.filter(({ droppable }) => !droppable)).toEqual([]);

        const calls = given.messages.flatMap((message) =>
          message.role === "assistant" ? message.content.filter((part) => part.type === "tool-call") : [],
        );
        expect(blocksOf(request, "tool_use").map(({ name }) => name)).toEqual(calls.map(({ name }) => name));
        const results = given.messages.filter(({ role }) => role === "tool");
        expect(blocksOf(request, "tool_result")).toHaveLength(results.length);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps all words of users and assistants in order", () => {
    fc.assert(
      fc.property(conversations(soundMessages), targets, (given, to) => {
        const said = given.messages.flatMap((message) =>
          message.role === "tool" ? [] : message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
        );
        const sent = blocksOf(wire(encodeRequest(given, to).body), "text").map(({ text }) => text);
        expect(sent).toEqual(said.filter((text) => text.trim() !== ""));
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same for the same conversation, and leaves the conversation as it was", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const before = structuredClone(given);
        const first = JSON.stringify(encodeRequest(given, to));
        expect(JSON.stringify(encodeRequest(given, to))).toBe(first);
        expect(given).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it("grows at its end when the conversation does, so that prompt caches keep hitting", () => {
    fc.assert(
      fc.property(soundMessages, targets, (messages, to) => {
        const request = (given: readonly Message[]) => wire(encodeRequest(conversation({ messages: given }), to).body);
        const longer = request([...messages, { role: "assistant", content: [{ type: "text", text: "so" }] }, userTurn]);
        const unmarked = (turns: WireRequest["messages"]) =>
          JSON.parse(JSON.stringify(turns, (key, value) => (key === "cache_control" ? undefined : value)));
        const shorter = request(messages).messages;
        expect(unmarked(longer.messages.slice(0, shorter.length))).toEqual(unmarked(shorter));
      }),
      { numRuns: 500 },
    );
  });
});

const userTurn: Message = { role: "user", content: [{ type: "text", text: "next" }] };
