import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Mode } from "./answers.ts";
import { type Recording, recordings } from "./recordings.ts";
import { type Replay, refusedUrl, startReplay } from "./replay.ts";

let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

const stream = recordings("openai", { dialect: "openai-chat", stream: true })[0] as Recording;
const whole = recordings("openai", { dialect: "openai-chat", stream: false })[0] as Recording;
const bodyOf = (recording: Recording) => Buffer.from(recording.response);

interface Got {
  readonly status: number | null;
  readonly chunks: readonly Buffer[];
  /** Whether the body came to its end. */
  readonly complete: boolean;
}

function post(url: string, body = "{}"): Promise<Got> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: "POST", agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => undefined);
      response.on("close", () => resolve({ status: response.statusCode ?? null, chunks, complete: response.complete }));
    });
    outgoing.on("error", () => resolve({ status: null, chunks: [], complete: false }));
    outgoing.end(body);
  });
}

const serve = (recording: Recording, mode: Mode) =>
  post(`${replay.serve(recording, { mode, match: () => false }).url}/v1/chat/completions`);
const joined = ({ chunks }: Got) => Buffer.concat(chunks).toString();

describe("the replay upstream serves a recording", () => {
  it.each<Mode>([{ kind: "whole" }, { kind: "cut", seed: 1 }, { kind: "slow", seed: 1, cuts: 3, pauseMs: 1 }])(
    "unchanged when it is served $kind",
    async (mode) => {
      const got = await serve(stream, mode);
      expect(got).toMatchObject({ status: 200, complete: true });
      expect(joined(got)).toBe(stream.response);
      expect(got.chunks.length > 1).toBe(mode.kind !== "whole");
    },
  );

  it("not at all when the connection breaks before the headers", async () => {
    expect(await serve(stream, { kind: "reset-before-headers" })).toMatchObject({ status: null });
  });

  it("without a body when the connection breaks after the headers", async () => {
    expect(await serve(stream, { kind: "reset-after-headers" })).toMatchObject({ chunks: [], complete: false });
  });

  it("up to a byte when the connection is closed there", async () => {
    const got = await serve(stream, { kind: "break-off", atByte: 100, by: "close" });
    expect(got.complete).toBe(false);
    expect(joined(got)).toBe(bodyOf(stream).subarray(0, 100).toString());
  });

  it("up to a byte at most when the connection is reset there", async () => {
    const got = await serve(stream, { kind: "break-off", atByte: 100, by: "reset" });
    expect(got.complete).toBe(false);
    expect(bodyOf(stream).subarray(0, 100).toString()).toContain(joined(got));
  });

  it("up to a byte, as if it were complete, when it ends there", async () => {
    const got = await serve(stream, { kind: "break-off", atByte: 100, by: "end" });
    expect(got.complete).toBe(true);
    expect(joined(got)).toBe(bodyOf(stream).subarray(0, 100).toString());
  });

  it("with JSON that can't be parsed when it is malformed", async () => {
    const got = await serve(whole, { kind: "malformed" });
    expect(() => JSON.parse(joined(got))).toThrow();
  });

  it("with one frame more, which is not JSON, when its stream is malformed", async () => {
    const text = joined(await serve(stream, { kind: "malformed", atByte: 10 }));
    expect(text.replace('data: {"spoiled": \n\n', "")).toBe(stream.response);
    expect(text.indexOf("spoiled")).toBeGreaterThan(10);
  });

  it("under another status, with headers and a body of the test's choice", async () => {
    const got = await serve(whole, { kind: "status", status: 429, headers: { "retry-after": "7" }, body: "{}" });
    expect(got).toMatchObject({ status: 429, complete: true });
    expect(joined(got)).toBe("{}");
  });
});

describe("the replay upstream tells what it saw", () => {
  it("the request as it came, and that the upstream ended the exchange", async () => {
    const exchange = replay.serve(whole, { match: ({ path }) => path === "/v1/chat/completions?x=1" });
    await post(`${replay.url}/v1/chat/completions?x=1`, '{"model":"m"}');
    expect(await exchange.received).toMatchObject({ method: "POST", body: '{"model":"m"}' });
    expect(await exchange.ended).toMatchObject({ by: "upstream", sentBytes: bodyOf(whole).length });
  });

  it.each<Mode>([{ kind: "hang-before-headers" }, { kind: "hang-at", atByte: 50 }])(
    "that the client went while it hung ($kind)",
    async (mode) => {
      const exchange = replay.serve(stream, { mode });
      const outgoing = request(`${exchange.url}/`, { method: "POST", agent: false });
      outgoing.on("error", () => undefined);
      outgoing.on("response", (response) => response.on("error", () => undefined));
      outgoing.end("{}");
      await exchange.received;
      if (mode.kind === "hang-at")
        await new Promise((resolve) => outgoing.on("response", (r) => r.once("data", resolve)));
      outgoing.destroy();
      expect(await exchange.ended).toMatchObject({ by: "client", sentBytes: mode.kind === "hang-at" ? 50 : 0 });
    },
  );

  it("answers many requests at once, each with its own recording", async () => {
    const all = recordings("openai", { dialect: "openai-chat", stream: true });
    const texts = await Promise.all(all.map(async (one, seed) => joined(await serve(one, { kind: "cut", seed }))));
    expect(texts).toEqual(all.map(({ response }) => response));
  });

  it("a request that nothing waits for is answered with 501", async () => {
    expect(replay.clear()).toBeGreaterThanOrEqual(0);
    expect(await post(`${replay.url}/v1/nothing`)).toMatchObject({ status: 501 });
  });
});

it("a script decides piece by piece, and sees the request", async () => {
  const exchange = replay.script(async function* ({ body }) {
    yield `data: ${body}\n\n`;
    yield { kind: "wait", ms: 1 };
    yield "data: [DONE]\n\n";
  });
  const got = await post(`${exchange.url}/v1/chat/completions`, "hello");
  expect(got).toMatchObject({ status: 200, complete: true });
  expect(joined(got)).toBe("data: hello\n\ndata: [DONE]\n\n");
});

it("at a refused URL nothing listens", async () => {
  expect(await post(await refusedUrl())).toMatchObject({ status: null });
});
