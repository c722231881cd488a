// What a model says reaches a client of the Gemini API, and comes back from it, without loss: properties over any answers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import { gemini, geminiServer } from "../../../../../providers/dialects/gemini/index.ts";
import { completionOf, eventsOf } from "../../../../support/neutral/answers.ts";
import { answerParts, usage } from "../../../../support/neutral/arbitrary-answers.ts";
import { chunksOf, context, framesOf, free } from "./writing.ts";

const runs = { numRuns: 400 };
const hello = { role: "user", parts: [{ text: "Hi" }] };

interface Content {
  readonly role: string;
  readonly parts: readonly object[];
}

/** A client that sends the model's contents back, as the SDK's chats do. */
function echoed(contents: readonly Content[]): readonly AssistantPart[] {
  const conversation = geminiServer.read(JSON.parse(JSON.stringify({ contents: [hello, ...contents] })));
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  expect(conversation.foreign).toEqual([]);
  const answer = conversation.messages[1];
  if (answer === undefined) return [];
  if (answer.role !== "assistant") throw new Error("the answer did not come back as one");
  return answer.content;
}

function written(parts: readonly AssistantPart[]): Content {
  const [candidate] = geminiServer.write(completionOf(parts), context, free).candidates as { content: Content }[];
  if (candidate === undefined) throw new Error("no candidate");
  return candidate.content;
}

function streamed(parts: readonly AssistantPart[], cut: number, size: number): Content[] {
  const encoder = geminiServer.stream(context);
  const events = eventsOf(parts, cut);
  let text = "";
  for (let at = 0; at < events.length; at += size) text += encoder.push(events.slice(at, at + size));
  text += encoder.end(null, free);
  return chunksOf(text).flatMap(({ candidates }) =>
    (candidates as { content: Content }[]).map(({ content }) => content),
  );
}

/** Unsigned texts that follow each other are one part: nothing tells them apart, nor does anything depend on it. */
function mergedTexts(parts: readonly AssistantPart[]): AssistantPart[] {
  return merged(parts, ["text"]);
}

/** The same of reasoning too, where Google's own signature leaves no room for a word about where a part begins. */
function merged(parts: readonly AssistantPart[], kinds: readonly string[] = ["text", "reasoning"]): AssistantPart[] {
  const all: AssistantPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (isPlain(part) && last !== undefined && isPlain(last) && part.type === last.type && kinds.includes(part.type)) {
      all[all.length - 1] = { ...last, text: last.text + part.text } as AssistantPart;
    } else all.push(part);
  }
  return all;
}

function isPlain(part: AssistantPart): part is Extract<AssistantPart, { type: "text" | "reasoning" }> {
  return (part.type === "text" || part.type === "reasoning") && !("signature" in part) && !("encrypted" in part);
}

/** Google's own signature has no room for a note: in a stream, what came before its piece is an unsigned part, as at Google. */
function apartFromGoogle(parts: readonly AssistantPart[]): AssistantPart[] {
  const apart = parts.flatMap((part): AssistantPart[] => {
    const { signature, ...rest } = part as AssistantPart & { signature?: { vendor: string; value: string } };
    if (signature?.vendor !== "google" || !("text" in part) || "encrypted" in part) return [part];
    const signed = { ...rest, text: "", signature } as AssistantPart;
    return part.text === "" ? [signed] : [rest as AssistantPart, signed];
  });
  return merged(apart);
}

/** The same where the last piece came together with the signature. */
function withoutCuts(parts: readonly AssistantPart[]): AssistantPart[] {
  const all: AssistantPart[] = [];
  for (const part of parts) {
    const google =
      "signature" in part && part.signature?.vendor === "google" && "text" in part && !("encrypted" in part);
    if (!google || part.text === "") all.push(part);
    else all.push(...apartFromGoogle([part]));
  }
  return merged(all);
}

describe("an answer", () => {
  it("comes back from a client that echoes its content with every part in its place", () => {
    fc.assert(
      fc.property(answerParts, (parts) => {
        const content = written(parts);
        expect(content.parts.length === 0 ? [] : echoed([content])).toEqual(mergedTexts(parts));
      }),
      runs,
    );
  });

  it("comes back as whole when it was streamed in pieces, each chunk a content of its own", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), (parts, cut, size) => {
        expect(withoutCuts(echoed(streamed(parts, cut, size)))).toEqual(apartFromGoogle(parts));
      }),
      runs,
    );
  });

  it("comes back as whole from a client that gathers the chunks' parts in one content", () => {
    fc.assert(
      fc.property(answerParts, fc.integer({ min: 1, max: 5 }), (parts, cut) => {
        const content = { role: "model", parts: streamed(parts, cut, 2).flatMap((chunk) => chunk.parts) };
        expect(withoutCuts(echoed([content]))).toEqual(apartFromGoogle(parts));
      }),
      runs,
    );
  });

  it("keeps several reasonings apart, and the pieces of each together, however a client gathers the chunks", () => {
    const others = answerParts.filter((parts) => !JSON.stringify(parts).includes('"google"'));
    fc.assert(
      fc.property(others, fc.integer({ min: 1, max: 5 }), fc.boolean(), (parts, cut, gathered) => {
        const chunks = streamed(parts, cut, 1);
        const contents = gathered ? [{ role: "model", parts: chunks.flatMap((chunk) => chunk.parts) }] : chunks;
        expect(echoed(contents)).toEqual(mergedTexts(parts));
      }),
      runs,
    );
  });

  it("comes back from a client that writes bytes in the other alphabet of base64", () => {
    const value = "~~~???>>>\u{1f600}";
    const parts: AssistantPart[] = [{ type: "text", text: "Hi", signature: { vendor: "openai", value } }];
    const [part] = written(parts).parts as { thoughtSignature: string }[];
    const thoughtSignature = part?.thoughtSignature.replaceAll("+", "-").replaceAll("/", "_");
    expect(echoed([{ role: "model", parts: [{ text: "Hi", thoughtSignature }] }])).toEqual(parts);
  });

  it("keeps a sound's name and words, and a refusal", () => {
    const parts: AssistantPart[] = [
      { type: "refusal", text: "I can't." },
      { type: "output-audio", id: "audio_1", data: "AAAA", transcript: "Hello", expiresAtS: 5 },
    ];
    expect(echoed([written(parts)])).toEqual(parts);
    expect(echoed(streamed(parts, 2, 1))).toEqual(parts);
  });

  it("has every chunk say something, unless it says nothing at all", () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(words, (deltas) => {
        const encoder = geminiServer.stream(context);
        let text = "";
        for (const delta of deltas) text += encoder.push([{ type: "text", choice: 0, part: 0, text: delta }]);
        text += encoder.push([{ type: "finish", choice: 0, reason: "stop", raw: null }]) + encoder.end(null, free);
        const chunks = chunksOf(text) as { candidates: { content: { parts: { text: string }[] } }[] }[];
        const texts = chunks.map(({ candidates }) => candidates[0]?.content.parts[0]?.text);
        expect(texts.every((piece) => piece !== "")).toBe(true);
        expect(texts.join("")).toBe(deltas.join(""));
      }),
      runs,
    );
  });

  it("is passed on to Google without what other vendors signed", () => {
    const target = { providerId: "google", model: "gemini-3-pro", traits: {} };
    fc.assert(
      fc.property(answerParts, (parts) => {
        const contents = [hello, written(parts)];
        const { set } = gemini.edits({ contents }, target);
        const sent = JSON.stringify(set.contents ?? contents);
        expect(sent).not.toContain("eyJ0cCI6MSwi");
        for (const part of parts) {
          if ("text" in part && part.text !== "") expect(sent).toContain(JSON.stringify(part.text).slice(1, -1));
          if ("signature" in part && part.signature?.vendor === "google") expect(sent).toContain(part.signature.value);
        }
      }),
      runs,
    );
  });

  it("that only Google signed is passed on byte by byte", () => {
    const target = { providerId: "google", model: "gemini-3-pro", traits: {} };
    const contents = [hello, { role: "model", parts: [{ text: "Hi", thoughtSignature: "c2ln" }] }];
    expect(gemini.edits({ contents, models: ["a"] }, target)).toEqual({ set: {}, remove: ["models"] });
  });
});

describe("usage", () => {
  it("is the same totals after it was written as Gemini's and read again", () => {
    fc.assert(
      fc.property(usage, (counters) => {
        const body = geminiServer.write(completionOf([], { usage: counters }), context, { usd: "0.25" });
        const read = gemini.usage(JSON.parse(JSON.stringify(body)));
        const {
          cacheWriteTokens = 0,
          inputTokens,
          acceptedPredictionTokens,
          rejectedPredictionTokens,
          ...rest
        } = counters;
        expect(read).toEqual({ ...rest, inputTokens: inputTokens + cacheWriteTokens });
        expect(body.usageMetadata).toMatchObject({ cost: 0.25 });
      }),
      runs,
    );
  });

  it("comes with the finish, in the last chunk", () => {
    const encoder = geminiServer.stream(context);
    const text = encoder.push(eventsOf([{ type: "text", text: "Hello" }], 2));
    expect(text).not.toContain("finishReason");
    const last = framesOf(encoder.end({ inputTokens: 1, outputTokens: 2 }, { usd: "0.5" }));
    expect(last.map(({ data }) => JSON.parse(data))).toEqual([
      {
        candidates: [{ content: { role: "model", parts: [{ text: "o" }] }, index: 0, finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3, cost: 0.5 },
        createTime: "1970-01-01T00:00:01.000Z",
        modelVersion: "m1",
        responseId: "c1",
      },
    ]);
  });
});
