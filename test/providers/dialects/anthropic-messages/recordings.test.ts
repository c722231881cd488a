// Every recorded answer of the Messages API is read as Anthropic's own SDK reads the same bytes.
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import type { Message } from "@anthropic-ai/sdk/resources/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../providers/dialects/anthropic-messages/index.ts";
import type { Completion } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import type { ProviderFailure } from "../../../../providers/dialects/failure.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";
import { type Recording, recordings } from "../../../support/recordings.ts";
import { type Replay, startReplay } from "../../../support/replay.ts";
import { accumulate, framesOf } from "./support/events.ts";

const dialect = "anthropic-messages";
const streams = recordings("anthropic", { dialect, stream: true });
const wholes = recordings("anthropic", { dialect, stream: false, failed: false });
const failures = recordings("anthropic", { dialect, failed: true });

/** Recordings whose host sent several messages in one stream; the SDK refuses the second `message_start`. */
const spliced = new Set([
  "anthropic-duplicate-message-start.chunks",
  "anthropic-spliced-message-start.chunks",
  "anthropic-anthropic-tool-search-deferred-bm25.chunks",
]);
/** Recordings of other endpoints that the source filed under messages. */
const isMessage = (recording: Recording) => "content" in (JSON.parse(recording.response) as object);

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

async function sdkMessage(recording: Recording): Promise<Message> {
  const { url } = replay.serve(recording);
  const client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0, timeout: 30_000 });
  const params = { model: "any", max_tokens: 1, messages: [{ role: "user" as const, content: "any" }] };
  return recording.stream ? client.messages.stream(params).finalMessage() : client.messages.create(params);
}

const decode = (recording: Recording) => anthropicMessages.decode(JSON.parse(recording.response));

function decodeStream(recording: Recording) {
  const decoder = anthropicMessages.stream();
  const events = framesOf(recording.response).flatMap((frame) => decoder.push(frame));
  return { ...accumulate([...events, ...decoder.end()]), finalUsage: decoder.usage };
}

/** The parts of a message that have a neutral form, told with nothing of the decoder. */
function expectedParts(message: Message): readonly unknown[] {
  return message.content.flatMap((block): readonly unknown[] => {
    switch (block.type) {
      case "text":
        if (block.text === "" && !block.citations?.length) return [];
        return [{ text: block.text, citations: (block.citations ?? []).map((citation) => citation.cited_text) }];
      case "thinking":
        return [{ reasoning: block.thinking, signature: block.signature }];
      case "redacted_thinking":
        return [{ encrypted: block.data }];
      case "tool_use":
        return [{ id: block.id, name: block.name, input: block.input }];
      default:
        return [];
    }
  });
}

function comparable(part: AssistantPart): unknown {
  switch (part.type) {
    case "text":
      return { text: part.text, citations: (part.citations ?? []).map(({ quote }) => quote) };
    case "reasoning":
      if (part.encrypted) return { encrypted: part.encrypted.value };
      return { reasoning: part.text, signature: part.signature?.value };
    case "tool-call":
      return { id: part.id, name: part.name, input: JSON.parse(part.arguments) };
    default:
      return part;
  }
}

const finishes: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  tool_use: "tool-calls",
  refusal: "content-filter",
};

function expectUsage(usage: Usage | null, message: Message): void {
  const { usage: told } = message;
  const written = told.cache_creation_input_tokens ?? 0;
  const read = told.cache_read_input_tokens ?? 0;
  if (usage === null) throw new Error("no usage was read");
  expect(totalInput(usage)).toBe(told.input_tokens + read + written);
  expect(totalOutput(usage)).toBe(told.output_tokens);
  expect(usage.cachedInputTokens ?? 0).toBe(read);
  expect((usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0)).toBe(written);
  expect(usage.reasoningTokens).toBe(told.output_tokens_details?.thinking_tokens);
}

function completionOf(decoded: Completion | ProviderFailure): Completion {
  if ("kind" in decoded) throw new Error(`decoded as a failure: ${decoded.message}`);
  return decoded;
}

describe("a whole answer", () => {
  it.each(wholes.filter(isMessage).map((recording) => [recording.name, recording] as const))(
    "is read as the SDK reads it: %s",
    async (_name, recording) => {
      const message = await sdkMessage(recording);
      const completion = completionOf(decode(recording));
      const [choice] = completion.choices;
      expect(choice?.content.map(comparable)).toEqual(expectedParts(message));
      expect(choice?.rawFinish).toBe(message.stop_reason);
      expect(choice?.finish).toBe(finishes[message.stop_reason ?? ""]);
      expect(choice?.stopSequence ?? null).toBe(message.stop_sequence ?? null);
      expect(completion).toMatchObject({ id: message.id, model: message.model });
      expectUsage(completion.usage, message);
      const passed = anthropicMessages.usage(JSON.parse(recording.response) as Record<string, unknown>);
      expect(passed).toEqual(completion.usage);
    },
  );

  it.each(wholes.filter((recording) => !isMessage(recording)).map((recording) => [recording.name, recording] as const))(
    "of another endpoint is a protocol failure: %s",
    (_name, recording) => {
      expect(decode(recording)).toMatchObject({ kind: "protocol", status: null });
    },
  );
});

describe("a stream", () => {
  it.each(streams.filter(({ name }) => !spliced.has(name)).map((recording) => [recording.name, recording] as const))(
    "is read as the SDK reads it, and as the same message read whole: %s",
    async (_name, recording) => {
      const message = await sdkMessage(recording);
      const read = decodeStream(recording);
      expect(read.failure).toBeNull();
      expect(read.content.map(comparable)).toEqual(expectedParts(message));
      expect(read.rawFinish).toBe(message.stop_reason);
      expect(read.finish).toBe(finishes[message.stop_reason ?? ""]);
      expectUsage(read.usage, message);
      expect(read.usage).toEqual(read.finalUsage);

      const whole = completionOf(anthropicMessages.decode(JSON.parse(JSON.stringify(message))));
      const [choice] = whole.choices;
      expect(read.content.map(parsed)).toEqual(choice?.content.map(parsed));
      expect({ id: read.id, model: read.model, tier: read.serviceTier }).toEqual({
        id: whole.id,
        model: whole.model,
        tier: whole.serviceTier,
      });
      expect(read.stopSequence).toBe(choice?.stopSequence);
    },
  );

  it.each(streams.map((recording) => [recording.name, recording] as const))(
    "that breaks off at any event is a protocol failure, with the usage seen so far: %s",
    (_name, recording) => {
      const frames = framesOf(recording.response);
      const stop = frames.findIndex(({ event }) => event === "message_stop");
      for (let length = 0; length <= stop; length += 1) {
        const decoder = anthropicMessages.stream();
        const events = frames.slice(0, length).flatMap((frame) => decoder.push(frame));
        const read = accumulate([...events, ...decoder.end()]);
        expect(read.failure).toMatchObject({ kind: "protocol" });
        expect(decoder.end()).toEqual([]);
        expect(read.usage).toEqual(decoder.usage);
      }
    },
  );

  it.each([...spliced])("that the SDK refuses is refused by it still: %s", async (name) => {
    const recording = streams.find((candidate) => candidate.name === name);
    if (recording === undefined) throw new Error(`no recording ${name}`);
    await expect(sdkMessage(recording)).rejects.toThrow(/Unexpected event order/);
  });

  it("with a repeated message_start is read as one message", () => {
    const read = decodeStream(streamNamed("anthropic-duplicate-message-start.chunks"));
    expect(read).toMatchObject({ id: "msg_dup", finish: "stop", failure: null });
    expect(read.content).toEqual([{ type: "text", text: "Hello, World!" }]);
    expect(read.usage).toEqual({ inputTokens: 17, outputTokens: 227 });
  });

  it("in which a second message begins fails there, with the first one's parts", () => {
    const read = decodeStream(streamNamed("anthropic-spliced-message-start.chunks"));
    expect(read.failure).toMatchObject({ kind: "protocol" });
    expect(read.content).toMatchObject([
      { type: "reasoning", signature: { vendor: "anthropic", value: "sig-first" } },
      { type: "tool-call", id: "toolu_first" },
    ]);
  });

  it("ends at message_stop, whatever follows", () => {
    const read = decodeStream(streamNamed("anthropic-anthropic-tool-search-deferred-bm25.chunks"));
    expect(read).toMatchObject({ finish: "tool-calls", failure: null });
    expect(read.content.filter(({ type }) => type === "tool-call")).toHaveLength(1);
  });
});

describe("an error answer", () => {
  it.each(failures.map((recording) => [recording.name, recording] as const))(
    "is read as the SDK reads it: %s",
    async (_name, recording) => {
      const error = await sdkMessage(recording).then(
        () => null,
        (cause: unknown) => cause,
      );
      if (!(error instanceof APIError)) throw new Error("the SDK read no error");
      const headers = (name: string) => recording.responseHeaders[name] ?? null;
      const failure = anthropicMessages.error(recording.status, headers, JSON.parse(recording.response));
      expect(failure).toMatchObject({ status: error.status, code: error.type, message: error.apiMessage });
      expect(failure.kind).toBe(
        { 400: "bad_request", 401: "authentication", 404: "not_found" }[recording.status as 400 | 401 | 404],
      );
    },
  );
});

it("every recording of the Messages API is looked at", () => {
  const looked = streams.length + wholes.length + failures.length;
  expect(looked).toBe(recordings("anthropic", { dialect }).length);
  console.log(
    `Anthropic recordings: ${wholes.filter(isMessage).length} whole answers, ${streams.length} streams, ${failures.length} errors`,
  );
});

function streamNamed(name: string): Recording {
  const recording = streams.find((candidate) => candidate.name === name);
  if (recording === undefined) throw new Error(`no recording ${name}`);
  return recording;
}

/** Arguments as values: the SDK's message has lost their text. */
function parsed(part: AssistantPart): unknown {
  return part.type === "tool-call" ? { ...part, arguments: JSON.parse(part.arguments) } : part;
}
