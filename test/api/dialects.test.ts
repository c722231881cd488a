// The official clients of four dialects, unmodified, against one gateway.
import Anthropic from "@anthropic-ai/sdk";
import { FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Recording, recordings } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      GOOGLE_API_KEY: "google-upstream-0123456789",
      GOOGLE_BASE_URL: `${replay.url}/v1beta`,
      TURNPIKE_SANDBOX: "on",
    },
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: gateway.url } });
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const echo = "sandbox/echo";

describe("@anthropic-ai/sdk", () => {
  const messages = [{ role: "user" as const, content: "Hello there" }];

  test("gets a message from a provider of another dialect", async () => {
    const message = await anthropic.messages.create({ model: echo, max_tokens: 100, messages });
    expect(message.content).toMatchObject([{ type: "text", text: expect.stringContaining("Hello there") }]);
    expect(message.stop_reason).toBe("end_turn");
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  test("streams one, and the stream helper accumulates it", async () => {
    const message = await anthropic.messages.stream({ model: echo, max_tokens: 100, messages }).finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: expect.stringContaining("Hello there") }]);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
  });

  test("goes through a tool loop", async () => {
    const tools = [
      {
        name: "weather",
        input_schema: { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] },
      },
    ];
    const first = await anthropic.messages.create({ model: "sandbox/tools", max_tokens: 200, messages, tools });
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    expect(call?.input).toEqual({ city: expect.any(String) });
    const second = await anthropic.messages.create({
      model: "sandbox/tools",
      max_tokens: 200,
      tools,
      messages: [
        ...messages,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "", content: "sunny and 21" }] },
      ],
    });
    expect(JSON.stringify(second.content)).toContain("sunny and 21");
  });

  test("counts tokens", async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: echo, messages });
    expect(input_tokens).toBeGreaterThan(3);
  });

  test("has them counted by Anthropic where Anthropic serves the model", async () => {
    const exchange = replay.script(() => [json(200), '{"input_tokens":4711}'], {
      match: to("/v1/messages/count_tokens"),
    });
    const counted = await anthropic.messages.countTokens({ model: "anthropic/claude-sonnet-4-5", messages });
    expect(counted.input_tokens).toBe(4711);
    const { body, headers } = await exchange.received;
    expect(JSON.parse(body)).toEqual({ model: "claude-sonnet-4-5", messages });
    expect(headers["x-api-key"]).toBe("sk-ant-upstream-0123456789");
  });

  test("reads Anthropic's own stream unchanged, but for the name of the model where it asked by another", async () => {
    const recording = pick("anthropic", "anthropic-messages");
    replay.serve(recording, { match: to("/v1/messages") });
    const ask = (model: string) =>
      fetch(`${gateway.url}/anthropic/v1/messages`, {
        method: "POST",
        headers: { "x-api-key": gateway.key, "content-type": "application/json", "anthropic-beta": "some-beta" },
        body: JSON.stringify({ model, max_tokens: 5, stream: true, messages, x_new: 1 }),
      });
    expect(await (await ask("claude-sonnet-4-5")).text()).toBe(recording.response);
    replay.serve(recording, { match: to("/v1/messages") });
    const response = await ask("anthropic/claude-sonnet-4-5");
    const own = /"model": ?"[^"]+"/;
    const text = await response.text();
    expect(text.match(own)?.[0]).toContain("anthropic/claude-sonnet-4-5");
    expect(text.replace(own, "")).toBe(recording.response.replace(own, ""));
    const sent = replay.requests.at(-1);
    expect(JSON.parse(sent?.body ?? "")).toMatchObject({ model: "claude-sonnet-4-5", x_new: 1 });
    expect(sent?.headers["anthropic-beta"]).toBe("some-beta");
    const generation = await settled(response.headers.get("x-request-id"));
    expect(generation.usage?.estimated).toBe(false);
    expect(generation.finish_reason).not.toBeNull();
  });

  // Claude Code takes thinking out of turns whose model is not the one that it asks next.
  test.each(["anthropic/claude-sonnet-4-5", echo])("is told the model that it asked for: %s", async (model) => {
    const serve = (stream: boolean) =>
      replay.serve(pick("anthropic", "anthropic-messages", stream), { match: to("/v1/messages") });
    serve(false);
    const whole = await anthropic.messages.create({ model, max_tokens: 5, messages });
    expect(whole.model).toBe(model);
    replay.clear();
    serve(true);
    const streamed = await anthropic.messages.stream({ model, max_tokens: 5, messages }).finalMessage();
    expect(streamed.model).toBe(model);
  });

  test("is refused in Anthropic's own shape", async () => {
    const outcome = await anthropic.messages
      .create({ model: "no-such-model", max_tokens: 5, messages })
      .catch((e: unknown) => e);
    expect(outcome).toBeInstanceOf(Anthropic.NotFoundError);
    expect((outcome as InstanceType<typeof Anthropic.APIError>).error).toMatchObject({
      type: "error",
      error: { type: "not_found_error", message: expect.stringContaining("no-such-model") },
    });
  });

  test("is told so in a shape that it reads where there is no such endpoint", async () => {
    const outcome = await anthropic.messages.batches.list().catch((e: unknown) => e);
    expect(outcome).toBeInstanceOf(Anthropic.NotFoundError);
    expect((outcome as InstanceType<typeof Anthropic.APIError>).error).toMatchObject({
      error: { type: "not_found_error", message: expect.stringContaining("/v1/messages/batches") },
    });
  });

  test("lists models in Anthropic's shape", async () => {
    const page = await anthropic.models.list();
    expect(page.data.find(({ id }) => id === "anthropic/claude-sonnet-4-5")).toMatchObject({ type: "model" });
  });
});

describe("@google/genai", () => {
  test("is told so in a shape that it reads where there is no such endpoint", async () => {
    const outcome = await google.files.get({ name: "files/abc" }).catch((e: unknown) => e);
    expect(outcome).toMatchObject({ status: 404, message: expect.stringContaining("NOT_FOUND") });
  });

  test("gets an answer from a provider of another dialect", async () => {
    const answer = await google.models.generateContent({ model: echo, contents: "Hello there" });
    expect(answer.text).toContain("Hello there");
    expect(answer.usageMetadata?.promptTokenCount).toBeGreaterThan(0);
  });

  test("streams one", async () => {
    let text = "";
    for await (const chunk of await google.models.generateContentStream({ model: echo, contents: "Hello there" })) {
      text += chunk.text ?? "";
    }
    expect(text).toContain("Hello there");
  });

  test("calls functions", async () => {
    const answer = await google.models.generateContent({
      model: "sandbox/tools",
      contents: "What is the weather?",
      config: {
        tools: [
          {
            functionDeclarations: [
              {
                name: "weather",
                parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
              },
            ],
          },
        ],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
      },
    });
    expect(answer.functionCalls).toMatchObject([{ name: "weather", args: { city: expect.any(String) } }]);
  });

  test("counts tokens", async () => {
    const { totalTokens } = await google.models.countTokens({ model: echo, contents: "Hello there" });
    expect(totalTokens).toBeGreaterThan(1);
  });

  test("gets one JSON array where it does not ask for events", async () => {
    for (const model of [echo, "google/gemini-2.5-flash"]) {
      const recording = pick("google", "gemini");
      replay.serve(recording, { match: ({ path }) => path.includes(":streamGenerateContent") });
      const response = await fetch(`${gateway.url}/gemini/v1beta/models/${model}:streamGenerateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": gateway.key, "content-type": "application/json" },
        body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hello" }] }] }),
      });
      expect(response.headers.get("content-type")).toBe("application/json");
      const text = await response.text();
      expect(response.status, text).toBe(200);
      const chunks = JSON.parse(text) as { candidates?: unknown[] }[];
      expect(chunks.length).toBeGreaterThan(1);
      expect(chunks[0]?.candidates).toHaveLength(1);
      replay.clear();
    }
  });

  test("is refused in Google's own shape, and so is a method that does not exist", async () => {
    const outcome = await google.models
      .generateContent({ model: "no-such-model", contents: "x" })
      .catch((e: unknown) => e);
    expect(outcome).toMatchObject({ name: "ApiError", status: 404 });
    const response = await fetch(`${gateway.url}/v1beta/models/${echo}:predict`, {
      method: "POST",
      headers: { "x-goog-api-key": gateway.key, "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { status: "NOT_FOUND" } });
  });
});

describe("openai, responses", () => {
  test("gets a response from a provider of another dialect", async () => {
    const response = await openai.responses.create({ model: echo, input: "Hello there" });
    expect(response.output_text).toContain("Hello there");
    expect(response.status).toBe("completed");
    expect(response.usage?.output_tokens).toBeGreaterThan(0);
  });

  test("streams one, with its events in order", async () => {
    const types: string[] = [];
    let text = "";
    for await (const event of await openai.responses.create({ model: echo, input: "Hello there", stream: true })) {
      types.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    expect(types[0]).toBe("response.created");
    expect(types.at(-1)).toBe("response.completed");
    expect(text).toContain("Hello there");
  });

  test("reads OpenAI's own stream unchanged but for the cost in its last event", async () => {
    const recording = pick("openai", "openai-responses");
    replay.serve(recording, { match: to("/v1/responses") });
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openai/gpt-4o", input: "hi", stream: true, x_new: 1 }),
    });
    const text = await response.text();
    expect(text.replace(/"cost": ?[0-9.e-]+,? ?/, "")).toBe(recording.response);
    expect(JSON.parse(replay.requests.at(-1)?.body ?? "")).toMatchObject({ model: "gpt-4o", x_new: 1 });
    const generation = await settled(response.headers.get("x-request-id"));
    expect(generation.usage?.estimated).toBe(false);
  });
});

interface Generation {
  readonly status: string;
  readonly finish_reason: string | null;
  readonly usage: { readonly estimated: boolean } | null;
}

function json(status: number) {
  return { kind: "head", status, headers: { "content-type": "application/json" } } as const;
}

function to(path: string) {
  return (request: { path: string }): boolean => request.path.split("?")[0] === path;
}

function pick(provider: string, dialect: string, stream = true): Recording {
  const found = recordings(provider, { dialect, stream, failed: false }).find(
    ({ response }) =>
      response.length > (stream ? 1_500 : 300) &&
      response.length < 30_000 &&
      /usage/i.test(response) &&
      !/"error": ?\{/.test(response),
  );
  if (found === undefined) throw new Error(`no recording of ${provider} fits`);
  return found;
}

async function settled(id: string | null): Promise<Generation> {
  for (let tries = 0; tries < 100; tries += 1) {
    const response = await fetch(`${gateway.url}/v1/generations/${id}`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    const generation = (await response.json()) as Generation;
    if (response.status === 200 && generation.status !== "running") return generation;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`call ${id} was not settled`);
}
