// How many tokens conversations take, against what OpenAI billed for them.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Conversation, Message } from "../../providers/dialects/conversation.ts";
import { countConversation, countOutput, estimateInput } from "../../src/usage/estimate.ts";
import { estimateText } from "../../src/usage/estimate-text.ts";
import { nodeTokenCounter } from "../../src/usage/tokens.node.ts";
import { conversation } from "../support/neutral/conversations.ts";

const counter = nodeTokenCounter();

interface Recording {
  readonly name: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly request: {
    readonly messages: readonly WireMessage[];
    readonly tools?: readonly { readonly function: { name: string; description?: string; parameters?: object } }[];
    readonly response_format?: { readonly json_schema?: { name: string; schema: Record<string, unknown> } };
  };
}

interface WireMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
}

const recordings = readFileSync(new URL("../fixtures/usage/openai-prompts.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Recording);

const empty: Conversation = conversation({ messages: [] });

function user(...content: Extract<Message, { role: "user" }>["content"]): Conversation {
  return { ...empty, messages: [{ role: "user", content }] };
}

/** As much of a chat request as the recordings use. */
function conversationOf({ messages, tools = [], response_format }: Recording["request"]): Conversation {
  const schema = response_format?.json_schema;
  return {
    ...empty,
    messages: messages.map((message) => messageOf(message)),
    tools: tools.map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? null,
      parameters: (parameters as Record<string, unknown> | undefined) ?? null,
      strict: null,
    })),
    output: schema
      ? { kind: "json-schema", name: schema.name, description: null, schema: schema.schema, strict: null }
      : { kind: "text" },
  };
}

function messageOf(message: WireMessage): Message {
  const text = message.content ? [{ type: "text" as const, text: message.content }] : [];
  if (message.role === "tool") return { role: "tool", toolCallId: message.tool_call_id ?? "", content: text };
  if (message.role === "user") return { role: "user", content: text };
  if (message.role !== "assistant") return { role: "system", content: text };
  const calls = (message.tool_calls ?? []).map((call) => ({
    type: "tool-call" as const,
    id: call.id,
    ...call.function,
  }));
  return { role: "assistant", content: [...text, ...calls] };
}

describe("a recorded request", () => {
  const plain = recordings.filter(
    ({ model, request }) =>
      model.startsWith("gpt-4o") &&
      !request.tools &&
      !request.response_format &&
      !JSON.stringify(request).includes("tool"),
  );

  test.each(plain.map((recording) => [recording.name, recording] as const))(
    "of text alone is counted as OpenAI billed it: %s",
    (_, { request, promptTokens, model }) => {
      expect(countConversation(conversationOf(request), counter, model)).toBe(promptTokens);
    },
  );

  test.each(recordings.map((recording) => [recording.name, recording] as const))(
    "is counted to 12 tokens or an eighth, with a schema to a fifth: %s",
    (_, { request, promptTokens, model }) => {
      const counted = countConversation(conversationOf(request), counter, model);
      expect(Math.abs(counted - promptTokens)).toBeLessThanOrEqual(
        Math.max(12, promptTokens / (request.response_format ? 5 : 8)),
      );
    },
  );

  test.each(recordings.map((recording) => [recording.name, recording] as const))(
    "is estimated to no less than was billed, give or take a tenth, and to no more than twice: %s",
    (_, { request, promptTokens }) => {
      const estimated = estimateInput(conversationOf(request));
      expect(estimated).toBeGreaterThanOrEqual(promptTokens * 0.9);
      expect(estimated).toBeLessThanOrEqual(promptTokens * 2);
    },
  );
});

describe("the estimate of a text", () => {
  const base64 = Buffer.from(Array.from({ length: 6000 }, (_, at) => (at * at * 7919) % 251)).toString("base64");
  test.each([
    ["English", readFileSync(new URL("../../LICENSE", import.meta.url), "utf8")],
    ["German", "Die Würde des Menschen ist unantastbar. Sie zu achten und zu schützen ist Verpflichtung."],
    ["Russian", "Искусственный интеллект — это свойство систем выполнять творческие функции."],
    ["Chinese", "人工智能是计算机科学的一个分支，它企图了解智能的实质。"],
    ["Japanese", "人工知能とは、計算という概念とコンピュータという道具を用いて知能を研究する分野。"],
    ["Arabic", "الذكاء الاصطناعي هو سلوك وخصائص معينة تتسم بها البرامج الحاسوبية"],
    ["TypeScript", readFileSync(new URL("../../src/usage/tokens.ts", import.meta.url), "utf8")],
    ["JSON", readFileSync(new URL("../../package.json", import.meta.url), "utf8")],
    ["capitals", "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG. ".repeat(20)],
    ["numbers", Array.from({ length: 500 }, (_, at) => at * 7919).join(",")],
    ["base64", base64],
    ["emoji", "😀🎉🚀👩‍💻"],
  ])("in %s is about the count or more, and less than three times", (_, text) => {
    const counted = counter.count(text);
    expect(estimateText(text)).toBeGreaterThanOrEqual(counted * 0.95);
    expect(estimateText(text)).toBeLessThan(counted * 3);
  });

  test("grows with the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(estimateText(a + b)).toBeGreaterThanOrEqual(estimateText(a));
      }),
    );
  });
});

describe("what is not text", () => {
  const png = { kind: "base64", mediaType: "image/png", data: "A".repeat(400_000) } as const;

  test("is never counted as the text of its base64", () => {
    expect(estimateInput(user({ type: "image", source: png }))).toBeLessThan(2000);
    expect(countConversation(user({ type: "image", source: png }), counter)).toBeLessThan(2000);
  });

  test("costs little as a picture of low detail", () => {
    const low = countConversation(user({ type: "image", source: png, detail: "low" }), counter);
    expect(low).toBe(countConversation(user(), counter) + 85);
  });

  test("grows with the size of a file", () => {
    const pdf = (length: number) =>
      user({
        type: "file",
        filename: null,
        source: { kind: "base64", mediaType: "application/pdf", data: "A".repeat(length) },
      });
    expect(estimateInput(pdf(10_000_000))).toBeGreaterThan(estimateInput(pdf(1_000_000)));
  });

  test("grows with the length of a sound", () => {
    const spoken = (seconds: number) =>
      user({ type: "audio", format: "wav", data: "A".repeat((seconds * 32_000 * 4) / 3) });
    expect(countConversation(spoken(60), counter) - countConversation(spoken(0), counter)).toBeCloseTo(60 * 32, -1);
  });
});

describe("an answer", () => {
  test("is counted with its reasoning apart", () => {
    const counted = countOutput(
      [
        { type: "reasoning", text: "hello world" },
        { type: "text", text: "hello world" },
      ],
      counter,
    );
    expect(counted).toEqual({ outputTokens: 2, reasoningTokens: 2 });
  });

  test("without reasoning says nothing of it", () => {
    expect(countOutput([{ type: "text", text: "hello world" }], counter)).toEqual({ outputTokens: 2 });
    expect(countOutput([], counter)).toEqual({ outputTokens: 0 });
  });

  test("is counted with its tool calls", () => {
    const call = { type: "tool-call", id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' } as const;
    const { outputTokens } = countOutput([call], counter);
    expect(outputTokens).toBeGreaterThan(counter.count(call.name) + counter.count(call.arguments));
  });
});

test("a conversation of many long messages is counted at the cost of one long text", () => {
  const text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
  const messages: Message[] = Array.from({ length: 500 }, () => ({ role: "user", content: [{ type: "text", text }] }));
  const exact = 500 * (3 + counter.count("user") + counter.count(text)) + 3;
  expect(Math.abs(countConversation({ ...empty, messages }, counter) - exact) / exact).toBeLessThan(0.05);
});
