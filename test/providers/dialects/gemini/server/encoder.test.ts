// Streams that Turnpike writes: what Google's SDK does with a waiting, a failing and a whole one, as SSE and as an array.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, type Content, GoogleGenAI } from "@google/genai";
import { describe, expect, it } from "vitest";
import type { CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import type { ErrorView } from "../../../../../providers/dialects/dialect.ts";
import { createArrayFramer, gemini, geminiServer } from "../../../../../providers/dialects/gemini/index.ts";
import { completionOf, eventsOf } from "../../../../support/neutral/answers.ts";
import { chunksOf, context, framesOf, free } from "./writing.ts";

const broken: ErrorView = { status: 502, code: "upstream_error", message: "It broke.", param: null, requestId: "r1" };
const delta = (text: string, part = 0): CompletionEvent => ({ type: "text", choice: 0, part, text });
const finish: CompletionEvent = { type: "finish", choice: 0, reason: "stop", raw: null };

/** Serves these pieces one after the other, and gives a client of them. */
async function serving<T>(
  pieces: readonly string[],
  use: (sdk: GoogleGenAI, asked: unknown[]) => Promise<T>,
): Promise<T> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes) => {
      body += bytes;
    });
    request.on("end", () => {
      asked.push(JSON.parse(body));
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const piece of pieces) response.write(piece);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use(new GoogleGenAI({ apiKey: "test", httpOptions: { baseUrl: `http://127.0.0.1:${port}` } }), asked);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function hello(): string[] {
  const encoder = geminiServer.stream(context);
  const start: CompletionEvent = { type: "start", id: "c1", model: "m", createdS: null };
  const usage = { inputTokens: 1, outputTokens: 2 };
  return [
    encoder.push([start, delta("Hel")]),
    encoder.push([delta("lo")]),
    encoder.push([finish]),
    encoder.end(usage, free),
  ];
}

/** `@google/generative-ai` takes frames from the very beginning of what it has not read yet (`processStream`). */
function readByElderSdk(text: string): unknown[] {
  const chunks: unknown[] = [];
  let rest = text;
  for (let match = /^data: (.*)(?:\n\n|\r\r|\r\n\r\n)/.exec(rest); match !== null; ) {
    chunks.push(JSON.parse(match[1] ?? ""));
    rest = rest.slice(match[0].length);
    match = /^data: (.*)(?:\n\n|\r\r|\r\n\r\n)/.exec(rest);
  }
  if (rest.trim() !== "") throw new Error("Failed to parse stream");
  return chunks;
}

describe("a stream that waits", () => {
  const pieces = [geminiServer.keepAlive, geminiServer.keepAlive, ...hello()];

  it("is to the official SDK as if it had not", async () => {
    const texts = await serving(pieces, async (sdk) => {
      const seen: string[] = [];
      for await (const chunk of await sdk.models.generateContentStream({ model: "m", contents: "Hi" })) {
        seen.push(chunk.text ?? "");
      }
      return seen;
    });
    expect(texts.join("")).toBe("Hello");
  });

  it("stays in the history of a chat, and comes back as one answer", async () => {
    const { history, asked } = await serving(pieces, async (sdk, bodies) => {
      const chat = sdk.chats.create({ model: "m" });
      for (let turn = 0; turn < 2; turn += 1) {
        for await (const _ of await chat.sendMessageStream({ message: "Hi" }));
      }
      return { history: chat.getHistory(true), asked: bodies };
    });
    expect(history.filter(({ role }: Content) => role === "user").length).toBe(2);
    const read = geminiServer.read(asked[1] as Record<string, unknown>);
    expect(read).toMatchObject({
      messages: [{ role: "user" }, { role: "assistant", content: [{ type: "text", text: "Hello" }] }, { role: "user" }],
    });
  });

  it("is read by the elder SDK, which a comment would stop", () => {
    expect(readByElderSdk(pieces.join("")).length).toBe(5);
    expect(() => readByElderSdk(`: keep-alive\n\n${hello().join("")}`)).toThrow("Failed to parse");
  });

  it("says nothing to Turnpike as another Turnpike's client", () => {
    const watcher = gemini.watch();
    const [frame] = framesOf(geminiServer.keepAlive);
    expect(frame && watcher.glance(frame)).toEqual({ kind: "preamble" });
  });
});

describe("a stream that fails", () => {
  const encoder = geminiServer.stream(context);
  const text =
    encoder.push([delta("Hello"), { type: "tool-call", choice: 0, part: 1, id: "call_1", name: "look" }]) +
    encoder.push([{ type: "tool-arguments", choice: 0, part: 1, delta: '{"a":' }]) +
    encoder.fail(broken);

  it("throws the official SDK's ApiError with its status, after what came", async () => {
    const seen: string[] = [];
    const error = await serving([text], async (sdk) => {
      try {
        for await (const chunk of await sdk.models.generateContentStream({ model: "m", contents: "Hi" })) {
          seen.push(chunk.text ?? "");
        }
        return null;
      } catch (thrown) {
        return thrown;
      }
    });
    expect(seen.join("")).toBe("Hello");
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(502);
    expect((error as ApiError).message).toContain("It broke.");
  });

  it("does not tell of a call whose arguments did not all come", () => {
    expect(text).not.toContain("functionCall");
    expect(text).not.toContain("finishReason");
  });

  it("is a failure to Turnpike as another Turnpike's client", () => {
    const decoder = gemini.stream();
    const events = framesOf(text).flatMap((frame) => decoder.push(frame));
    expect(events.at(-1)).toMatchObject({ type: "error", failure: { kind: "overloaded", code: "upstream_error" } });
  });
});

describe("a function call", () => {
  it("comes whole, with the finish, however its arguments came", () => {
    const encoder = geminiServer.stream(context);
    const call = (part: number, id: string): CompletionEvent => ({
      type: "tool-call",
      choice: 0,
      part,
      id,
      name: "look",
    });
    const args = (part: number, text: string): CompletionEvent => ({
      type: "tool-arguments",
      choice: 0,
      part,
      delta: text,
    });
    const first = encoder.push([
      call(0, "a"),
      args(0, '{"x"'),
      call(1, "b"),
      args(1, '{"y":'),
      args(0, ":1}"),
      args(1, "2}"),
    ]);
    const last = encoder.push([{ ...finish, reason: "tool-calls" }]) + encoder.end(null, free);
    expect(first).toBe("");
    expect(chunksOf(last)).toMatchObject([
      {
        candidates: [
          {
            content: {
              parts: [
                { functionCall: { id: "a", name: "look", args: { x: 1 } } },
                { functionCall: { id: "b", name: "look", args: { y: 2 } } },
              ],
            },
            finishReason: "STOP",
          },
        ],
      },
    ]);
  });

  it("goes out before text that follows it", () => {
    const encoder = geminiServer.stream(context);
    const text = encoder.push([
      { type: "tool-call", choice: 0, part: 0, id: "a", name: "look" },
      { type: "tool-arguments", choice: 0, part: 0, delta: "{}" },
      delta("So", 1),
    ]);
    expect(chunksOf(text)).toMatchObject([
      { candidates: [{ content: { parts: [{ functionCall: { id: "a" } }, {}] } }] },
    ]);
  });

  it("whose arguments are no JSON keeps them", () => {
    const body = geminiServer.write(
      completionOf([{ type: "tool-call", id: "a", name: "look", arguments: '{"a": ' }]),
      context,
      free,
    );
    expect(body).toMatchObject({
      candidates: [{ content: { parts: [{ functionCall: { args: { INVALID_JSON: '{"a": ' } } }] } }],
    });
  });
});

describe("a stream as one array", () => {
  const parse = (pieces: readonly string[]) => JSON.parse(pieces.join("")) as unknown[];

  it("holds the same chunks, kept alive by white space", () => {
    const framer = createArrayFramer();
    const pieces = [geminiServer.keepAlive, ...hello()];
    const array = [...pieces.map((piece) => framer.push(piece)), framer.end()];
    expect(array[0]?.trim()).toBe("");
    expect(parse(array)).toEqual(chunksOf(hello().join("")));
  });

  it("ends as an array when it fails", () => {
    const framer = createArrayFramer();
    const array = [framer.push(hello()[0] ?? ""), framer.push(geminiServer.stream(context).fail(broken)), framer.end()];
    expect(parse(array).at(-1)).toEqual(geminiServer.error(broken));
  });

  it("takes the frames of a passed-through stream as they are", () => {
    const framer = createArrayFramer();
    expect([framer.element('{"a": 1.0}'), framer.element("{}"), framer.end()].join("")).toBe('[{"a": 1.0},\r\n{}]');
    expect(createArrayFramer().end()).toBe("[]");
  });
});

describe("an answer", () => {
  it("of several choices has each under its number", () => {
    const encoder = geminiServer.stream(context);
    const other = { choice: 1, part: 0 };
    const text =
      encoder.push([delta("Hello"), { type: "text", ...other, text: "Bonjour" }]) +
      encoder.push([finish, { ...finish, choice: 1, reason: "length" }]) +
      encoder.end(null, free);
    expect(chunksOf(text)).toMatchObject([
      { candidates: [{ index: 0 }] },
      { candidates: [{ index: 1 }] },
      {
        candidates: [
          { index: 0, finishReason: "STOP" },
          { index: 1, finishReason: "MAX_TOKENS" },
        ],
      },
    ]);
  });

  it.each([
    ["stop", "STOP", "STOP"],
    ["stop", "end_turn", "STOP"],
    ["stop", "COMPLETE", "STOP"],
    ["tool-calls", "tool_calls", "STOP"],
    ["length", "max_tokens", "MAX_TOKENS"],
    ["content-filter", "RECITATION", "RECITATION"],
    ["content-filter", "refusal", "SAFETY"],
    ["error", "MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL"],
    ["error", null, "OTHER"],
  ] as const)("that ended with %s (%s) ends with %s", (reason, raw, word) => {
    const choices = [{ index: 0, content: [], finish: reason, rawFinish: raw, logprobs: null }];
    expect(geminiServer.write(completionOf([], { choices }), context, free)).toMatchObject({
      candidates: [{ finishReason: word }],
    });
  });

  it("that is a refusal says so", () => {
    const body = geminiServer.write(completionOf([{ type: "refusal", text: "No." }]), context, free);
    expect(body).toMatchObject({ candidates: [{ content: { parts: [{ text: "No." }] }, finishReason: "SAFETY" }] });
  });

  it("tells sources by bytes of UTF-8, whole or streamed", () => {
    const citation = { kind: "url", url: "https://a.example/", title: "A", startIndex: 3, endIndex: 7 } as const;
    const grounding = {
      groundingChunks: [{ web: { uri: "https://a.example/", title: "A" } }],
      groundingSupports: [{ segment: { startIndex: 6, endIndex: 10, text: "fact" }, groundingChunkIndices: [0] }],
    };
    const body = geminiServer.write(
      completionOf([{ type: "text", text: "é– fact", citations: [citation] }]),
      context,
      free,
    );
    expect(body).toMatchObject({ candidates: [{ groundingMetadata: grounding }] });
    const encoder = geminiServer.stream(context);
    encoder.push([delta("é– fact"), { type: "citation", choice: 0, part: 0, citation }, finish]);
    expect(chunksOf(encoder.end(null, free))).toMatchObject([{ candidates: [{ groundingMetadata: grounding }] }]);
    const decoded = gemini.decode(JSON.parse(JSON.stringify(body)));
    expect(decoded).toMatchObject({ choices: [{ content: [{ citations: [{ startIndex: 3, endIndex: 7 }] }] }] });
  });

  it("tells log probabilities", () => {
    const token = {
      token: "Hi",
      logprob: -0.5,
      bytes: null,
      top_logprobs: [{ token: "Ho", logprob: -1, bytes: null }],
    };
    const logprobs = { content: [token], refusal: null };
    const told = {
      chosenCandidates: [{ token: "Hi", logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: "Ho" }] }],
    };
    const choices = [{ index: 0, content: [], finish: "stop", rawFinish: null, logprobs } as const];
    const whole = { candidates: [{ logprobsResult: told, avgLogprobs: -0.5 }] };
    expect(geminiServer.write(completionOf([], { choices }), context, free)).toMatchObject(whole);
    const text = geminiServer.stream(context).push([delta("Hi"), { type: "logprobs", choice: 0, logprobs }]);
    expect(chunksOf(text)).toMatchObject([whole]);
  });

  it("is told its cost where a frame has usage, and nowhere else", () => {
    const frame = 'data: {"candidates": [], "usageMetadata": {"promptTokenCount": 1}}\n\n';
    expect(geminiServer.withCost(frame, "0.25")).toBe(
      'data: {"candidates": [], "usageMetadata": {"cost":0.25,"promptTokenCount": 1}}\n\n',
    );
    const plain = 'data: {"candidates": [{"text": "\\"usageMetadata\\": {"}]}\n\n';
    expect(geminiServer.withCost(plain, "0.25")).toBe(plain);
    const priced = 'data: {"usageMetadata":{"cost":9}}\n\n';
    expect(geminiServer.withCost(priced, "0.25")).toBe('data: {"usageMetadata":{"cost":0.25}}\n\n');
  });

  it("has its parts in order when it was streamed, calls and pictures among the words", () => {
    const parts = [
      { type: "text", text: "One" },
      { type: "output-image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } },
      { type: "text", text: "Two" },
    ] as const;
    const encoder = geminiServer.stream(context);
    const chunks = chunksOf(encoder.push(eventsOf(parts, 5)) + encoder.end(null, free));
    const seen = chunks.flatMap(
      ({ candidates }) => (candidates as { content: { parts: object[] } }[])[0]?.content.parts,
    );
    expect(seen.map((part) => Object.keys(part ?? {})[0])).toEqual(["text", "inlineData", "text", "text"]);
  });
});

describe("an error", () => {
  it.each([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [402, "FAILED_PRECONDITION"],
    [403, "PERMISSION_DENIED"],
    [404, "NOT_FOUND"],
    [413, "INVALID_ARGUMENT"],
    [429, "RESOURCE_EXHAUSTED"],
    [500, "INTERNAL"],
    [502, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
  ])("of status %i is %s", (status, word) => {
    const error = geminiServer.error({ ...broken, status, param: "contents[0].parts[1].inline_data" });
    expect(error).toEqual({
      error: {
        code: status,
        message: "It broke.",
        status: word,
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason: "upstream_error",
            domain: "turnpike",
            metadata: { request_id: "r1" },
          },
          {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            fieldViolations: [{ field: "contents[0].parts[1].inline_data", description: "It broke." }],
          },
        ],
      },
    });
  });
});
