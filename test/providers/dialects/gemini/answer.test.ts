import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../../providers/dialects/completion.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { user } from "../../../support/neutral/conversations.ts";
import { answer, choiceOf, completionOf, decoded, failureOf, partsFrom } from "./answers.ts";
import { contentsOf } from "./conversations.ts";
import { asFrames, frameOf, framesOf, named, streams, wholes } from "./gemini-recordings.ts";

describe("finish reasons", () => {
  it.each<[string, FinishReason]>([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["CONTINUATION", "length"],
    ["SAFETY", "content-filter"],
    ["RECITATION", "content-filter"],
    ["BLOCKLIST", "content-filter"],
    ["PROHIBITED_CONTENT", "content-filter"],
    ["SPII", "content-filter"],
    ["IMAGE_SAFETY", "content-filter"],
    ["MODEL_ARMOR", "content-filter"],
    ["MALFORMED_FUNCTION_CALL", "error"],
    ["UNEXPECTED_TOOL_CALL", "error"],
    ["OTHER", "stop"],
    ["A_NEW_ONE", "stop"],
  ])("%s is %s, whole and streamed", (finishReason, finish) => {
    expect(choiceOf({ content: { parts: [{ text: "x" }] }, finishReason })).toMatchObject({
      finish,
      rawFinish: finishReason,
    });
    expect(decoded([frameOf(answer({ finishReason }))])).toContainEqual({
      type: "finish",
      choice: 0,
      reason: finish,
      raw: finishReason,
    });
  });

  it.each<[number, string, FinishReason]>([
    [0, "FINISH_REASON_UNSPECIFIED", "stop"],
    [1, "STOP", "stop"],
    [2, "MAX_TOKENS", "length"],
    [3, "SAFETY", "content-filter"],
    [4, "RECITATION", "content-filter"],
    [5, "OTHER", "stop"],
    [6, "BLOCKLIST", "content-filter"],
    [7, "PROHIBITED_CONTENT", "content-filter"],
    [8, "SPII", "content-filter"],
    [9, "MALFORMED_FUNCTION_CALL", "error"],
    [10, "MODEL_ARMOR", "content-filter"],
    [11, "IMAGE_SAFETY", "content-filter"],
    [12, "IMAGE_PROHIBITED_CONTENT", "content-filter"],
    [13, "IMAGE_RECITATION", "content-filter"],
    [14, "IMAGE_OTHER", "error"],
    [15, "UNEXPECTED_TOOL_CALL", "error"],
    [16, "NO_IMAGE", "error"],
    [99, "99", "stop"],
  ])("the number %i is Vertex's %s, whole and streamed", (finishReason, rawFinish, finish) => {
    expect(choiceOf({ content: { parts: [{ text: "x" }] }, finishReason })).toMatchObject({ finish, rawFinish });
    expect(decoded([frameOf(answer({ finishReason }))])).toContainEqual(
      expect.objectContaining({ type: "finish", reason: finish, raw: rawFinish }),
    );
  });

  it("STOP after a function call is a tool call, wherever in the stream it was", () => {
    const call = { content: { parts: [{ functionCall: { name: "f", args: {} } }] } };
    const end = { content: { parts: [{ text: "" }] }, finishReason: "STOP" };
    expect(choiceOf({ ...call, finishReason: "STOP" }).finish).toBe("tool-calls");
    expect(choiceOf({ ...call, finishReason: "MAX_TOKENS" }).finish).toBe("length");
    expect(decoded([frameOf(answer(call)), frameOf(answer(end))]).at(-1)).toEqual({
      type: "finish",
      choice: 0,
      reason: "tool-calls",
      raw: "STOP",
    });
  });

  it("a blocked prompt is an answer that a filter ended", () => {
    const blocked = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 4 } };
    expect(completionOf(gemini.decode(blocked))).toMatchObject({
      choices: [{ index: 0, content: [], finish: "content-filter", rawFinish: "PROHIBITED_CONTENT" }],
      usage: { inputTokens: 4, outputTokens: 0 },
    });
    expect(decoded([frameOf(blocked)]).map(({ type }) => type)).toEqual(["start", "finish", "usage"]);
  });
});

describe("answers that are failures", () => {
  const error = { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." };

  it.each([
    ["an error", { error }],
    ["an error in an array", [{ error }]],
  ])("%s with status 200", (_, body) => {
    expect(failureOf(gemini.decode(body))).toMatchObject({ kind: "overloaded", status: null, message: error.message });
  });

  it.each([[null], ["text"], [{}], [[]], [{ candidates: [] }], [{ candidates: "none" }]])(
    "%o is not an answer",
    (body) => {
      expect(failureOf(gemini.decode(body)).kind).toBe("protocol");
    },
  );

  it("an error inside a stream ends it", () => {
    const decoder = gemini.stream();
    decoder.push(frameOf(answer({ content: { parts: [{ text: "Hel" }] } })));
    expect(decoder.push(frameOf({ error }))).toMatchObject([{ type: "error", failure: { kind: "overloaded" } }]);
    expect(decoder.push(frameOf(answer({ finishReason: "STOP" })))).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it("a stream that stops before a finish reason is a protocol failure, at every place", () => {
    for (const recording of streams) {
      const frames = framesOf(recording);
      const finishes = frames.findIndex(({ data }) => data.includes('"finishReason"'));
      for (let cut = 0; cut <= finishes; cut += 1) {
        expect(decoded(frames.slice(0, cut)).at(-1)).toMatchObject({ type: "error", failure: { kind: "protocol" } });
      }
    }
  });

  it("a frame that is not JSON is a protocol failure", () => {
    expect(decoded([{ event: null, data: "{" }])).toMatchObject([{ type: "error", failure: { kind: "protocol" } }]);
  });

  it.each([["operations[0]"], ["$"], ["$.a[99999999]"], ["$.a..b"], [".a"]])(
    "a piece of arguments for %s is a protocol failure",
    (jsonPath) => {
      const functionCall = { name: "f", partialArgs: [{ jsonPath, stringValue: "x" }], willContinue: true };
      expect(decoded([frameOf(answer({ content: { parts: [{ functionCall }] } }))]).at(-1)).toMatchObject({
        type: "error",
        failure: { kind: "protocol" },
      });
    },
  );
});

describe("calls", () => {
  const parts = [
    { functionCall: { name: "f", args: { a: 1 } }, thoughtSignature: "c2ln" },
    { functionCall: { name: "g" } },
    { functionCall: { name: "h", args: {}, id: "own" } },
  ];

  it("a call without an id gets one that the same answer always gives, whole or streamed", () => {
    const whole = choiceOf({ content: { parts }, finishReason: "STOP" }).content;
    expect(whole).toEqual([
      {
        type: "tool-call",
        id: "call_R-1_x_0",
        name: "f",
        arguments: '{"a":1}',
        signature: { vendor: "google", value: "c2ln" },
      },
      { type: "tool-call", id: "call_R-1_x_1", name: "g", arguments: "{}" },
      { type: "tool-call", id: "own", name: "h", arguments: "{}" },
    ]);
    const frames = parts.map((part, at) =>
      frameOf(answer({ content: { parts: [part] }, ...(at === 2 ? { finishReason: "STOP" } : {}) })),
    );
    expect(partsFrom(decoded(frames))).toEqual(whole);
  });

  it("calls of several choices have ids of their own", () => {
    const candidates = [0, 1].map((index) => ({ index, content: { parts: [{ functionCall: { name: "f" } }] } }));
    const ids = completionOf(gemini.decode(answer(...candidates))).choices.map(({ content }) => content[0]);
    expect(ids).toMatchObject([{ id: "call_R-1_x_0" }, { id: "call_R-1_x_1_0" }]);
  });

  it("without a response id the call's own words make the id", () => {
    const recording = named("test_openai-test_multiple_agent_tool_calls.0");
    const [choice] = completionOf(gemini.decode(JSON.parse(recording.response))).choices;
    expect(choice?.content).toMatchObject([{ name: "get_capital", id: expect.stringMatching(/^call_[0-9a-z]+_0$/) }]);
  });

  it("ids fit every provider's pattern", () => {
    for (const recording of wholes) {
      for (const choice of completionOf(gemini.decode(JSON.parse(recording.response))).choices) {
        for (const part of choice.content)
          if (part.type === "tool-call") expect(part.id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      }
    }
  });
});

describe("parts", () => {
  it("pieces of a kind are one part, a change of kind opens the next, a signature closes it", () => {
    const pieces = [
      { text: "Hm", thought: true },
      { text: ".", thought: true },
      { text: "Yes" },
      { text: ", " },
      { executableCode: { code: "1" } },
      { text: "sir" },
      { text: "", thoughtSignature: "c2ln" },
      { text: "" },
      { inlineData: { mimeType: "image/png", data: "AA==" }, thoughtSignature: "cGlj" },
      { inlineData: { mimeType: "audio/L16;rate=24000", data: "AAA=" } },
      { inlineData: { mimeType: "audio/L16;rate=24000", data: "BBB=" } },
      { inlineData: { mimeType: "video/mp4", data: "AA==" } },
    ];
    const frames = [
      ...pieces.map((part) => frameOf(answer({ content: { parts: [part] } }))),
      frameOf(answer({ finishReason: "STOP" })),
    ];
    const events = decoded(frames);
    expect(partsFrom(events)).toEqual([
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Yes, " },
      { type: "text", text: "sir" },
      { type: "text", text: "", signature: { vendor: "google", value: "c2ln" } },
      { type: "output-image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } },
      { type: "output-audio", id: "audio_R-1_x_5", data: "AAA=BBB=", transcript: "", expiresAtS: null },
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "image", signature: { vendor: "google", value: "cGlj" } }),
    );
  });

  it("what Gemini said, given back, is what it said: every part with its signature", () => {
    for (const recording of [...wholes, ...streams]) {
      const chunks = framesOf(asFrames(recording));
      const content = partsFrom(decoded(chunks));
      const turns = contentsOf([user("?"), { role: "assistant", content }], "gemini-2.5-flash") as {
        parts: object[];
      }[];
      const original = spoken(chunks.map(({ data }) => JSON.parse(data)));
      const pieced = new Set(original.flatMap(({ functionCall: call }) => (call?.willContinue ? [call.name] : [])));
      expect(comparable(turns[1]?.parts ?? [], pieced)).toEqual(comparable(original, pieced));
    }
  });
});

interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { name?: string; args?: object; id?: string; willContinue?: boolean };
}

/** The parts as Gemini sent them, unsigned neighbours of a kind joined, parts without a neutral form left out. */
function spoken(chunks: readonly { candidates?: { content?: { parts?: Part[] } }[] }[]): Part[] {
  const parts: Part[] = [];
  let joinable = false;
  for (const part of chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? [])) {
    const last = parts.at(-1);
    if (part.functionCall?.name !== undefined) parts.push(part);
    if (part.text === undefined) {
      joinable = false;
      continue;
    }
    if (part.text === "" && part.thoughtSignature === undefined) continue;
    if (joinable && part.thoughtSignature === undefined && last?.thought === part.thought && last?.text !== undefined)
      last.text += part.text;
    else parts.push({ ...part });
    joinable = part.thoughtSignature === undefined;
  }
  return parts;
}

/** Ids are ours where Gemini gave none, and arguments that it sent in pieces are put together in tests of their own. */
function comparable(parts: readonly Part[], pieced: ReadonlySet<string | undefined>): object[] {
  return parts.map(({ functionCall, ...part }) => {
    if (functionCall === undefined) return part;
    const { name, args } = functionCall;
    return { ...part, functionCall: { name, args: pieced.has(name) ? "pieces" : (args ?? {}) } };
  });
}

describe("the rest of an answer", () => {
  it("log probabilities are OpenAI's", () => {
    const recording = named("test-google-vertex-logprobs-from-provider-details");
    expect(completionOf(gemini.decode(JSON.parse(recording.response))).choices[0]?.logprobs).toEqual({
      content: [
        {
          token: "Hello",
          logprob: -0.0000067947026,
          bytes: null,
          top_logprobs: [
            { token: "Hello", logprob: -0.0000067947026, bytes: null },
            { token: '"', logprob: -12.196156, bytes: null },
          ],
        },
      ],
      refusal: null,
    });
  });

  it("Vertex says when, AI Studio says which tier", () => {
    const vertex = completionOf(
      gemini.decode(JSON.parse(named("chat-pdf-models-vertexai-gemini-2-5-flash-understands-pdfs-3").response)),
    );
    expect(vertex.createdS).toBe(Date.parse("2026-08-19T14:40:19Z") / 1000);
    const studio = completionOf(
      gemini.decode(JSON.parse(named("test_google-test_google_model_gemini_3_5_flash.0").response)),
    );
    expect(studio).toMatchObject({ createdS: null, serviceTier: "default" });
  });

  it("choices without numbers are numbered as they come, a missing number among others is 0", () => {
    const of = (...candidates: object[]) =>
      completionOf(gemini.decode(answer(...candidates))).choices.map(({ index }) => index);
    expect(of({}, {})).toEqual([0, 1]);
    expect(of({ index: 1 }, {})).toEqual([1, 0]);
  });
});
