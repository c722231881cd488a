// Recorded answers of other vendors, written for clients of the Messages API, say there what their own SDKs read.
import type { Message } from "@anthropic-ai/sdk/resources/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Completion } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import type { ClientDialect } from "../../../../../providers/dialects/dialect.ts";
import { gemini } from "../../../../../providers/dialects/gemini/index.ts";
import { openaiChat } from "../../../../../providers/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../../../providers/dialects/openai-responses/index.ts";
import { totalOutput, type Usage } from "../../../../../providers/dialects/usage.ts";
import { type Reading, readDirectly } from "../../../../support/readers.ts";
import { type Recording, recordedProviders, recordings } from "../../../../support/recordings.ts";
import { type Replay, startReplay } from "../../../../support/replay.ts";
import { collect } from "../../openai-chat/collect.ts";
import { framesOf } from "../support/events.ts";
import { readBySdk, simplified, translated, written } from "./writing.ts";

/** The recordings of a dialect: those of the named providers, or of all others. */
const of = (dialect: string, which: { readonly by: readonly string[] } | { readonly notBy: readonly string[] }) =>
  recordedProviders()
    .filter((provider) => ("by" in which ? which.by.includes(provider) : !which.notBy.includes(provider)))
    .flatMap((provider) => recordings(provider, { dialect, failed: false }));

/** The vendors' own APIs. Others who speak their dialects do not count as their SDKs read it. */
const own = { openai: ["openai"], google: ["google", "vertex"] } as const;

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

function rewritten(dialect: ClientDialect, recording: Recording): string {
  if (recording.stream) return translated(dialect, framesOf(recording.response));
  return written(completionOf(dialect, recording));
}

function completionOf(dialect: ClientDialect, { response }: Recording): Completion {
  const completion = dialect.decode(JSON.parse(response));
  if ("kind" in completion) throw new Error(`decoded as a failure: ${completion.message}`);
  return completion;
}

const stopReasons: Readonly<Record<string, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  error: "end_turn",
  // Vertex, for what its Model Armor blocks.
  MODEL_ARMOR: "refusal",
};

/** OpenAI says `stop` beside a call that was forced, and beside a refusal. */
function expectedStop({ finish, refusal, toolCalls }: Reading): string | undefined {
  if (refusal) return "refusal";
  const reason = stopReasons[finish ?? "stop"];
  return reason === "end_turn" && toolCalls.length > 0 ? "tool_use" : reason;
}

/** Notes that stand for pictures and sound. */
const note = /\[(?:A picture|Sound) that the model made[^\]]*\]/g;

/** Text with the refusal, calls, why it stopped, and the totals: as the vendor's SDK read them. */
function expectSame(message: Message, direct: Reading): void {
  const said = simplified(message.content);
  expect(said.text.replaceAll(note, "")).toBe(direct.text + (direct.refusal ?? ""));
  expect(said.calls.map(({ name, input }) => ({ name, arguments: input }))).toEqual(
    direct.toolCalls.map(({ name, arguments: args }) => ({ name, arguments: args })),
  );
  for (const [at, { id }] of direct.toolCalls.entries()) {
    // OpenAI's legacy call has no id; its reader names it so.
    if (id !== null && id !== "function_call") expect(said.calls[at]?.id).toBe(id);
  }
  // Some recordings have Google's finish reasons as numbers.
  if (typeof direct.finish === "string" || direct.finish === null) {
    expect(message.stop_reason).toBe(expectedStop(direct));
  }
  if (direct.usage === null) return;
  const { usage } = message;
  const cached = usage.cache_read_input_tokens ?? 0;
  expect({
    input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    cached,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
  }).toEqual({
    input: direct.usage.input,
    cached: direct.usage.cached ?? 0,
    output: direct.usage.output,
    reasoning: direct.usage.reasoning ?? 0,
  });
}

/** An answer of the completions endpoint, which the source filed under chat. */
const isChat = ({ response }: Recording) => !/"object": ?"text_completion"/.test(response);
/** Google's other APIs, and the framing that is sent to those who do not ask for `alt=sse`. */
const isGenerateContent = ({ response }: Recording) =>
  !/"event_type": ?"|"steps": ?\[|"interaction": ?\{|"object": ?"interaction"|"(?:embeddings|totalTokens)"/.test(
    response,
  ) && !response.startsWith("[");

describe.each([
  ["openai-chat", openaiChat(), of("openai-chat", { by: own.openai }).filter(isChat)],
  ["gemini", gemini, of("gemini", { by: own.google }).filter(isGenerateContent)],
] as const)("a recorded answer of the dialect %s", (name, dialect, answers) => {
  it.each(answers.map((recording) => [`${recording.provider}: ${recording.name}`, recording] as const))(
    "says as a message what the vendor's SDK reads: %s",
    async (_name, recording) => {
      const direct = await readDirectly(replay, recording);
      if (direct.kind === "failure") throw new Error(`the SDK reads a failure: ${direct.failure.message}`);
      const message = await readBySdk(replay, rewritten(dialect, recording));
      expectSame(message, direct.reading);
    },
  );

  it("is one of many", () => {
    const streams = answers.filter(({ stream }) => stream).length;
    console.log(`${name} recordings written as messages: ${answers.length - streams} whole, ${streams} streams`);
    expect(answers.length - streams).toBeGreaterThan(30);
    expect(streams).toBeGreaterThan(20);
  });
});

/** What the decoder of its dialect makes of an answer; null for a failure that came with the status of an answer. */
function neutral(dialect: ClientDialect, recording: Recording): Neutral | null {
  if (!recording.stream) {
    const completion = dialect.decode(JSON.parse(recording.response));
    if ("kind" in completion) return null;
    return { parts: completion.choices[0]?.content ?? [], usage: completion.usage };
  }
  const decoder = dialect.stream();
  const events = [...framesOf(recording.response).flatMap((frame) => decoder.push(frame)), ...decoder.end()];
  const { choices, failure } = collect(events);
  return failure === null ? { parts: choices.get(0)?.parts ?? [], usage: decoder.usage } : null;
}

interface Neutral {
  readonly parts: readonly AssistantPart[];
  readonly usage: Usage | null;
}

describe.each([
  ["openai-chat", openaiChat(), of("openai-chat", { notBy: own.openai }).filter(isChat)],
  [
    "openai-responses",
    openaiResponses(),
    of("openai-responses", { notBy: [] }).filter(
      ({ response, stream }) => stream || /"object": ?"response"/.test(response),
    ),
  ],
] as const)("an answer of %s that is recorded of whichever provider", (name, dialect, answers) => {
  const readable = answers.flatMap((recording) => {
    const read = neutral(dialect, recording);
    return read === null ? [] : [[`${recording.provider}: ${recording.name}`, recording, read] as const];
  });

  it.each(readable)(
    "says as a message what it says in neutral form: %s",
    async (_name, recording, { parts, usage }) => {
      const message = await readBySdk(replay, rewritten(dialect, recording));
      const said = simplified(message.content);
      expect({ ...said, text: said.text.replaceAll(note, "") }).toEqual({
        text: parts.map((part) => (part.type === "text" || part.type === "refusal" ? part.text : "")).join(""),
        calls: parts.flatMap((part) =>
          part.type === "tool-call" ? [{ id: part.id, name: part.name, input: inputOf(part.arguments) }] : [],
        ),
      });
      expect(message.usage.output_tokens).toBe(usage === null ? 0 : totalOutput(usage));
    },
  );

  it("is one of many", () => {
    console.log(`${name} recordings of other providers written as messages: ${readable.length} of ${answers.length}`);
    expect(readable.length).toBeGreaterThan(answers.length * 0.9);
  });
});

function inputOf(args: string): unknown {
  try {
    return JSON.parse(args === "" ? "{}" : args);
  } catch {
    return { INVALID_JSON: args };
  }
}
