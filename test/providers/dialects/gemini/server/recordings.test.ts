// Recorded answers of Gemini, read by the client side and written by the server side, are to the official SDK what they were.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gemini } from "../../../../../providers/dialects/gemini/index.ts";
import type { Recording } from "../../../../support/recordings.ts";
import { arrays, framesOf as framesOfRecording, streams, wholes } from "../gemini-recordings.ts";
import { type OfficialReader, startOfficialReader } from "../official-sdk.ts";
import { type View, viewOf } from "./sdk-view.ts";
import { answering, streamText, wholeText } from "./writing.ts";

let official: OfficialReader;
beforeAll(async () => {
  official = await startOfficialReader();
});
afterAll(() => official.close());

/** Vertex's pieces of arguments, which the SDK leaves in pieces and Turnpike puts together: the calls alone compare. */
function withoutPieces(view: View): View {
  return {
    ...view,
    candidates: view.candidates.map((candidate) => ({
      ...candidate,
      parts: candidate.parts.map((part) =>
        part.call === undefined ? part : { ...part, call: { ...part.call, args: 0 } },
      ),
    })),
  };
}

function withoutFinish(view: View): View {
  return { ...view, candidates: view.candidates.map((candidate) => ({ ...candidate, finish: null })) };
}

const named = (all: readonly Recording[]) => all.map((recording) => [recording.name, recording] as const);

describe("a recorded answer of Gemini", () => {
  it("is one of these", () => {
    const counted = { wholes: wholes.length, streams: streams.length, arrays: arrays.length };
    console.log(`gemini → neutral → gemini → @google/genai: ${JSON.stringify(counted)}`);
    expect(counted).toEqual({ wholes: 90, streams: 29, arrays: 1 });
  });

  it.each(named(wholes))("whole: %s", async (_, recording) => {
    const before = await official.whole(recording);
    const after = await official.whole(answering(recording, wholeText(gemini.decode(JSON.parse(recording.response)))));
    // A number for a finish comes of `enum-encoding=int`, which the recorder asked Vertex for: Turnpike writes words.
    const spelled = before.candidates?.every(({ finishReason }) => typeof finishReason !== "number") ?? true;
    expect(spelled ? viewOf([after]) : withoutFinish(viewOf([after]))).toEqual(
      spelled ? viewOf([before]) : withoutFinish(viewOf([before])),
    );
    expect(after.responseId).toBe(before.responseId ?? "f1");
    expect(after.modelVersion).toBe("m1");
  });

  it.each(named(streams))("stream: %s", async (_, recording) => {
    const before = await official.chunks(recording);
    const text = streamText(gemini.stream(), framesOfRecording(recording));
    const after = await official.chunks(answering(recording, text));
    const inPieces = recording.response.includes('"willContinue"');
    const [ours, theirs] = [viewOf(after), viewOf(before)];
    expect(inPieces ? withoutPieces(ours) : ours).toEqual(inPieces ? withoutPieces(theirs) : theirs);
    expect(after.every((chunk) => chunk.candidates?.[0]?.content?.parts?.length)).toBe(true);
    expect(after.at(-1)?.candidates?.[0]?.finishReason).toBeDefined();
    expect(after.at(-1)?.usageMetadata).toBeDefined();
  });
});
