// IBM watsonx.ai through the whole gateway: its key is exchanged once, and OpenAI's words become its own.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watsonx } from "../../providers/watsonx.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { ibmKey, startTokenServer, type TokenServer } from "../support/token-server.ts";

let replay: Replay;
let tokens: TokenServer;
let gateway: Gateway;
let openai: OpenAI;

beforeAll(async () => {
  replay = await startReplay();
  tokens = await startTokenServer();
  gateway = await startGateway({
    env: {
      WATSONX_API_KEY: ibmKey,
      WATSONX_IAM_URL: `${tokens.origin}/identity/token`,
      WATSONX_PROJECT_ID: "my-project",
      WATSONX_URL: replay.url,
    },
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
  await tokens.close();
});

const model = "watsonx/ibm/granite-4-h-small";
const hello = [{ role: "user" as const, content: "Hello" }];
const tools = [{ type: "function" as const, function: { name: "look", parameters: { type: "object" } } }];
const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };

/** As IBM's API reference shows them, "Infer text chat" and "Infer text chat event stream". */
const answer = JSON.stringify({
  id: "chat-1",
  model_id: "ibm/granite-4-h-small",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  created: 1,
  usage,
});
const chunk = (id: number, member: object) =>
  `id: ${id}\nevent: message\ndata: ${JSON.stringify({ id: "chat-1", model_id: "ibm/granite-4-h-small", created: 1, ...member })}\n\n`;
const stream = [
  chunk(1, { choices: [{ index: 0, delta: { role: "assistant", content: "Hi" }, finish_reason: null }] }),
  chunk(2, { choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop" }] }),
  chunk(3, { choices: [], usage }),
];
const whole = () => replay.script(() => [head, answer]);
const head = { kind: "head" as const, status: 200, headers: { "content-type": "application/json" } };

describe("a call to watsonx.ai", () => {
  it("names the model and the project as it wants them, under a token that its key was exchanged for", async () => {
    const exchange = whole();
    const completion = await openai.chat.completions.create({ model, messages: hello, tools, tool_choice: "required" });
    expect(completion.choices[0]?.message.content).toBe("Hi");
    const { path, headers, body } = await exchange.received;
    expect(path).toMatch(/^\/ml\/v1\/text\/chat\?version=\d{4}-\d\d-\d\d$/);
    expect(headers.authorization).toBe("Bearer token-1");
    expect(JSON.parse(body)).toEqual({
      model_id: "ibm/granite-4-h-small",
      project_id: "my-project",
      messages: hello,
      tools,
      tool_choice_option: "required",
    });
  });

  it("is streamed at a path of its own, with usage unasked", async () => {
    const exchange = replay.script(() => stream);
    const completion = await openai.chat.completions
      .stream({ model, messages: hello, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(completion.choices[0]?.message.content).toBe("Hi");
    expect(completion.usage).toMatchObject(usage);
    const { path, body } = await exchange.received;
    expect(path).toMatch(/^\/ml\/v1\/text\/chat_stream\?version=/);
    expect(Object.keys(JSON.parse(body)).sort()).toEqual(["messages", "model_id", "project_id"]);
  });

  it("may be another dialect's, and names one tool as OpenAI does", async () => {
    const exchange = whole();
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
    await anthropic.messages.create({
      model,
      max_tokens: 5,
      messages: hello,
      tools: [{ name: "look", input_schema: { type: "object" } }],
      tool_choice: { type: "tool", name: "look" },
    });
    const body = JSON.parse((await exchange.received).body);
    expect(body).toMatchObject({
      model_id: "ibm/granite-4-h-small",
      project_id: "my-project",
      max_tokens: 5,
      tool_choice: { type: "function", function: { name: "look" } },
    });
    expect(body).not.toHaveProperty("model");
    expect(body).not.toHaveProperty("tool_choice_option");
  });

  it("of a deployment needs neither model nor project in the body", async () => {
    const exchange = whole();
    await openai.chat.completions.create({ model: "watsonx/deployment/my-id", messages: hello });
    const { path, body } = await exchange.received;
    expect(path).toMatch(/^\/ml\/v1\/deployments\/my-id\/text\/chat\?version=/);
    expect(JSON.parse(body)).toEqual({ messages: hello });
  });

  it("is refused in IBM's own form", async () => {
    const errors = [{ code: "model_not_supported", message: "Model 'x' is not supported" }];
    replay.script(() => [{ ...head, status: 404 }, JSON.stringify({ errors, trace: "t", status_code: 404 })]);
    await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("Model 'x' is not supported"),
    });
  });

  it("asked for one token, as all of them together", () => {
    expect(tokens.issued).toEqual(["token-1"]);
    expect(tokens.refusals).toEqual([]);
  });
});

it("a space takes the project's place, and a token the key's", async () => {
  const env = { WATSONX_SPACE_ID: "my-space", WATSONX_TOKEN: "a-token", WATSONX_REGION: "eu-de" };
  const provider = watsonx.variant(env);
  expect(provider?.baseUrlFrom(env)).toBe("https://eu-de.ml.cloud.ibm.com/ml/v1");
  expect(provider?.secretFrom(env)).toBe("a-token");
  const request = { method: "POST" as const, baseUrl: "", path: "", headers: {}, body: "" };
  expect(await watsonx.authorize(request, "a-token")).toMatchObject({ headers: { authorization: "Bearer a-token" } });
  const edits = provider?.dialect?.edits({ model }, { providerId: "watsonx", model: "m", traits: {} });
  expect(edits?.set).toEqual({ model_id: "m", space_id: "my-space" });
});
