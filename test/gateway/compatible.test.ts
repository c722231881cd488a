// OpenAI-compatible providers through the whole gateway, over real sockets: what arrives there, and what comes back.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { recording } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      TURNPIKE_PROVIDER_OUR_GPU_BASE_URL: `${replay.url}/gpu/v1/`,
      OLLAMA_BASE_URL: `${replay.url}/ollama/v1`,
      MISTRAL_API_KEY: "mistral-secret",
      MISTRAL_BASE_URL: `${replay.url}/mistral/v1`,
      HF_TOKEN: "hf-secret",
      HUGGINGFACE_BASE_URL: `${replay.url}/hf/v1`,
      PERPLEXITY_API_KEY: "pplx-secret",
      PERPLEXITY_BASE_URL: `${replay.url}/pplx`,
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

function ask(path: string, body: object): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const messages = [{ role: "user", content: "hi" }];

describe("a server that the environment describes", () => {
  test("is called by its name, without a key, and answers with its own bytes", async () => {
    const recorded = recording("openai-compatible", "openai-compatible-xai-text");
    const exchange = replay.serve(recorded);
    const response = await ask("/v1/chat/completions", { model: "our-gpu/org/model:7b", messages, min_p: 0.1 });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-turnpike-provider")).toBe("our-gpu");
    expect(await response.text()).toBe(recorded.response);
    const { path, headers, body } = await exchange.received;
    expect(path).toBe("/gpu/v1/chat/completions");
    expect(headers).not.toHaveProperty("authorization");
    expect(JSON.parse(String(body))).toEqual({ model: "org/model:7b", messages, min_p: 0.1 });
  });

  test("streams, and its usage is asked for", async () => {
    const exchange = replay.serve(recording("ollama", "test-chat-streaming-stream"));
    const response = await ask("/v1/chat/completions", { model: "ollama/qwen3:8b", messages, stream: true });
    expect(await response.text()).toContain("[DONE]");
    const { path, body } = await exchange.received;
    expect(path).toBe("/ollama/v1/chat/completions");
    expect(JSON.parse(String(body))).toMatchObject({ model: "qwen3:8b", stream_options: { include_usage: true } });
  });
});

test("Mistral is told in its own words what an OpenAI client asks", async () => {
  const recorded = recording("mistral", "test_settings-test_stop_settings-mistral-.0");
  const exchange = replay.serve(recorded);
  const response = await ask("/v1/chat/completions", {
    model: "mistral/mistral-small-latest",
    messages: [{ role: "developer", content: "be kind" }, ...messages],
    tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
    tool_choice: "required",
    max_completion_tokens: 5,
    seed: 7,
  });
  expect(await response.text()).toBe(recorded.response);
  const { headers, body, path } = await exchange.received;
  expect(headers.authorization).toBe("Bearer mistral-secret");
  expect(path).not.toContain("secret");
  expect(JSON.parse(String(body))).toMatchObject({ tool_choice: "any", max_tokens: 5, random_seed: 7 });
  expect(JSON.parse(String(body)).messages[0]).toEqual({ role: "system", content: "be kind" });
  expect(String(body)).not.toMatch(/max_completion_tokens|"seed"|secret/);
});

test("a client of the Messages API is told what stands between think tags as thinking", async () => {
  replay.serve(recording("huggingface", "test_huggingface-test_hf_model_thinking_part.0"));
  const response = await ask("/v1/messages", {
    model: "huggingface/deepseek-ai/DeepSeek-R1",
    max_tokens: 2000,
    messages,
  });
  expect(response.status).toBe(200);
  const { content } = (await response.json()) as { content: { type: string; thinking?: string; text?: string }[] };
  expect(content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  expect(JSON.stringify(content)).not.toContain("think>");
});

test("a client of the Messages API may repeat a role that Perplexity wants to alternate, and is refused tools", async () => {
  const exchange = replay.serve(recording("perplexity", "perplexity-perplexity-citations"));
  const twice = [...messages, { role: "user", content: "again" }];
  const response = await ask("/v1/messages", { model: "perplexity/sonar", max_tokens: 100, messages: twice });
  expect(response.status).toBe(200);
  const { body } = await exchange.received;
  expect(JSON.parse(String(body)).messages).toHaveLength(1);

  const tools = [{ name: "f", input_schema: { type: "object", properties: {} } }];
  const refused = await ask("/v1/messages", { model: "perplexity/sonar", max_tokens: 100, messages, tools });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("tools");
});
