// Azure OpenAI through the whole gateway: keys, applications, v1 and dated APIs, and what Azure alone answers.
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { azure } from "../../providers/azure.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { recording } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { entraSecret, startTokenServer, type TokenServer } from "../support/token-server.ts";

const key = "azure-upstream-key-0123456789";
const hello = [{ role: "user" as const, content: "Hello" }];
const model = "azure/my-deployment";
let replay: Replay;
let tokens: TokenServer;
const gateways: Gateway[] = [];

beforeAll(async () => {
  replay = await startReplay();
  tokens = await startTokenServer();
});
afterEach(() => expect(replay.clear()).toBe(0));
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await replay.close();
  await tokens.close();
});

async function client(env: Readonly<Record<string, string>>): Promise<OpenAI> {
  const gateway = await startGateway({ env: { AZURE_OPENAI_ENDPOINT: `${replay.url}/`, ...env } });
  gateways.push(gateway);
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
}

describe("the v1 API", () => {
  let openai: OpenAI;
  beforeAll(async () => {
    openai = await client({ AZURE_OPENAI_API_KEY: key });
  });

  it("is called with a key in its own header and the deployment as the model, and its filter's frame stays a preamble", async () => {
    const exchange = replay.serve(recording("azure", "test-chat-async-streaming-1-stream"));
    const answer = await openai.chat.completions.stream({ model, messages: hello }).finalChatCompletion();
    expect(answer.choices[0]?.message.content).toMatch(/\w/);
    const { path, headers, body } = await exchange.received;
    expect(path).toBe("/openai/v1/chat/completions");
    expect(headers["api-key"]).toBe(key);
    expect(headers).not.toHaveProperty("authorization");
    expect(JSON.parse(body)).toMatchObject({ model: "my-deployment", stream: true });
  });

  it("speaks responses too", async () => {
    const name = "providers-azure-responses-a-gpt-5-6-deployment-routes-to-responses-without-being-ask";
    const exchange = replay.serve(recording("azure", name));
    const answer = await openai.responses.create({ model, input: "Say OK and nothing else." });
    expect(answer.output_text).toBe("OK");
    expect((await exchange.received).path).toBe("/openai/v1/responses");
  });

  it("that knows no such deployment makes a 404 of a model that is not there", async () => {
    replay.serve(recording("azure", "test-chat-reasoning-2"));
    await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
      message: expect.stringContaining("deployment for this resource does not exist"),
    });
  });

  it("that filters a prompt makes a content filter's refusal", async () => {
    // Azure OpenAI documentation, "Content filtering": the answer to a prompt that is filtered.
    const error = {
      message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: "prompt",
      code: "content_filter",
      status: 400,
      innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: { hate: { filtered: true } } },
    };
    replay.script(() => [
      { kind: "head", status: 400, headers: { "content-type": "application/json" } },
      JSON.stringify({ error }),
    ]);
    await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 400,
      code: "content_filter",
    });
  });
});

it("an application's token is sent instead of a key, and asked for once", async () => {
  const openai = await client({
    AZURE_TENANT_ID: "my-tenant",
    AZURE_CLIENT_ID: "my-client",
    AZURE_CLIENT_SECRET: entraSecret,
    AZURE_AUTHORITY_HOST: tokens.origin,
  });
  const exchange = replay.serve(recording("azure", "azure-azure-deepseek-reasoning.1"), { times: 50 });
  await Promise.all(Array.from({ length: 50 }, () => openai.chat.completions.create({ model, messages: hello })));
  const sent = exchange.requests.map(({ headers }) => `${headers.authorization} ${headers["api-key"]}`);
  expect(new Set(sent)).toEqual(new Set(["Bearer token-1 undefined"]));
  expect(tokens.asked).toHaveLength(1);
  expect(tokens.refusals).toEqual([]);
});

it("a dated API has the deployment in the path and the version in the query", async () => {
  const openai = await client({ AZURE_API_KEY: key, AZURE_OPENAI_API_VERSION: "2024-10-21" });
  const exchange = replay.serve(recording("azure", "test-chat-async-streaming-1-stream"));
  await openai.chat.completions.stream({ model, messages: hello }).finalChatCompletion();
  const { path, headers } = await exchange.received;
  expect(path).toBe("/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21");
  expect(headers["api-key"]).toBe(key);
});

describe("a dated API beside chat", () => {
  let openai: OpenAI;
  beforeAll(async () => {
    openai = await client({ AZURE_API_KEY: key, AZURE_OPENAI_API_VERSION: "2024-10-21" });
  });
  const answers = (body: string | object, type = "application/json") =>
    replay.script(() => [
      { kind: "head", status: 200, headers: { "content-type": type } },
      typeof body === "string" ? body : JSON.stringify(body),
    ]);
  const sound = () => new File([new Uint8Array(64)], "a.wav", { type: "audio/wav" });

  it.each([
    [
      "embeddings",
      { data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 1, total_tokens: 1 } },
      () => openai.embeddings.create({ model, input: "Hi", encoding_format: "float" }),
    ],
    [
      "images/generations",
      { created: 1, data: [{ b64_json: "AAAA" }] },
      () => openai.images.generate({ model, prompt: "x" }),
    ],
    ["audio/transcriptions", { text: "Hi" }, () => openai.audio.transcriptions.create({ model, file: sound() })],
    ["audio/translations", { text: "Hi" }, () => openai.audio.translations.create({ model, file: sound() })],
    ["images/edits", { created: 1, data: [] }, () => openai.images.edit({ model, prompt: "x", image: sound() })],
  ])("has the deployment in the path: %s", async (path, answer, ask) => {
    const exchange = answers(answer);
    expect(await ask()).toMatchObject(answer);
    const { path: called, headers } = await exchange.received;
    expect(called).toBe(`/openai/deployments/my-deployment/${path}?api-version=2024-10-21`);
    expect(headers["api-key"]).toBe(key);
  });

  it("speaks", async () => {
    const exchange = answers("sound", "audio/mpeg");
    const response = await openai.audio.speech.create({ model, input: "Hi", voice: "alloy" });
    expect(await response.text()).toBe("sound");
    expect((await exchange.received).path).toBe(
      "/openai/deployments/my-deployment/audio/speech?api-version=2024-10-21",
    );
  });
});

describe("where Azure is", () => {
  it.each([
    [{}, null],
    [{ AZURE_RESOURCE_NAME: "mine" }, "https://mine.openai.azure.com/openai/v1"],
    [{ AZURE_OPENAI_ENDPOINT: "https://mine.openai.azure.com/" }, "https://mine.openai.azure.com/openai/v1"],
    [
      { AZURE_OPENAI_ENDPOINT: "https://x.services.ai.azure.com/openai/v1/" },
      "https://x.services.ai.azure.com/openai/v1",
    ],
  ])("is told by a name or an endpoint: %j", (env, url) => {
    expect(azure.baseUrlFrom(env)).toBe(url);
    expect(azure.variant({ ...env, AZURE_OPENAI_API_VERSION: "2024-10-21" })?.baseUrlFrom(env) ?? null).toBe(
      url?.replace(/\/v1$/, "") ?? null,
    );
    expect(azure.variant({ ...env, AZURE_OPENAI_API_VERSION: "preview" })).toBeNull();
  });
});
