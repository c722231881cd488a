// Vertex AI through the whole gateway: official clients, a strict token endpoint, and recorded answers at Vertex's own paths.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { googleVertex } from "../../providers/google-vertex.ts";
import { ConfigError } from "../../src/config.ts";
import { connectionsOfMachine } from "../../src/vault/credentials.node.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Recording, recording, recordings } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { startTokenServer, type TokenServer } from "../support/token-server.ts";

const place = "/v1/projects/my-project/locations/global";
let replay: Replay;
let gateway: Gateway;
let tokens: TokenServer;
let openai: OpenAI;
let anthropic: Anthropic;
let folder: string;

beforeAll(async () => {
  replay = await startReplay();
  tokens = await startTokenServer();
  folder = mkdtempSync(join(tmpdir(), "turnpike-vertex-"));
  writeFileSync(join(folder, "key.json"), tokens.serviceAccount);
  gateway = await startGateway({
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: join(folder, "key.json"),
      GOOGLE_VERTEX_BASE_URL: `${replay.url}${place}`,
      GOOGLE_VERTEX_ANTHROPIC_BASE_URL: `${replay.url}${place}`,
    },
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
});
afterEach(() => expect(replay.clear()).toBe(0));
afterAll(async () => {
  await gateway.close();
  await replay.close();
  await tokens.close();
  rmSync(folder, { recursive: true, force: true });
});

const hello = [{ role: "user" as const, content: "Hello" }];

function claude(stream: boolean): Recording {
  const found = recordings("anthropic", { dialect: "anthropic-messages", stream, failed: false }).find(
    ({ response }) => response.includes(stream ? "text_delta" : '"type": "text"') || response.includes('"type":"text"'),
  );
  if (found === undefined) throw new Error("no recording");
  return found;
}

describe("while the token endpoint fails", () => {
  it("a call is told that this gateway's credential is at fault, and nothing of the credential", async () => {
    tokens.status = 401;
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "google-vertex/gemini-2.0-flash", messages: hello }),
    });
    tokens.status = null;
    expect(response.status).toBe(502);
    const told = (await response.text()) + JSON.stringify([...response.headers]);
    expect(told).toContain("refused this gateway's credential");
    expect(told).not.toContain(tokens.keyMaterial.slice(0, 40));
    expect(told).not.toContain("PRIVATE KEY");
  });

  it("a stream is too, and a count", async () => {
    tokens.broken = true;
    const failed = { status: 502, message: expect.stringContaining("token endpoint can't be reached") };
    await expect(
      openai.chat.completions.create({ model: "google-vertex/gemini-2.0-flash", messages: hello, stream: true }),
    ).rejects.toMatchObject(failed);
    await expect(
      anthropic.messages.countTokens({ model: "google-vertex-anthropic/claude-sonnet-4-5", messages: hello }),
    ).rejects.toMatchObject({ status: 502 });
    tokens.broken = false;
  });
});

describe("Gemini on Vertex", () => {
  it("answers an OpenAI client, at Vertex's path, with a token that a strict endpoint issued", async () => {
    const exchange = replay.serve(recording("vertex", "test_google-test_google_model_vertex_labels.0"));
    const answer = await openai.chat.completions.create({
      model: "google-vertex/gemini-2.0-flash",
      messages: hello,
      service_tier: "flex",
      ...{ labels: { team: "analytics" } },
    });
    expect(answer.choices[0]?.message.content).toBe("The capital of France is Paris.\n");
    const { path, headers, body } = await exchange.received;
    expect(path).toBe(`${place}/publishers/google/models/gemini-2.0-flash:generateContent`);
    expect(headers.authorization).toMatch(/^Bearer token-\d+$/);
    expect(headers).not.toHaveProperty("x-goog-api-key");
    expect(headers["x-vertex-ai-llm-shared-request-type"]).toBe("flex");
    expect(JSON.parse(body)).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hello" }] }],
      labels: { team: "analytics" },
    });
    expect(tokens.refusals).toEqual([]);
  });

  it("streams a tool call, whose result goes back without ids", async () => {
    const name = "chat-function-calling-vertexai-gemini-2-5-flash-can-use-tools-with-multi-turn-stream-2-stream";
    const first = replay.serve(recording("vertex", name));
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
    const stream = openai.chat.completions.stream({ model: "google-vertex/gemini-2.5-flash", messages: hello, tools });
    const message = (await stream.finalChatCompletion()).choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== "function") throw new Error("no call");
    expect(JSON.parse(call.function.arguments)).toEqual({ latitude: "52.5200", longitude: "13.4050" });
    expect((await first.received).path).toBe(
      `${place}/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
    );

    const second = replay.serve(recording("vertex", "test_google-test_google_model_vertex_labels.0"));
    await openai.chat.completions.create({
      model: "google-vertex/gemini-2.5-flash",
      messages: [...hello, message, { role: "tool", tool_call_id: call.id, content: "15 °C" }],
      tools,
    });
    const { contents } = JSON.parse((await second.received).body);
    expect(contents[1].parts[0].functionCall).toEqual({
      name: "weather",
      args: { latitude: "52.5200", longitude: "13.4050" },
    });
    expect(contents[2].parts[0].functionResponse).toEqual({ name: "weather", response: { output: "15 °C" } });
  });

  it.each([false, true])("has Claude beside it (streamed: %s)", async (stream) => {
    const exchange = replay.serve(claude(stream));
    const model = "google-vertex/claude-haiku-4-5@20251001";
    if (stream) await openai.chat.completions.stream({ model, messages: hello }).finalChatCompletion();
    else await openai.chat.completions.create({ model, messages: hello });
    const { path } = await exchange.received;
    expect(path).toBe(
      `${place}/publishers/anthropic/models/claude-haiku-4-5@20251001:${stream ? "streamRawPredict" : "rawPredict"}`,
    );
  });

  it("has open models beside it, behind an API as OpenAI's", async () => {
    const [answer] = recordings("openai-compatible", { dialect: "openai-chat", stream: false, failed: false });
    if (answer === undefined) throw new Error("no recording");
    const exchange = replay.serve(answer);
    await openai.chat.completions.create({ model: "google-vertex/openai/gpt-oss-120b-maas", messages: hello });
    const { path, body } = await exchange.received;
    expect(path).toBe(`${place}/endpoints/openapi/chat/completions`);
    expect(JSON.parse(body).model).toBe("openai/gpt-oss-120b-maas");
  });
});

describe("Claude on Vertex", () => {
  const model = "google-vertex-anthropic/claude-sonnet-4-5@20250929";
  const path = `${place}/publishers/anthropic/models/claude-sonnet-4-5@20250929`;

  it.each([false, true])(
    "answers an OpenAI client: the model in the path, the version in the body (streamed: %s)",
    async (stream) => {
      const answer = claude(stream);
      const exchange = replay.serve(answer);
      const completion = stream
        ? await openai.chat.completions.stream({ model, messages: hello }).finalChatCompletion()
        : await openai.chat.completions.create({ model, messages: hello });
      expect(completion.choices[0]?.message.content).not.toBe("");
      const received = await exchange.received;
      expect(received.path).toBe(`${path}:${stream ? "streamRawPredict" : "rawPredict"}`);
      expect(received.headers.authorization).toMatch(/^Bearer token-\d+$/);
      expect(received.headers).not.toHaveProperty("anthropic-version");
      const body = JSON.parse(received.body);
      expect(body).toMatchObject({ anthropic_version: "vertex-2023-10-16", messages: [{ role: "user" }] });
      expect(body).not.toHaveProperty("model");
      expect(body.stream ?? false).toBe(stream);
    },
  );

  it("passes on what its own client sends, byte for byte but for the model and the version", async () => {
    const exchange = replay.serve(claude(false));
    const message = await anthropic.messages.create(
      { model, max_tokens: 10, messages: hello, metadata: { user_id: "u" } },
      { headers: { "anthropic-beta": "context-1m-2025-08-07" } },
    );
    expect(message.type).toBe("message");
    const { headers, body } = await exchange.received;
    expect(headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
    expect(JSON.parse(body)).toEqual({
      anthropic_version: "vertex-2023-10-16",
      max_tokens: 10,
      messages: hello,
      metadata: { user_id: "u" },
    });
  });

  it("counts at a path of its own, where the model stays in the body", async () => {
    const exchange = replay.script(() => [
      { kind: "head", status: 200, headers: { "content-type": "application/json" } },
      '{"input_tokens":8}',
    ]);
    expect(await anthropic.messages.countTokens({ model, messages: hello })).toMatchObject({ input_tokens: 8 });
    const received = await exchange.received;
    expect(received.path).toBe(`${place}/publishers/anthropic/models/count-tokens:rawPredict`);
    expect(JSON.parse(received.body)).toMatchObject({ model: "claude-sonnet-4-5@20250929" });
  });

  it.each([
    [404, { error: { code: 404, message: "Publisher Model was not found.", status: "NOT_FOUND" } }, 404, /not found/],
    [429, { error: { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" } }, 429, /Quota/],
    [400, { type: "error", error: { type: "invalid_request_error", message: "max_tokens: too big" } }, 400, /too big/],
  ])(
    "is refused with %i in Google's words or Anthropic's, and both are understood",
    async (status, body, told, words) => {
      replay.script(() => [
        { kind: "head", status, headers: { "content-type": "application/json" } },
        JSON.stringify(body),
      ]);
      await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
        status: told,
        message: expect.stringMatching(words),
      });
    },
  );
});

describe("beside chat", () => {
  const answers = (body: unknown) =>
    replay.script(() => [
      { kind: "head", status: 200, headers: { "content-type": "application/json" } },
      JSON.stringify(body),
    ]);

  it("texts are embedded by `predict`, and their tokens added up", async () => {
    const row = (value: number) => ({
      embeddings: { values: [value], statistics: { token_count: 3, truncated: false } },
    });
    const exchange = answers({ predictions: [row(1), row(2)] });
    const model = "google-vertex/text-embedding-005";
    const asked = { model, input: ["a", "b"], dimensions: 64, encoding_format: "float" as const };
    const answer = await openai.embeddings.create(asked);
    expect(answer).toMatchObject({ data: [{ embedding: [1] }, { embedding: [2] }], usage: { prompt_tokens: 6 } });
    const { path, body, headers } = await exchange.received;
    expect(path).toBe(`${place}/publishers/google/models/text-embedding-005:predict`);
    expect(headers.authorization).toMatch(/^Bearer token-/);
    expect(JSON.parse(body)).toEqual({
      instances: [{ content: "a" }, { content: "b" }],
      parameters: { autoTruncate: false, outputDimensionality: 64 },
    });
  });

  it("Gemini's second embeddings have a method of their own, one text at a time", async () => {
    const exchange = answers({ embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 4 } });
    const model = "google-vertex/gemini-embedding-2";
    const answer = await openai.embeddings.create({ model, input: "Hi", encoding_format: "float" });
    expect(answer).toMatchObject({ data: [{ embedding: [1, 2] }], usage: { prompt_tokens: 4 } });
    const { path, body } = await exchange.received;
    expect(path).toBe(`${place}/publishers/google/models/gemini-embedding-2:embedContent`);
    expect(JSON.parse(body)).toEqual({ content: { parts: [{ text: "Hi" }] }, autoTruncate: false });
    await expect(openai.embeddings.create({ model, input: ["a", "b"] })).rejects.toMatchObject({
      code: "unsupported_parameter",
      param: "input",
    });
  });

  it("Imagen's format can be chosen", async () => {
    const exchange = answers({ predictions: [{ mimeType: "image/jpeg", bytesBase64Encoded: "AAAA" }] });
    const model = "google-vertex/imagen-4.0-generate-001";
    const answer = await openai.images.generate({ model, prompt: "A cat", output_format: "jpeg" });
    expect(answer.data).toEqual([{ b64_json: "AAAA" }]);
    const { path, body } = await exchange.received;
    expect(path).toBe(`${place}/publishers/google/models/imagen-4.0-generate-001:predict`);
    expect(JSON.parse(body).parameters).toEqual({
      sampleCount: 1,
      includeRaiReason: true,
      outputOptions: { mimeType: "image/jpeg" },
    });
  });
});

it("all calls together asked for one token of each provider", () => {
  expect(tokens.issued).toHaveLength(2);
});

it("a file of credentials that can't be read stops the start, and is named by its variable", () => {
  const env = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "missing.json") };
  const connect = () => connectionsOfMachine([googleVertex], env, { sandbox: "off" });
  expect(connect).toThrow(new ConfigError("GOOGLE_APPLICATION_CREDENTIALS: can't read the file that it names"));
});

describe("where Vertex is", () => {
  const account = { GOOGLE_APPLICATION_CREDENTIALS_JSON: '{"project_id":"from-json"}' };
  it.each([
    [{}, null],
    [account, "https://aiplatform.googleapis.com/v1/projects/from-json/locations/global"],
    [
      { ...account, GOOGLE_CLOUD_PROJECT: "named", GOOGLE_VERTEX_LOCATION: "europe-west4" },
      "https://europe-west4-aiplatform.googleapis.com/v1/projects/named/locations/europe-west4",
    ],
    [
      { GOOGLE_VERTEX_PROJECT: "p", GOOGLE_VERTEX_LOCATION: "eu" },
      "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu",
    ],
  ])("depends on project and location: %j", (env, url) => {
    expect(googleVertex.baseUrlFrom(env)).toBe(url);
  });
});
