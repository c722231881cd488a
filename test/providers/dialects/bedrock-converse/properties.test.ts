// Whatever a conversation holds, its request keeps the Converse API's rules, loses nothing unsaid, and is the same every time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import type { Conversation, Message } from "../../../../providers/dialects/conversation.ts";
import { soundMessages, traits, wildMessages, wishes } from "../../../support/neutral/arbitrary-conversations.ts";
import { conversation, target } from "../../../support/neutral/conversations.ts";

interface Block {
  readonly text?: string;
  readonly toolUse?: { readonly toolUseId: string; readonly name: string; readonly input: unknown };
  readonly toolResult?: { readonly toolUseId: string; readonly content: readonly unknown[] };
  readonly reasoningContent?: unknown;
  readonly cachePoint?: unknown;
}
interface Request {
  readonly system?: readonly Block[];
  readonly messages: readonly { readonly role: string; readonly content: readonly Block[] }[];
  readonly toolConfig?: { readonly tools: readonly Block[] };
}

const models = fc.constantFrom(
  "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
  "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  "us.anthropic.claude-sonnet-4-6",
  "us.amazon.nova-2-lite-v1:0",
  "openai.gpt-oss-120b-1:0",
  "mistral.devstral-2-123b",
  "us.meta.llama4-maverick-17b-instruct-v1:0",
  "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/mi1dadi0g15f",
);
const targets = fc.tuple(models, traits).map(([model, known]) => target(model, known));
const conversations = (messages: fc.Arbitrary<readonly Message[]>): fc.Arbitrary<Conversation> =>
  fc.tuple(messages, wishes).map(([given, over]) => conversation({ ...over, messages: given }));
const wire = (body: unknown) => JSON.parse(JSON.stringify(body)) as Request;

/** Which of the API's rules a request breaks, told with nothing of the encoder. */
function violations({ system = [], messages, toolConfig }: Request): readonly string[] {
  const found: string[] = [];
  const all = messages.flatMap(({ content }) => content);
  const uses = all.flatMap(({ toolUse }) => toolUse ?? []);
  let open: string[] = [];
  messages.forEach(({ role, content }, at) => {
    if (content.length === 0) found.push(`message ${at} is empty`);
    if (at > 0 && messages[at - 1]?.role === role) found.push(`message ${at} repeats its role`);
    const results = content.flatMap(({ toolResult }) => toolResult?.toolUseId ?? []);
    if (results.toSorted().join() !== open.toSorted().join()) found.push(`message ${at} does not answer the calls`);
    if (content.findLastIndex(({ toolResult }) => toolResult) >= Math.max(results.length, 0) + points(content))
      found.push(`message ${at} has results after other blocks`);
    open = content.flatMap(({ toolUse }) => toolUse?.toolUseId ?? []);
    if (open.length > 0 && role !== "assistant") found.push(`message ${at} calls tools as ${role}`);
    if (results.length > 0 && role !== "user") found.push(`message ${at} has results as ${role}`);
    if (role === "assistant" && content.at(-1)?.reasoningContent) found.push(`message ${at} ends in reasoning`);
  });
  if (open.length > 0) found.push("the last calls are not answered");
  if (new Set(uses.map(({ toolUseId }) => toolUseId)).size < uses.length) found.push("an id is used twice");
  if (uses.some(({ toolUseId }) => !/^[a-zA-Z0-9_-]{1,64}$/.test(toolUseId))) found.push("an id has odd characters");
  if (uses.some(({ input }) => typeof input !== "object" || input === null || Array.isArray(input)))
    found.push("an input is no object");
  if (uses.length > 0 && !toolConfig) found.push("calls without toolConfig");
  const texts = [...system, ...all].flatMap(({ text }) => text ?? []);
  if (texts.some((text) => text.trim() === "")) found.push("a text is blank");
  if (all.some(({ toolResult }) => toolResult?.content.length === 0)) found.push("a result is empty");
  if (points(system) + points(all) + points(toolConfig?.tools ?? []) > 4) found.push("too many cache points");
  return found;
}

function points(blocks: readonly Block[]): number {
  return blocks.filter(({ cachePoint }) => cachePoint).length;
}

describe("a request", () => {
  it("keeps the API's rules, whatever the conversation", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const { body, unsupported } = bedrockConverse.encode(given, to);
        expect(violations(wire(body))).toEqual([]);
        if (wire(body).messages.length === 0) {
          expect(unsupported).toContainEqual(expect.objectContaining({ member: "messages", droppable: false }));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps every call, result and word of a sound conversation, in order", () => {
    fc.assert(
      fc.property(conversations(soundMessages), targets, (given, to) => {
        const { body, unsupported } = bedrockConverse.encode(given, to);
        const request = wire(body);
        expect(violations(request)).toEqual([]);
        expect(unsupported.filter(({ droppable }) => !droppable)).toEqual([]);
        const sent = request.messages.flatMap(({ content }) => content);
        const calls = given.messages.flatMap((message) =>
          message.role === "assistant" ? message.content.filter((part) => part.type === "tool-call") : [],
        );
        expect(sent.flatMap(({ toolUse }) => toolUse?.name ?? [])).toEqual(calls.map(({ name }) => name));
        const results = given.messages.filter(({ role }) => role === "tool");
        expect(sent.flatMap(({ toolResult }) => toolResult ?? [])).toHaveLength(results.length);
        const said = given.messages.flatMap((message) =>
          message.role === "tool" ? [] : message.content.flatMap((part) => (part.type === "text" ? part.text : [])),
        );
        const words = said.filter((text) => text.trim() !== "");
        // Llama is given a turn of its own between results and words.
        expect(sent.flatMap(({ text }) => (text === undefined || text === "." ? [] : text))).toEqual(words);
      }),
      { numRuns: 2000 },
    );
  });

  it("is the same for the same conversation, and leaves the conversation as it was", () => {
    fc.assert(
      fc.property(conversations(wildMessages), targets, (given, to) => {
        const before = structuredClone(given);
        const first = JSON.stringify(bedrockConverse.encode(given, to));
        expect(JSON.stringify(bedrockConverse.encode(given, to))).toBe(first);
        expect(given).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});
