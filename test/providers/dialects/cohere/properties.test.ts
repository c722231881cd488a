// Whatever a conversation holds, its request to Cohere loses nothing unsaid, and is the same every time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohereChat } from "../../../../providers/dialects/cohere/index.ts";
import type { Conversation, Message } from "../../../../providers/dialects/conversation.ts";
import { soundMessages, wildMessages, wishes } from "../../../support/neutral/arbitrary-conversations.ts";
import { conversation, target } from "../../../support/neutral/conversations.ts";

interface Request {
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | readonly { readonly type: string; readonly text?: string }[];
    readonly tool_plan?: string;
    readonly tool_calls?: readonly {
      readonly id: string;
      readonly function: { readonly name: string; readonly arguments: string };
    }[];
    readonly tool_call_id?: string;
  }[];
  readonly [member: string]: unknown;
}

describe("a request", () => {
  const targets = fc.constantFrom("command-a-03-2025", "command-a-reasoning-08-2025").map((model) => target(model));
  const conversations = (messages: fc.Arbitrary<readonly Message[]>) =>
    fc.tuple(messages, wishes).map(([given, over]) => conversation({ ...over, messages: given }));
  const wire = (given: Conversation, to: ReturnType<typeof target>) =>
    JSON.parse(JSON.stringify(cohereChat.encode(given, to).body)) as Request;

  it("answers each call once, with arguments that are objects, whatever the conversation", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const { messages } = wire(given, to);
        const calls = messages.flatMap(({ tool_calls }) => tool_calls ?? []);
        const answered = messages.flatMap(({ tool_call_id }) => tool_call_id ?? []);
        expect(answered.toSorted()).toEqual(calls.map(({ id }) => id).toSorted());
        expect(new Set(answered).size).toBe(answered.length);
        for (const one of calls) expect(typeof JSON.parse(one.function.arguments)).toBe("object");
        for (const { role, content, tool_calls } of messages) {
          expect(["system", "user", "assistant", "tool"]).toContain(role);
          if (role === "assistant") expect(content === undefined).toBe(tool_calls !== undefined);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps every call, result and word of a sound conversation, in order", () => {
    fc.assert(
      fc.property(conversations(soundMessages), targets, (given, to) => {
        const { unsupported } = cohereChat.encode(given, to);
        expect(unsupported.filter(({ droppable }) => !droppable)).toEqual([]);
        const { messages } = wire(given, to);
        const names = given.messages.flatMap((message) =>
          message.role === "assistant"
            ? message.content.flatMap((part) => (part.type === "tool-call" ? part.name : []))
            : [],
        );
        expect(messages.flatMap(({ tool_calls }) => tool_calls?.map((one) => one.function.name) ?? [])).toEqual(names);
        expect(messages.filter(({ role }) => role === "tool")).toHaveLength(
          given.messages.filter(({ role }) => role === "tool").length,
        );
        const sent = JSON.stringify(messages);
        for (const message of given.messages) {
          for (const part of message.role === "tool" ? [] : message.content) {
            if (part.type === "text" && part.text.trim() !== "") {
              expect(sent).toContain(JSON.stringify(part.text).slice(1, -1));
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same for the same conversation, and leaves the conversation as it was", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const before = structuredClone(given);
        const first = JSON.stringify(cohereChat.encode(given, to));
        expect(JSON.stringify(cohereChat.encode(given, to))).toBe(first);
        expect(given).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});
