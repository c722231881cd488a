// Legacy completions: what providers answered reaches the official client as it was, streamed or not, and each call is accounted.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { recordings } from "../support/recordings.ts";
import { asked, startWorld, type World } from "./operations.ts";

type Body = Parameters<World["openai"]["completions"]["create"]>[0];

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterEach(() => {
  world.replay.clear();
});

afterAll(() => world.close());

const all = ["openai", "together", "ollama"].flatMap((provider) =>
  recordings(provider, { dialect: "openai-completions" }),
);
const named = (list: typeof all) => list.map((one) => [`${one.provider} ${one.name}`, one] as const);
const whole = named(all.filter(({ stream, status }) => !stream && status < 400));
const streamed = named(all.filter(({ stream, status }) => stream && status < 400));
const failed = named(all.filter(({ status }) => status >= 400));

test.each(whole)("%s is answered as it was recorded", async (_name, recorded) => {
  world.replay.serve(recorded);
  const { data, response } = await world.openai.completions
    .create({ ...asked<Body>(recorded), stream: false })
    .withResponse();
  expect(data).toMatchObject(JSON.parse(recorded.response));
  const { usage } = JSON.parse(recorded.response);
  const call = await world.ledger(response.headers.get("x-request-id"));
  expect(call).toMatchObject({ status: "completed", operation: "completions", dialect: "openai" });
  expect(call.usage).toMatchObject({
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    estimated: false,
  });
});

describe.each(streamed)("%s", (_name, recorded) => {
  test("is streamed as it was recorded, and counted where its usage never came", async () => {
    // One source kept a stream under the content type of its errors.
    const responseHeaders = { "content-type": "text/event-stream" };
    const exchange = world.replay.serve({ ...recorded, responseHeaders }, { mode: { kind: "cut", seed: 7, cuts: 40 } });
    const { data: stream, response } = await world.openai.completions
      .create({ ...asked<Body>(recorded), stream: true })
      .withResponse();
    const texts: string[] = [];
    for await (const chunk of stream)
      for (const choice of chunk.choices) texts[choice.index] = (texts[choice.index] ?? "") + choice.text;
    expect(texts).toEqual(textsOf(recorded.response));
    expect(JSON.parse((await exchange.received).body).stream_options).toEqual({ include_usage: true });
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.status).toBe("completed");
    expect(call.usage?.input_tokens).toBeGreaterThan(0);
    expect(call.usage?.output_tokens).toBeGreaterThan(0);
    expect(call.usage?.estimated).toBe(!recorded.response.includes('"usage":{'));
  });
});

test.each(failed)("%s fails in OpenAI's shape, and costs nothing", async (_name, recorded) => {
  world.replay.serve(recorded);
  const response = await world.post("/openai/v1/completions", asked(recorded));
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(await response.json()).toMatchObject({ error: { message: expect.any(String), code: expect.any(String) } });
  const call = await world.ledger(response.headers.get("x-request-id"));
  expect(call).toMatchObject({ status: "failed", usage: null, cost_usd: "0" });
});

const frame = (text: string, finish: string | null = null): string =>
  `data: {"id":"c","object":"text_completion","choices":[{"text":${JSON.stringify(text)},"index":0,"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
const usage = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}\n\n';

describe("a stream's usage", () => {
  const body = { model: "openai/gpt-3.5-turbo-instruct", prompt: "Hi", stream: true };

  test("is accounted and withheld when nobody asked for it", async () => {
    world.replay.script(() => [frame("Hello"), frame("", "stop"), usage, "data: [DONE]\n\n"]);
    const response = await world.post("/v1/completions", body);
    expect(await response.text()).toBe(`${frame("Hello")}${frame("", "stop")}data: [DONE]\n\n`);
    const call = await world.ledger(response.headers.get("x-request-id"));
    expect(call.usage).toMatchObject({ input_tokens: 5, output_tokens: 2, estimated: false });
    // 1.50 USD in and 2 out per million.
    expect(call.cost_usd).toBe("0.0000115");
  });

  test("is told with its cost to who asked", async () => {
    world.replay.script(() => [frame("Hello"), frame("", "stop"), usage, "data: [DONE]\n\n"]);
    const response = await world.post("/v1/completions", { ...body, stream_options: { include_usage: true } });
    expect(await response.text()).toContain('"cost":');
  });
});

test("a stream that breaks off ends with an error in its own words, and what was said is accounted", async () => {
  world.replay.script(() => [frame("Once upon a time"), { kind: "reset" }]);
  const response = await world.post("/v1/completions", { model: "openai/davinci-002", prompt: "Hi", stream: true });
  expect(await response.text()).toMatch(/data: {"error":.*upstream_error/);
  const call = await world.ledger(response.headers.get("x-request-id"));
  expect(call).toMatchObject({ status: "cut", usage: { output_tokens: 4, estimated: true } });
});

describe("a bad request is refused by name", () => {
  test.each([
    [{ prompt: "Hi" }, 400, "invalid_request", "model"],
    [{ model: "openai/davinci-002", prompt: { a: 1 } }, 400, "invalid_request", "prompt"],
    [{ model: "openai/davinci-002", prompt: [] }, 400, "invalid_request", "prompt"],
    [{ model: "openai/davinci-002", prompt: "a", stream: "yes" }, 400, "invalid_request", "stream"],
    [{ model: "text-embedding-3-small", prompt: "a" }, 404, "model_not_found", "model"],
  ])("%j", async (body, status, code, param) => {
    const response = await world.post("/v1/completions", body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });
});

function textsOf(sse: string): readonly string[] {
  const texts: string[] = [];
  for (const [, data] of sse.matchAll(/^data: (\{.*)$/gm)) {
    for (const { index, text } of JSON.parse(data ?? "").choices) texts[index] = (texts[index] ?? "") + text;
  }
  return texts;
}

test("a policy's output limit holds for completions: more is refused, and where none is asked for it is sent", async () => {
  const { replay, gateway } = world;
  const made = await fetch(`${gateway.url}/admin/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "n", customer: "c", policy: { max_output_tokens: 20 } }),
  });
  const { key } = (await made.json()) as { key: string };
  const complete = async (more: object) => {
    const response = await fetch(`${gateway.url}/v1/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openai/gpt-3.5-turbo-instruct", prompt: "Once", ...more }),
    });
    return [response.status, ((await response.json()) as { error?: { code: string } }).error?.code ?? null];
  };
  expect(await complete({ max_tokens: 21 })).toEqual([400, "too_many_tokens"]);
  const before = replay.requests.length;
  await complete({ max_tokens: 20 });
  await complete({});
  await complete({ max_tokens: null });
  const sent = replay.requests.slice(before).map(({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens);
  expect(sent).toEqual([20, 20, 20]);
});
