import { describe, expect, it } from "vitest";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { answer, choiceOf, completionOf, decoded, partsFrom } from "./answers.ts";
import { asFrames, frameOf, framesOf, streams, wholes } from "./gemini-recordings.ts";

interface Support {
  readonly segment: { readonly text: string };
  readonly groundingChunkIndices: readonly number[];
}

function supportsIn(response: {
  candidates?: { groundingMetadata?: { groundingSupports?: Support[] } }[];
}): readonly Support[] {
  return response.candidates?.[0]?.groundingMetadata?.groundingSupports ?? [];
}

describe("citations", () => {
  it("every supported passage is found in the answer, at offsets that count UTF-16 units", () => {
    let cited = 0;
    for (const recording of [...wholes, ...streams]) {
      const content = recording.stream
        ? partsFrom(decoded(framesOf(recording)))
        : (completionOf(gemini.decode(JSON.parse(recording.response))).choices[0]?.content ?? []);
      const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
      const supports = framesOf(asFrames(recording)).flatMap(({ data }) => supportsIn(JSON.parse(data)));
      const passages = supports.map(({ segment }) => segment.text);
      expect(content.flatMap((part) => (part.type === "text" ? (part.citations ?? []) : [])).length).toBe(
        supports.reduce((sum, { groundingChunkIndices }) => sum + groundingChunkIndices.length, 0),
      );
      for (const part of content) {
        if (part.type !== "text") continue;
        for (const { startIndex, endIndex } of part.citations ?? []) {
          expect(passages).toContain(text.slice(startIndex, endIndex));
          cited += 1;
        }
      }
    }
    expect(cited).toBe(58);
  });

  it("a passage names its source, and repeats for each source", () => {
    const candidate = {
      content: { parts: [{ text: "15°C, they say." }] },
      finishReason: "STOP",
      groundingMetadata: {
        groundingChunks: [
          { web: { uri: "https://a.example", title: "A" } },
          { retrievedContext: { text: "It is 15°C.", title: "Note" } },
        ],
        groundingSupports: [
          { segment: { startIndex: 6, endIndex: 16, text: ", they say" }, groundingChunkIndices: [0, 1, 7] },
        ],
      },
    };
    const [part] = choiceOf(candidate).content;
    const expected = [
      { kind: "url", url: "https://a.example", title: "A", startIndex: 4, endIndex: 14, raw: expect.anything() },
      { kind: "document", title: "Note", quote: "It is 15°C.", startIndex: 4, endIndex: 14, raw: expect.anything() },
    ];
    expect(part).toMatchObject({ citations: expected });
    const [streamed] = partsFrom(decoded([frameOf(answer(candidate))]));
    expect(streamed).toMatchObject({ citations: expected });
  });

  it("sources without passages are cited without offsets", () => {
    const groundingMetadata = { groundingChunks: [{ web: { uri: "https://a.example" } }] };
    expect(choiceOf({ content: { parts: [{ text: "x" }] }, groundingMetadata }).content[0]).toMatchObject({
      citations: [{ kind: "url", url: "https://a.example", raw: expect.anything() }],
    });
  });
});
