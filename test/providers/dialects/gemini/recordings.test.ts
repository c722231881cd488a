import type { Candidate, GenerateContentResponse, GenerateContentResponseUsageMetadata, Part } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";
import { completionOf, decoded, failureOf, partsFrom } from "./answers.ts";
import { arrays, errors, foreign, framesOf, named, streams, wholes } from "./gemini-recordings.ts";
import { ApiError, type OfficialReader, startOfficialReader } from "./official-sdk.ts";

let official: OfficialReader;
beforeAll(async () => {
  official = await startOfficialReader();
});
afterAll(() => official.close());

/** What both readers must agree on. */
interface Seen {
  readonly text: string;
  readonly thoughts: string;
  /** In order, with the kind of part that each came on. */
  readonly signatures: readonly string[];
  readonly calls: readonly { readonly id: string | null; readonly name: string; readonly args: unknown }[];
  readonly images: readonly string[];
}

function seenBySdk(parts: readonly Part[]): Seen {
  const known = parts.filter((part) => part.text !== undefined || part.functionCall || part.inlineData);
  return {
    text: known.flatMap((part) => (part.thought ? [] : [part.text ?? ""])).join(""),
    thoughts: known.flatMap((part) => (part.thought ? [part.text ?? ""] : [])).join(""),
    signatures: known.flatMap((part) => part.thoughtSignature ?? []),
    calls: known.flatMap(({ functionCall }) =>
      functionCall?.name === undefined
        ? []
        : [{ id: functionCall.id ?? null, name: functionCall.name, args: functionCall.args ?? {} }],
    ),
    images: known.flatMap((part) => part.inlineData?.data ?? []),
  };
}

function seenByUs(parts: readonly AssistantPart[]): Seen {
  return {
    text: parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(""),
    thoughts: parts.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join(""),
    signatures: parts.flatMap((part) => ("signature" in part && part.signature ? [part.signature.value] : [])),
    calls: parts.flatMap((part) =>
      part.type === "tool-call"
        ? [{ id: part.id.startsWith("call_") ? null : part.id, name: part.name, args: JSON.parse(part.arguments) }]
        : [],
    ),
    images: parts.flatMap((part) =>
      part.type === "output-image" && part.source.kind === "base64" ? [part.source.data] : [],
    ),
  };
}

/** The usage that the SDK shows, by the documented sum of `totalTokenCount`. */
function expectSameUsage(usage: Usage | null, metadata: GenerateContentResponseUsageMetadata | undefined): void {
  expect(usage === null).toBe(metadata?.promptTokenCount === undefined && metadata?.candidatesTokenCount === undefined);
  if (usage === null || metadata === undefined) return;
  expect(totalInput(usage)).toBe((metadata.promptTokenCount ?? 0) + (metadata.toolUsePromptTokenCount ?? 0));
  expect(totalOutput(usage)).toBe((metadata.candidatesTokenCount ?? 0) + (metadata.thoughtsTokenCount ?? 0));
  expect(usage.cachedInputTokens).toBe(metadata.cachedContentTokenCount);
  expect(usage.reasoningTokens).toBe(metadata.thoughtsTokenCount);
  if (metadata.totalTokenCount !== undefined && metadata.promptTokenCount !== undefined) {
    expect(totalInput(usage) + totalOutput(usage)).toBe(metadata.totalTokenCount);
  }
}

function partsOf(candidate: Candidate | undefined): readonly Part[] {
  return candidate?.content?.parts ?? [];
}

/** The SDK passes numbers on, which one recorder asked Vertex for. */
function wordOf(finishReason: unknown): unknown {
  if (finishReason === 2) return "MAX_TOKENS";
  return finishReason === 1 ? "STOP" : (finishReason ?? null);
}

describe("every recorded answer is read as the official SDK reads it", () => {
  it("covers all recordings of generateContent", () => {
    const counted = { wholes: wholes.length, streams: streams.length, arrays: arrays.length, errors: errors.length };
    console.log(`gemini recordings: ${JSON.stringify(counted)}`);
    expect(counted).toEqual({ wholes: 90, streams: 29, arrays: 1, errors: 6 });
  });

  it.each(wholes.map((recording) => [recording.name, recording] as const))("whole: %s", async (_, recording) => {
    const theirs = await official.whole(recording);
    const ours = completionOf(gemini.decode(JSON.parse(recording.response)));
    expect(ours.id).toBe(theirs.responseId ?? "");
    expect(ours.model).toBe(theirs.modelVersion ?? "");
    expect(ours.choices.length).toBe(theirs.candidates?.length);
    for (const [position, choice] of ours.choices.entries()) {
      const candidate = theirs.candidates?.[position];
      expect(seenByUs(choice.content)).toEqual(seenBySdk(partsOf(candidate)));
      expect(choice.rawFinish).toBe(wordOf(candidate?.finishReason));
    }
    expectSameUsage(ours.usage, theirs.usageMetadata);
  });

  it.each(streams.map((recording) => [recording.name, recording] as const))("stream: %s", async (_, recording) => {
    const theirs = await official.chunks(recording);
    const events = decoded(framesOf(recording));
    const parts = partsFrom(events);
    const chunkParts = theirs.flatMap((chunk) => partsOf(chunk.candidates?.[0]));
    const streamedArguments = chunkParts.some((part) => part.functionCall?.willContinue);
    const [ours, expected] = [seenByUs(parts), seenBySdk(chunkParts)];
    // The SDK leaves it to its user to put pieces of arguments together: here only the calls themselves compare.
    const withoutArgs = (seen: Seen): Seen => ({ ...seen, calls: seen.calls.map((call) => ({ ...call, args: null })) });
    expect(streamedArguments ? withoutArgs(ours) : ours).toEqual(streamedArguments ? withoutArgs(expected) : expected);

    const start = events[0];
    expect(start).toMatchObject({ type: "start", id: theirs[0]?.responseId ?? "", model: theirs[0]?.modelVersion });
    const raw = theirs.flatMap((chunk) => chunk.candidates?.[0]?.finishReason ?? []);
    expect(events.filter(({ type }) => type === "finish")).toMatchObject([{ raw: String(raw[0]) }]);
    expect(events.filter(({ type }) => type === "error")).toEqual([]);
    expectSameUsage(lastUsage(events), lastMetadata(theirs));
  });

  it.each(errors.map((recording) => [recording.name, recording] as const))("error: %s", async (_, recording) => {
    const error = await official.whole({ ...recording, stream: false }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ApiError)) throw new Error(`the SDK gave ${String(error)}`);
    const failure = gemini.error(recording.status, () => null, JSON.parse(recording.response));
    expect(failure.status).toBe(error.status);
    expect(error.message).toContain(JSON.stringify(failure.message));
  });
});

function lastUsage(events: ReturnType<typeof decoded>): Usage | null {
  const last = events.findLast((event) => event.type === "usage");
  return last?.type === "usage" ? last.usage : null;
}

function lastMetadata(chunks: readonly GenerateContentResponse[]): GenerateContentResponseUsageMetadata | undefined {
  return chunks.findLast((chunk) => chunk.usageMetadata !== undefined)?.usageMetadata;
}

describe("answers that are not generateContent's", () => {
  it.each(foreign.map((recording) => [recording.name, recording] as const))(
    "%s is a protocol failure",
    (_, recording) => {
      if (recording.stream) {
        expect(decoded(framesOf(recording)).at(-1)).toMatchObject({ type: "error", failure: { kind: "protocol" } });
      } else {
        expect(failureOf(gemini.decode(JSON.parse(recording.response)))).toMatchObject({ kind: "protocol" });
      }
    },
  );

  it("a stream without alt=sse decodes chunk by chunk like one with it", () => {
    const [recording] = arrays;
    if (recording === undefined) throw new Error("the recording is gone");
    const parts = partsFrom(decoded(framesOf(recording)));
    expect(parts.map(({ type }) => type)).toEqual(["reasoning", "text", "text"]);
    expect(JSON.parse(seenByUs(parts).text)).toEqual({
      name: "Alice",
      address: { street: "123 Main St", city: "San Francisco" },
    });
  });
});

describe("what the SDK does not put together", () => {
  it("arguments that came in pieces are whole, nested objects and arrays too", () => {
    const parts = partsFrom(decoded(framesOf(named("google-vertex-stream-tool-call-arguments-nested-1-stream"))));
    const [call] = seenByUs(parts).calls;
    expect(call?.name).toBe("cookRecipe");
    expect(call?.args).toMatchObject({
      recipe: { ingredients: expect.arrayContaining([{ amount: "16 oz", name: "Lasagna noodles" }]) },
    });
    expect(JSON.stringify(call?.args)).not.toContain("null");
    expect(call?.args).toMatchObject({
      recipe: { steps: expect.arrayContaining(["Let stand for 15 minutes before serving."]) },
    });
  });

  it("a call without pieces, calls with pieces and the text between are told apart", () => {
    const parts = partsFrom(decoded(framesOf(named("google-stream-no-args-tool-call-stream"))));
    expect(parts.map((part) => (part.type === "tool-call" ? `${part.name}${part.arguments}` : part.type))).toEqual([
      "reasoning",
      "read_theme{}",
      'read_screen{"id":"A"}',
      'read_screen{"id":"B"}',
      'read_screen{"id":"C"}',
    ]);
  });

  it("a call whose last piece never came ends with the answer", () => {
    const recording = named("google-google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks");
    const { calls } = seenByUs(partsFrom(decoded(framesOf(recording))));
    expect(calls[0]?.args).toMatchObject({
      operations: expect.arrayContaining([expect.objectContaining({ action: "add", description: "Fresh red apple" })]),
    });
  });
});
