// Recorded answers of OpenAI and Anthropic, written as Gemini's: the official SDK reads the same words, calls, end and usage.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Completion, FinishReason } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import type { ClientDialect } from "../../../../../providers/dialects/dialect.ts";
import { openaiChat } from "../../../../../providers/dialects/openai-chat/index.ts";
import { totalInput, totalOutput, type Usage } from "../../../../../providers/dialects/usage.ts";
import { type Recording, recordings } from "../../../../support/recordings.ts";
import { collect } from "../../openai-chat/collect.ts";
import { type OfficialReader, startOfficialReader } from "../official-sdk.ts";
import { type UsageView, viewOf } from "./sdk-view.ts";
import { answering, framesOf, streamText, wholeText } from "./writing.ts";

let official: OfficialReader;
beforeAll(async () => {
  official = await startOfficialReader();
});
afterAll(() => official.close());

interface Subject {
  readonly dialect: ClientDialect;
  readonly recording: Recording;
}

/** Those that the vendor's own client side reads as an answer. */
function subjects(provider: string, dialect: ClientDialect): readonly Subject[] {
  return recordings(provider, { dialect: dialect.id, failed: false }).flatMap((recording) =>
    isAnswer(recording, dialect) ? [{ dialect, recording }] : [],
  );
}

function isAnswer(recording: Recording, dialect: ClientDialect): boolean {
  if (recording.stream) return collect(eventsIn(recording, dialect)).failure === null;
  return !("kind" in dialect.decode(parse(recording.response)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function eventsIn(recording: Recording, dialect: ClientDialect) {
  const decoder = dialect.stream();
  return [...framesOf(recording.response).flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

const all = [...subjects("openai", openaiChat()), ...subjects("anthropic", anthropicMessages)];
const wholes = all.filter(({ recording }) => !recording.stream);
const streams = all.filter(({ recording }) => recording.stream);
const named = (some: readonly Subject[]) =>
  some.map((subject) => [`${subject.dialect.id} ${subject.recording.name}`, subject] as const);

const words = (parts: readonly AssistantPart[], ...types: readonly string[]) =>
  parts.map((part) => (types.includes(part.type) && "text" in part ? part.text : "")).join("");

const finishes: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "content-filter": "SAFETY",
  error: "OTHER",
};

function expectSame(
  parts: readonly AssistantPart[],
  finish: FinishReason,
  view: ReturnType<typeof viewOf>,
  index: number,
) {
  const candidate = view.candidates[index];
  const seen = candidate?.parts ?? [];
  expect(seen.flatMap((part) => (part.thought === false ? [part.text] : [])).join("")).toBe(
    words(parts, "text", "refusal"),
  );
  expect(seen.flatMap((part) => (part.thought === true ? [part.text] : [])).join("")).toBe(words(parts, "reasoning"));
  const calls = parts.filter((part) => part.type === "tool-call");
  expect(seen.flatMap(({ call }) => (call === undefined ? [] : [{ name: call.name, args: call.args }]))).toEqual(
    calls.map(({ name, arguments: args }) => ({ name, args: JSON.parse(args || "{}") })),
  );
  const refused = finish === "stop" && parts.some(({ type }) => type === "refusal");
  expect(candidate?.finish).toBe(refused ? "SAFETY" : finishes[finish]);
}

function expectUsage(usage: Usage | null, seen: UsageView | null) {
  if (usage === null) {
    expect(seen).toBeNull();
    return;
  }
  expect(seen).toEqual({
    prompt: totalInput(usage),
    cached: usage.cachedInputTokens,
    candidates: totalOutput(usage) - (usage.reasoningTokens ?? 0),
    thoughts: usage.reasoningTokens,
    total: totalInput(usage) + totalOutput(usage),
  });
}

describe("another vendor's recorded answer", () => {
  it("is one of many", () => {
    console.log(`other vendors → @google/genai: ${JSON.stringify({ wholes: wholes.length, streams: streams.length })}`);
    expect(wholes.length).toBeGreaterThan(100);
    expect(streams.length).toBeGreaterThan(60);
  });

  it.each(named(wholes))("whole: %s", async (_, { dialect, recording }) => {
    const completion = dialect.decode(JSON.parse(recording.response)) as Completion;
    const view = viewOf([await official.whole({ ...answering(recording, wholeText(completion)), stream: false })]);
    expect(view.candidates.length).toBe(completion.choices.length);
    for (const [index, choice] of completion.choices.entries()) expectSame(choice.content, choice.finish, view, index);
    expectUsage(completion.usage, view.usage);
  });

  it.each(named(streams))("stream: %s", async (_, { dialect, recording }) => {
    const events = eventsIn(recording, dialect);
    const { choices, usage } = collect(events);
    const chunks = await official.chunks(
      answering(recording, streamText(dialect.stream(), framesOf(recording.response))),
    );
    const view = viewOf(chunks);
    expect(view.candidates.length).toBe(choices.size);
    for (const [index, choice] of choices) expectSame(choice.parts, choice.finish ?? "stop", view, index);
    expectUsage(usage, view.usage);
  });
});
