// Random conversations, for properties that must hold for all of them.
import fc from "fast-check";
import type {
  AssistantPart,
  Conversation,
  Message,
  ToolResultPart,
  UserPart,
} from "../../../providers/dialects/conversation.ts";
import type { ModelTraits } from "../../../providers/dialects/dialect.ts";
import { tool, user } from "./conversations.ts";

/** `claude-…` models of every generation, and one that is not Claude's. */
export const models = [
  "claude-3-haiku-20240307",
  "claude-3-7-sonnet-20250219",
  "claude-sonnet-4-5",
  "claude-opus-4-5-20251101",
  "claude-opus-4-6",
  "claude-opus-4-8",
  "claude-sonnet-5",
  "claude-opus-5-5",
  "some-other-model",
] as const;

const cache = fc.option(fc.record({ ttl: fc.constantFrom(null, "5m" as const, "1h" as const) }), {
  nil: undefined,
  freq: 3,
});
const withCache = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
  fc.tuple(arbitrary, cache).map(([part, marker]) => ({ ...part, ...(marker && { cache: marker }) }));

/** Blank texts among them, and ends in white space. */
const words = fc.oneof(
  fc.constantFrom("", " ", "\n\t"),
  fc.string({ minLength: 1, maxLength: 12 }).map((s) => `w${s} `),
);
const textPart = withCache(fc.record({ type: fc.constant("text" as const), text: words }));
const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  { weight: 4, arbitrary: textPart },
  {
    weight: 1,
    arbitrary: withCache(
      fc.constant({
        type: "image" as const,
        source: { kind: "base64" as const, mediaType: "image/png", data: "iVBORw0KGgo=" },
      }),
    ),
  },
);
const reasoningPart: fc.Arbitrary<AssistantPart> = fc.record(
  {
    type: fc.constant("reasoning" as const),
    text: fc.string({ maxLength: 8 }),
    signature: fc.record({
      vendor: fc.constantFrom("anthropic" as const, "google" as const),
      value: fc.constant("sig"),
    }),
    encrypted: fc.record({
      vendor: fc.constantFrom("anthropic" as const, "openai" as const),
      value: fc.constant("enc"),
    }),
  },
  { requiredKeys: ["type", "text"] },
);
/** Few ids, some of them not Anthropic's, so that they repeat and collide. */
const callId = fc.constantFrom("call_0", "call.0", "call:0", "functions.look:1", "toolu_01", "");
const callPart: fc.Arbitrary<AssistantPart> = withCache(
  fc.record({
    type: fc.constant("tool-call" as const),
    id: callId,
    name: fc.constantFrom("look", "find"),
    arguments: fc.oneof(fc.constantFrom("", "{", "[1]", '{"a":'), fc.json()),
  }),
);
const resultContent = fc.array(textPart as fc.Arbitrary<ToolResultPart>, { maxLength: 2 });

/** Any sequence of messages, most of which no provider would accept. */
export const wildMessages: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.oneof(
    fc.record({
      role: fc.constantFrom("system" as const, "developer" as const),
      content: fc.array(textPart, { maxLength: 2 }),
    }),
    fc.record({ role: fc.constant("user" as const), content: fc.array(userPart, { maxLength: 3 }) }),
    fc.record({
      role: fc.constant("assistant" as const),
      content: fc.array(fc.oneof(textPart, reasoningPart, callPart) as fc.Arbitrary<AssistantPart>, { maxLength: 4 }),
    }),
    fc.record({
      role: fc.constant("tool" as const),
      toolCallId: callId,
      content: resultContent,
      isError: fc.boolean(),
    }),
  ),
  { maxLength: 10 },
);

/** Conversations that a client of any dialect may send: every call is answered before the next assistant message. */
export const soundMessages: fc.Arbitrary<readonly Message[]> = fc
  .array(
    fc.record({
      before: fc.array(userPart, { minLength: 1, maxLength: 2 }),
      said: fc.array(fc.oneof(textPart, reasoningPart) as fc.Arbitrary<AssistantPart>, { maxLength: 3 }),
      calls: fc.array(callPart, { maxLength: 3 }),
      shuffled: fc.boolean(),
      answer: resultContent,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((turns) =>
    turns.flatMap(({ before, said, calls, shuffled, answer }): readonly Message[] => {
      const results = calls.flatMap((part): readonly Message[] =>
        part.type === "tool-call" ? [{ role: "tool", toolCallId: part.id, content: answer }] : [],
      );
      return [
        { role: "user", content: before },
        { role: "assistant", content: [...said, ...calls] },
        ...(shuffled ? results.toReversed() : results),
      ];
    }),
  )
  .map((messages): readonly Message[] => [...messages, user("go on")]);

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 });

/** What a client may ask beside its messages. */
export const wishes: fc.Arbitrary<Partial<Conversation>> = fc.record({
  tools: fc.constantFrom(
    [],
    [tool("look", { cache: { ttl: null } }), tool("find", { cache: { ttl: "1h" }, strict: true })],
  ),
  toolChoice: maybe(
    fc.constantFrom(
      { kind: "auto" as const },
      { kind: "none" as const },
      { kind: "required" as const },
      { kind: "tool" as const, name: "look" },
      { kind: "allowed" as const, mode: "required" as const, names: ["find"] },
    ),
  ),
  parallelToolCalls: maybe(fc.boolean()),
  output: fc.constantFrom(
    { kind: "text" as const },
    { kind: "json" as const },
    { kind: "json-schema" as const, name: "city", description: null, schema: { type: "object" }, strict: true },
  ),
  maxOutputTokens: maybe(fc.integer({ min: 1, max: 200_000 })),
  stop: fc.array(fc.constantFrom("END", " ", ""), { maxLength: 2 }),
  temperature: maybe(fc.double({ min: 0, max: 2, noNaN: true })),
  topP: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
  topK: maybe(fc.integer({ min: 1, max: 100 })),
  reasoning: maybe(
    fc.record({
      effort: maybe(fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max")),
      budgetTokens: maybe(fc.integer({ min: -1, max: 100_000 })),
      includeText: maybe(fc.boolean()),
    }),
  ),
});

export const traits: fc.Arbitrary<ModelTraits> = fc.constantFrom<ModelTraits>(
  {},
  { maxOutputTokens: 4096 },
  { maxOutputTokens: 64_000, reasoning: true, reasoningBudget: { min: 1024 }, jsonSchema: true },
  { maxOutputTokens: 128_000, reasoning: true, reasoningEfforts: ["low", "medium", "high", "max"] },
);
