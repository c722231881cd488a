// What a client sees when a provider fails, by fault and by stage; and what the ledger then says.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Script } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Recording, recordings } from "../support/recordings.ts";
import { type Replay, refusedUrl, startReplay } from "../support/replay.ts";

const primary = "openai/gpt-4o";
const fallback = "anthropic/claude-sonnet-4-5";

let replay: Replay;
let gateway: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "400",
      TURNPIKE_IDLE_TIMEOUT_MS: "400",
    },
  });
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const stream = pick("openai", { stream: true });
const anthropicWhole = pick("anthropic", { stream: false });
const anthropicStream = pick("anthropic", { stream: true });

const toOpenAI = (request: { path: string }) => request.path.startsWith("/v1/chat/");
const toAnthropic = (request: { path: string }) => request.path.startsWith("/v1/messages");

/** Faults that come before any content: another deployment takes over, and the client never knows. */
const early: Record<string, Script> = {
  "a connection reset before the headers": () => [{ kind: "reset" }],
  "a connection reset after the headers": () => [head(200, "text/event-stream"), { kind: "reset" }],
  "no answer in time": () => [{ kind: "hang" }],
  "429 with retry-after": () => [
    head(429, "application/json", { "retry-after": "7" }),
    openaiError("rate_limit_exceeded"),
  ],
  "401 for our credential": () => [head(401, "application/json"), openaiError("invalid_api_key")],
  "500": () => [head(500, "text/html"), "<html>Internal Server Error</html>"],
  "502 without a body": () => [head(502, "text/plain")],
  "503": () => [head(503, "application/json"), openaiError("overloaded")],
  "529": () => [head(529, "application/json"), openaiError("overloaded")],
  "a redirect": () => [head(302, "text/plain", { location: "http://127.0.0.1:1/" })],
  "JSON that is cut": () => [head(200, "application/json"), '{"id":"x","choices":[{"ind'],
  "a success that holds an error": () => [head(200, "application/json"), openaiError("server_error")],
  "an answer that ends at once": () => [head(200, "text/event-stream")],
};

describe.each([{ streamed: false }, { streamed: true }])(
  "before the first content (stream: $streamed)",
  ({ streamed }) => {
    test.each(Object.entries(early))("%s moves on to the next deployment, unseen", async (_name, script) => {
      replay.script(script, { match: toOpenAI });
      replay.serve(streamed ? anthropicStream : anthropicWhole, { match: toAnthropic });
      const { text, response } = await ask({ models: [fallback], stream: streamed });
      expect(text.length).toBeGreaterThan(0);
      expect(response.headers.get("x-turnpike-attempts")).toBe("2");
      expect(response.headers.get("x-turnpike-provider")).toBe("anthropic");
      const generation = await settled(response.headers.get("x-request-id"));
      expect(generation.status).toBe("completed");
      expect(generation.attempts.map((attempt) => attempt.provider)).toEqual(["openai", "anthropic"]);
      expect(generation.attempts[0]?.result).not.toBe("ok");
      expect(generation.attempts[1]?.result).toBe("ok");
      expect(generation.usage?.output_tokens).toBeGreaterThan(0);
    });
  },
);

describe("when nothing is left to try", () => {
  test.each([
    ["429 with retry-after", 429, "rate_limit_exceeded"],
    ["401 for our credential", 502, "upstream_error"],
    ["500", 502, "upstream_error"],
    ["503", 503, "upstream_error"],
    ["no answer in time", 504, "upstream_timeout"],
    ["a connection reset before the headers", 502, "upstream_error"],
    ["JSON that is cut", 502, "upstream_invalid_response"],
  ])("%s is told as %i %s", async (name, status, code) => {
    replay.script(early[name] as Script, { match: toOpenAI });
    const error = await refused({ model: primary });
    expect([error.status, error.code]).toEqual([status, code]);
    expect(error.message).not.toContain("sk-test");
    if (status === 429) expect(error.headers?.get("retry-after")).toBe("7");
    const generation = await settled(error.headers?.get("x-request-id") ?? null);
    expect(generation.status).toBe("failed");
    expect(generation.error_code).toBe(code);
    expect(generation.cost_usd).toBe("0");
  });

  test("a bad request is not tried elsewhere: the same request fails everywhere", async () => {
    const body = JSON.stringify({
      error: { message: "bad tools", type: "invalid_request_error", param: "tools", code: null },
    });
    replay.script(() => [head(400, "application/json"), body], { match: toOpenAI });
    const error = await refused({ model: primary, models: [fallback] } as never);
    expect([error.status, error.param, error.message]).toEqual([400, "tools", expect.stringContaining("bad tools")]);
    expect(replay.clear()).toBe(0);
  });

  test("a provider's words are shown without our credential in them", async () => {
    const body = JSON.stringify({
      error: { message: "no: sk-test-upstream-openai-0123456789", type: "invalid_request_error" },
    });
    replay.script(() => [head(400, "application/json"), body], { match: toOpenAI });
    const error = await refused({ model: primary });
    expect(error.message).toContain("[secret]");
    expect(error.message).not.toContain("sk-test-upstream");
  });
});

describe("after the first content", () => {
  const cutAt = Math.floor(stream.response.length * 0.7);

  test.each([
    ["the connection is reset", { kind: "break-off", atByte: cutAt, by: "reset" } as const],
    ["the body just ends", { kind: "break-off", atByte: cutAt, by: "end" } as const],
    ["the provider falls silent", { kind: "hang-at", atByte: cutAt } as const],
    ["a frame is not JSON, and then it is cut", { kind: "break-off", atByte: cutAt, by: "close" } as const],
  ])("when %s, the stream ends with an error event, and what was served is on the ledger", async (_name, mode) => {
    const exchange = replay.serve(stream, { match: toOpenAI, mode });
    const response = await post({ model: primary, stream: true });
    expect(response.status).toBe(200);
    const text = await response.text();
    const frames = text.trim().split("\n\n");
    const last = JSON.parse((frames.at(-1) as string).replace(/^data: /, "")) as {
      error: { code: string; message: string };
    };
    expect(last.error.code).toMatch(/upstream/);
    expect(text).not.toContain("[DONE]");
    const generation = await settled(response.headers.get("x-request-id"));
    expect(generation.status).toBe("cut");
    expect(generation.usage?.estimated).toBe(true);
    expect(generation.usage?.output_tokens).toBeGreaterThan(0);
    expect(Number(generation.cost_usd)).toBeGreaterThan(0);
    await exchange.ended;
  });

  test("the official client sees the error, not a short answer", async () => {
    replay.serve(stream, { match: toOpenAI, mode: { kind: "break-off", atByte: cutAt, by: "end" } });
    const events = await client().chat.completions.create({
      model: primary,
      stream: true,
      messages: [{ role: "user", content: "hello" }],
    });
    await expect(
      (async () => {
        for await (const _ of events);
      })(),
    ).rejects.toThrow();
  });
});

describe("a provider that can't be reached", () => {
  test("is a 502 when it refuses connections, and the process lives on", async () => {
    const lonely = await startGateway({
      env: { OPENAI_API_KEY: "sk-test-unreachable-000000", OPENAI_BASE_URL: `${await refusedUrl()}/v1` },
    });
    try {
      const response = await fetch(`${lonely.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${lonely.key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: primary, messages: [{ role: "user", content: "hi" }] }),
      });
      expect(response.status).toBe(502);
      expect((await fetch(`${lonely.url}/healthz`)).status).toBe(200);
    } finally {
      await lonely.close();
    }
  });
});

interface Generation {
  readonly status: string;
  readonly error_code: string | null;
  readonly cost_usd: string | null;
  readonly usage: { readonly output_tokens: number; readonly estimated: boolean } | null;
  readonly attempts: readonly { readonly provider: string; readonly result: string }[];
}

function pick(provider: string, filter: { stream: boolean }): Recording {
  const dialect = provider === "openai" ? "openai-chat" : "anthropic-messages";
  const found = recordings(provider, { dialect, failed: false, ...filter })
    .filter((recording) => recording.response.length > 1_500 || !filter.stream)
    .find((recording) => /"(content|text)": ?"[A-Z]/.test(recording.response) && !recording.response.includes('"tool'));
  if (found === undefined) throw new Error(`no recording of ${provider} fits`);
  return found;
}

function head(status: number, type: string, extra: Record<string, string> = {}) {
  return { kind: "head", status, headers: { "content-type": type, ...extra } } as const;
}

function openaiError(code: string): string {
  return JSON.stringify({ error: { message: `upstream says ${code}`, type: "error", param: null, code } });
}

function client(): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
}

function post(body: Record<string, unknown>): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "hello" }], ...body }),
  });
}

async function ask(body: Record<string, unknown>): Promise<{ text: string; response: Response }> {
  const response = await post({ model: primary, ...body });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return { text, response };
}

async function refused(body: { model: string }): Promise<InstanceType<typeof OpenAI.APIError>> {
  const outcome = await client()
    .chat.completions.create({ messages: [{ role: "user", content: "hello" }], ...body })
    .then(
      () => null,
      (error: unknown) => error,
    );
  if (!(outcome instanceof OpenAI.APIError)) throw new Error(`expected a refusal, got ${String(outcome)}`);
  return outcome;
}

/** The call's record, once it is settled. */
async function settled(id: string | null): Promise<Generation> {
  for (let tries = 0; tries < 100; tries += 1) {
    const response = await fetch(`${gateway.url}/v1/generations/${id}`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    if (response.status === 200) {
      const generation = (await response.json()) as Generation;
      if (generation.status !== "running") return generation;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`call ${id} was not settled`);
}
