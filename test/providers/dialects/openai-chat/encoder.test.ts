// Streams to clients: chunks as OpenAI sends them, in OpenAI's order.
import { describe, expect, it } from "vitest";
import type { CompletionEvent } from "../../../../providers/dialects/completion.ts";
import type { AnswerContext } from "../../../../providers/dialects/dialect.ts";
import { openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";
import { schemaErrors } from "../../../support/openai-schema.ts";
import { chunksOf } from "./frames.ts";

const context: AnswerContext = { fallbackId: "chatcmpl-1", nowS: 99, model: "openai/m", includeUsage: true };
const start: CompletionEvent = {
  type: "start",
  id: "c1",
  model: "m-2026",
  createdS: 7,
  serviceTier: "default",
  systemFingerprint: "fp_1",
};
const finish: CompletionEvent = { type: "finish", choice: 0, reason: "stop", raw: "stop" };
const text = (words: string, part = 0): CompletionEvent => ({ type: "text", choice: 0, part, text: words });

interface Chunk {
  choices: { index: number; delta: Record<string, unknown>; finish_reason: string | null; [name: string]: unknown }[];
  usage?: unknown;
  [name: string]: unknown;
}

function write(events: readonly CompletionEvent[], over: Partial<AnswerContext> = {}): Chunk[] {
  const chunks = chunksOf(openaiChatServer.stream({ ...context, ...over }).push(events)) as unknown as Chunk[];
  for (const each of chunks) expect(schemaErrors("chunk", each)).toEqual([]);
  return chunks;
}

const deltas = (chunks: readonly Chunk[]) => chunks.map(({ choices }) => choices[0]?.delta);

describe("chunks", () => {
  it("begin with the role, then the words, then the finish by itself", () => {
    const chunks = write([start, text("Hel"), text("lo"), finish]);
    expect(deltas(chunks)).toEqual([
      { role: "assistant", content: "", refusal: null },
      { content: "Hel" },
      { content: "lo" },
      {},
    ]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, "stop"]);
  });

  it("all name the same answer, and the model as the client knows it", () => {
    for (const each of write([start, text("Hi"), finish])) {
      expect(each).toMatchObject({
        id: "c1",
        object: "chat.completion.chunk",
        created: 7,
        model: "openai/m",
        service_tier: "default",
        system_fingerprint: "fp_1",
        usage: null,
      });
    }
  });

  it("have an id and a time even when the provider gave none, and no usage when none was asked for", () => {
    const bare: CompletionEvent = { type: "start", id: "", model: "m", createdS: null, serviceTier: "standard" };
    const [first] = write([bare, text("Hi")], { includeUsage: false });
    expect(first).toMatchObject({ id: "chatcmpl-1", created: 99 });
    expect(first).not.toHaveProperty("usage");
    expect(first).not.toHaveProperty("service_tier");
  });

  it("say nothing before the first word", () => {
    expect(openaiChatServer.stream(context).push([start])).toBe("");
  });

  it("number tool calls from 0 whatever parts stand between, and name each once", () => {
    const events: CompletionEvent[] = [
      { type: "reasoning", choice: 0, part: 0, text: "Hm" },
      text("Hi", 1),
      { type: "tool-call", choice: 0, part: 2, id: "a", name: "f" },
      { type: "tool-arguments", choice: 0, part: 2, delta: "" },
      { type: "tool-arguments", choice: 0, part: 2, delta: '{"x":1}' },
      { type: "tool-call", choice: 0, part: 3, id: "b", name: "g" },
      { type: "finish", choice: 0, reason: "tool-calls", raw: "tool_use" },
    ];
    const calls = deltas(write([start, ...events])).flatMap((delta) => delta?.tool_calls ?? []);
    expect(calls).toEqual([
      { index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } },
      { index: 0, function: { arguments: '{"x":1}' } },
      { index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } },
      { index: 1, function: { arguments: "{}" } },
    ]);
  });

  it("keep choices apart, each with a role and calls of its own", () => {
    const of = (choice: number): CompletionEvent => ({
      type: "tool-call",
      choice,
      part: 0,
      id: `c${choice}`,
      name: "f",
    });
    const chunks = write([start, of(0), of(1)]);
    expect(chunks.map(({ choices }) => choices[0]?.index)).toEqual([0, 0, 1, 1]);
    expect(deltas(chunks).filter((delta) => delta?.role === "assistant")).toHaveLength(2);
  });

  it("carry log probabilities beside the words that they are of", () => {
    const token = { token: "Hi", logprob: -0.1, bytes: [72, 105], top_logprobs: [] };
    const logprobs = { content: [token], refusal: null };
    const chunks = write([start, text("Hi"), { type: "logprobs", choice: 0, logprobs }]);
    expect(chunks.map(({ choices }) => choices[0]?.logprobs)).toEqual([null, logprobs]);
    const alone = write([start, { type: "logprobs", choice: 0, logprobs }]);
    expect(alone.at(-1)?.choices[0]).toMatchObject({ delta: {}, logprobs });
  });

  it("tell reasoning as plain text and as details, its proof as an item of the same index", () => {
    const signature = { vendor: "anthropic", value: "c2ln" } as const;
    const encrypted = { vendor: "anthropic", value: "ZW5j" } as const;
    const chunks = write([
      start,
      { type: "reasoning", choice: 0, part: 0, text: "Hm" },
      { type: "reasoning-signature", choice: 0, part: 0, signature },
      { type: "reasoning-encrypted", choice: 0, part: 1, encrypted },
    ]);
    expect(deltas(chunks).slice(1)).toEqual([
      {
        reasoning_content: "Hm",
        reasoning_details: [{ type: "reasoning.text", text: "Hm", format: "unknown", index: 0 }],
      },
      { reasoning_details: [{ type: "reasoning.text", signature: "c2ln", format: "anthropic-claude-v1", index: 0 }] },
      { reasoning_details: [{ type: "reasoning.encrypted", data: "ZW5j", format: "anthropic-claude-v1", index: 1 }] },
    ]);
  });

  it("carry Gemini's signature of a tool call in Google's own member", () => {
    const signature = { vendor: "google", value: "c2ln" } as const;
    const chunks = write([start, { type: "tool-call", choice: 0, part: 0, id: "a", name: "f", signature }]);
    expect(deltas(chunks).at(-1)?.tool_calls).toMatchObject([
      { extra_content: { google: { thought_signature: "c2ln" } } },
    ]);
  });

  it("name web sources, over the text that they are for when they do not say", () => {
    const citation = { kind: "url", url: "https://a", title: "A" } as const;
    const file = { kind: "file", fileId: "f1" } as const;
    const chunks = write([
      start,
      text("Intro. "),
      text("Fact.", 1),
      { type: "citation", choice: 0, part: 1, citation },
      { type: "citation", choice: 0, part: 1, citation: file },
    ]);
    expect(deltas(chunks).at(-1)).toEqual({
      annotations: [
        { type: "url_citation", url_citation: { url: "https://a", title: "A", start_index: 7, end_index: 12 } },
      ],
    });
  });

  it("carry sound and pictures", () => {
    const source = { kind: "base64", mediaType: "image/png", data: "AAAA" } as const;
    const chunks = write([
      start,
      { type: "audio", choice: 0, part: 0, id: "a1", data: "UklG", transcript: "Hi", expiresAtS: 9 },
      { type: "image", choice: 0, part: 1, source },
    ]);
    expect(deltas(chunks).slice(1)).toEqual([
      { audio: { id: "a1", data: "UklG", transcript: "Hi", expires_at: 9 } },
      { images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
    ]);
  });

  it.each([
    ["stop", "stop", "stop", undefined],
    ["stop", "end_turn", "stop", "end_turn"],
    ["length", "max_tokens", "length", "max_tokens"],
    ["tool-calls", null, "tool_calls", undefined],
    ["content-filter", "SAFETY", "content_filter", "SAFETY"],
    ["error", "MALFORMED_FUNCTION_CALL", "stop", "MALFORMED_FUNCTION_CALL"],
    ["error", null, "stop", "error"],
  ] as const)("finish for %s (%s) with OpenAI's word %s and the native one %s", (reason, raw, word, native) => {
    const last = write([start, text("Hi"), { type: "finish", choice: 0, reason, raw }]).at(-1)?.choices[0];
    expect(last?.finish_reason).toBe(word);
    expect(last?.native_finish_reason).toBe(native);
  });
});

describe("the end", () => {
  const usage = { inputTokens: 3, cachedInputTokens: 2, outputTokens: 4, reasoningTokens: 0 };

  it("tells usage and cost in a chunk without choices, then [DONE]", () => {
    const out = openaiChatServer.stream(context).end(usage, { usd: "0.000012" });
    expect(out.endsWith("\n\ndata: [DONE]\n\n")).toBe(true);
    const [last] = chunksOf(out);
    expect(schemaErrors("chunk", last)).toEqual([]);
    expect(last).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 4,
        total_tokens: 9,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 0 },
        cost: 0.000012,
      },
    });
  });

  it("falls back on the usage in the stream, and tells none that nobody knows or asked for", () => {
    const encoder = openaiChatServer.stream(context);
    expect(encoder.push([{ type: "usage", usage }])).toBe("");
    expect(chunksOf(encoder.end(null, { usd: null }))[0]?.usage).not.toHaveProperty("cost");
    expect(openaiChatServer.stream(context).end(null, { usd: null })).toBe("data: [DONE]\n\n");
    expect(openaiChatServer.stream({ ...context, includeUsage: false }).end(usage, { usd: "1" })).toBe(
      "data: [DONE]\n\n",
    );
  });

  it("after a failure is an error in OpenAI's form, and no [DONE]", () => {
    const error = { status: 502, code: "upstream_error", message: "Gone", param: null, requestId: "req_1" };
    const out = openaiChatServer.stream(context).fail(error);
    expect(out).not.toContain("[DONE]");
    expect(chunksOf(out)).toEqual([
      { error: { message: "Gone", type: "server_error", param: null, code: "upstream_error", request_id: "req_1" } },
    ]);
  });

  it("is held off by a comment that every SSE client ignores", () => {
    expect(openaiChatServer.keepAlive).toMatch(/^:.*\n\n$/);
  });
});

describe("an error body", () => {
  it.each([
    [400, "invalid_request", "invalid_request_error"],
    [401, "invalid_api_key", "invalid_request_error"],
    [402, "budget_exceeded", "insufficient_quota"],
    [403, "model_not_allowed", "invalid_request_error"],
    [404, "model_not_found", "invalid_request_error"],
    [429, "rate_limit_exceeded", "rate_limit_error"],
    [429, "budget_exceeded", "insufficient_quota"],
    [500, "internal_error", "server_error"],
    [503, "no_deployment_available", "server_error"],
  ])("of status %i with code %s has the type %s", (status, code, type) => {
    const body = openaiChatServer.error({ status, code, message: "m", param: "p", requestId: "req_1" });
    expect(schemaErrors("error", body)).toEqual([]);
    expect(body).toEqual({ error: { message: "m", type, param: "p", code, request_id: "req_1" } });
  });
});

describe("the cost in a usage frame that is passed on", () => {
  const frame =
    'data: {"id":"c1", "choices":[], "usage": {"prompt_tokens":1,"new_counter":2}, "obfuscation":"x"}\r\n\r\n';

  it("is added, and every other byte is kept", () => {
    expect(openaiChatServer.withCost(frame, "0.000001")).toBe(frame.replace('{"prompt', '{"cost":0.000001,"prompt'));
    expect(openaiChatServer.withCost('data: {"usage":{}}\n\n', "2")).toBe('data: {"usage":{"cost":2}}\n\n');
  });

  it("takes the place of the provider's own", () => {
    const [chunk] = chunksOf(openaiChatServer.withCost('data: {"usage":{"prompt_tokens":1,"cost":9}}\n\n', "0.5"));
    expect(chunk).toEqual({ usage: { prompt_tokens: 1, cost: 0.5 } });
  });

  it.each(["data: [DONE]\n\n", 'data: {"choices":[],"usage":null}\n\n', 'data: {"usage": {"x"\n\n'])(
    "is not told where there is no usage: %j",
    (other) => {
      expect(openaiChatServer.withCost(other, "1")).toBe(other);
    },
  );
});
