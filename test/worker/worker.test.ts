// The Worker as it is deployed: built by wrangler, run by workerd over a local D1, called by the official SDK.
import OpenAI from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import type { Stream } from "openai/streaming";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateAdminKey } from "../../src/keys/format.ts";
import { formatMasterKey, generateMasterKey } from "../../src/vault/master-key.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { send } from "../support/uploads.ts";
import {
  applyMigrations,
  type Bundle,
  buildWorker,
  execute,
  makeState,
  type RunningWorker,
  type State,
  startTimeoutMs,
  startWorker,
} from "./wrangler.ts";

const state = makeState();
const adminKey = generateAdminKey();
const secrets = {
  TURNPIKE_MASTER_KEY: formatMasterKey(generateMasterKey()),
  TURNPIKE_ADMIN_KEY: adminKey,
};
const providerKey = "sk-test-upstream-openai-0123456789";
const abandoned = "req_of_an_isolate_that_died";
let bundle: Bundle;
let worker: RunningWorker | null = null;
let replay: Replay | null = null;
let url = "";
let key: IssuedKey;

interface IssuedKey {
  readonly id: string;
  readonly key: string;
}

beforeAll(async () => {
  [bundle] = await Promise.all([buildWorker(state), applyMigrations(state)]);
  await execute(
    `insert into calls (id, key_id, customer, project, operation, dialect, requested_model, stream, opened_at_ms,
      estimated_input_tokens) values ('${abandoned}', 'key_1', 'acme', 'shop', 'chat', 'openai-chat', 'sandbox/echo', 0,
      ${Date.UTC(2026, 0)}, 12)`,
    state,
  );
  replay = await startReplay();
  const vars = { TURNPIKE_SANDBOX: "on", OPENAI_API_KEY: providerKey, OPENAI_BASE_URL: `${replay.url}/v1` };
  worker = await startWorker(bundle, { ...secrets, ...vars }, state);
  url = worker.url;
  key = await issueKey("first");
}, startTimeoutMs);
afterAll(async () => {
  await worker?.stop();
  await replay?.close();
  state.remove();
});

async function admin(path: string, body: unknown): Promise<Response> {
  return fetch(`${url}/admin/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function issueKey(name: string): Promise<IssuedKey> {
  const response = await admin("/keys", { name, customer: "acme", project: "shop", environment: "live" });
  const text = await response.text();
  expect(response.status, text).toBe(201);
  return JSON.parse(text) as IssuedKey;
}

function chat(body: object, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

function upstream(): Replay {
  if (replay === null) throw new Error("the replay upstream did not start");
  return replay;
}

const client = (apiKey: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const messages = [{ role: "user" as const, content: "Hello from a Worker" }];

interface Generation {
  readonly status: string;
  readonly provider: string | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number; readonly estimated: boolean } | null;
}

async function generation(id: string): Promise<Generation> {
  const response = await fetch(`${url}/v1/generations/${id}`, { headers: { authorization: `Bearer ${key.key}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as Generation;
}

/** The call's record once it is settled: on a Worker that is just after the answer's end. */
async function settled(id: string): Promise<Generation> {
  await expect.poll(async () => (await generation(id)).status, { timeout: 10_000 }).not.toBe("running");
  return generation(id);
}

describe("a Worker", () => {
  test.each(["before", "after"])("sends on a file whose model is named %s it", async (order) => {
    const file = Buffer.alloc(3 * 1024 * 1024, "sound");
    const exchange = upstream().script(() => [
      { kind: "head", status: 200, headers: { "content-type": "application/json" } },
      JSON.stringify({ text: "Hello", usage: { type: "duration", seconds: 9 } }),
    ]);
    const form = new FormData();
    if (order === "before") form.set("model", "openai/whisper-1");
    form.set("file", new File([file], "a.mp3"));
    if (order === "after") form.set("model", "openai/whisper-1");
    const response = await fetch(`${url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.key}` },
      body: form,
    });
    expect(await response.json()).toMatchObject({ text: "Hello" });
    const { body, headers } = await exchange.received;
    expect(body).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/);
    expect(body).toContain(file.toString());
    expect(Number(headers["content-length"])).toBe(body.length);
  });

  test("refuses a file that an isolate can't hold", async () => {
    const fields = [
      ["model", "openai/whisper-1"],
      ["file", 33 * 1024 * 1024],
    ] as const;
    const unsent = new Promise<void>(() => {});
    const sending = send({ url: `${url}/v1/audio/transcriptions`, key: key.key, fields, before: () => unsent });
    expect(await sending.answer).toMatchObject({ status: 413, body: { error: { code: "request_too_large" } } });
    sending.abort();
  });

  test("answers from the sandbox, with tokens counted, and can tell of the call afterwards", async () => {
    const { data, response } = await client(key.key)
      .chat.completions.create({ model: "sandbox/echo", messages })
      .withResponse();
    expect(data.choices[0]?.message.content).toContain("Hello from a Worker");
    expect(data.usage?.completion_tokens).toBeGreaterThan(0);
    const record = await settled(response.headers.get("x-request-id") ?? "");
    expect(record).toMatchObject({ status: "completed", provider: "sandbox" });
    expect(record.usage).toMatchObject({
      input_tokens: data.usage?.prompt_tokens,
      output_tokens: data.usage?.completion_tokens,
      estimated: false,
    });
  });

  test("streams the same answer piece by piece, with its usage last", async () => {
    const { data: stream, response } = await client(key.key)
      .chat.completions.create({
        model: "sandbox/echo",
        messages,
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse();
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(text).toContain("Hello from a Worker");
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
    const record = await settled(response.headers.get("x-request-id") ?? "");
    expect(record).toMatchObject({ status: "completed" });
    expect(record.usage?.output_tokens).toBe(chunks.at(-1)?.usage?.completion_tokens);
  });

  test("stores responses in D1, sealed, so that the next turn finds the conversation in the instant in which a stream ends", async () => {
    const openai = client(key.key);
    let previous_response_id: string | null = null;
    for (const input of ["First question.", "Second question.", "Third question."]) {
      const events: Stream<ResponseStreamEvent> = await openai.responses.create({
        ...{ model: "sandbox/echo", input, previous_response_id, stream: true },
      });
      for await (const event of events)
        if (event.type === "response.completed") previous_response_id = event.response.id;
    }
    const id = previous_response_id ?? "";
    const texts = (await openai.responses.inputItems.list(id, { order: "asc" })).data.map((item) =>
      JSON.stringify(item),
    );
    expect(texts).toHaveLength(5);
    expect(texts[0]).toContain("First question.");
    expect(texts[4]).toContain("Third question.");
    expect((await openai.responses.retrieve(id)).output_text).toContain("Third question.");
    await openai.responses.delete(id);
    await expect(openai.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  test("settles a call whose client left, for what was served until then", async () => {
    const stop = new AbortController();
    const { data: stream, response } = await client(key.key)
      .chat.completions.create(
        {
          model: "sandbox/slow?ttft=10&tps=20",
          messages: [{ role: "user", content: "a long story ".repeat(100) }],
          stream: true,
        },
        { signal: stop.signal },
      )
      .withResponse();
    await expect(async () => {
      for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? "") !== "") stop.abort();
      throw new Error("the stream was over");
    }).rejects.toThrow();
    const record = await settled(response.headers.get("x-request-id") ?? "");
    expect(record).toMatchObject({ status: "client_gone", usage: { estimated: true } });
    expect(record.usage?.input_tokens).toBeGreaterThan(100);
    expect(record.usage?.output_tokens).toBeLessThan(record.usage?.input_tokens ?? 0);
  });

  test("passes a provider's stream on as it came, over the platform's fetch", async () => {
    const frames = [
      'data: {"id":"c1","x_new":{"a":[1,2.50,1e3]},"choices":[{"index":0,"delta":{"content":"é\\u00e9"}}]}\r\n\r\n',
      'data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    ];
    const usage =
      'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}\n\n';
    const done = "data: [DONE]\n\n";
    const exchange = upstream().script(() => [...frames, usage, done]);
    const response = await chat({ model: "openai/gpt-4o", messages, stream: true });
    expect(await response.text()).toBe([...frames, done].join(""));
    const { headers } = await exchange.received;
    expect(headers.authorization).toBe(`Bearer ${providerKey}`);
    expect(JSON.stringify(headers)).not.toContain(key.key);
    const record = await settled(response.headers.get("x-request-id") ?? "");
    expect(record).toMatchObject({ status: "completed", cost_usd: "0.0000525", usage: { output_tokens: 3 } });
  });

  test("passes a provider's whole answer on byte for byte", async () => {
    const answer =
      '{"id":"c1","x_new":[1.50],\n "choices":[{"index":0,"message":{"role":"assistant","content":"hi"},' +
      '"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}';
    upstream().script(() => [{ kind: "head", status: 200, headers: { "content-type": "application/json" } }, answer]);
    const response = await chat({ model: "openai/gpt-4o", messages });
    expect(await response.text()).toBe(answer);
    expect(response.headers.get("x-turnpike-cost-usd")).toBe("0.0000525");
  });

  test("stops the provider once a piece can't be brought to a client that has left", async () => {
    const exchange = upstream().script(async function* () {
      for (;;) {
        yield 'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';
        yield { kind: "wait", ms: 20 };
      }
    });
    const stop = new AbortController();
    const response = await chat({ model: "openai/gpt-4o", messages, stream: true }, stop.signal);
    await response.body?.getReader().read();
    stop.abort();
    expect((await exchange.ended).by).toBe("client");
    const record = await settled(response.headers.get("x-request-id") ?? "");
    expect(record).toMatchObject({ status: "client_gone", usage: { estimated: true } });
  });

  test("answers many calls at once, each recorded under its own id", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        client(key.key)
          .chat.completions.create({
            model: "sandbox/echo",
            messages: [{ role: "user", content: `number ${number} of 20` }],
          })
          .withResponse(),
      ),
    );
    for (const [number, { data }] of answers.entries()) {
      expect(data.choices[0]?.message.content).toContain(`number ${number} of 20`);
    }
    const ids = new Set(answers.map(({ response }) => response.headers.get("x-request-id") ?? ""));
    expect(ids.size).toBe(20);
    for (const id of ids) expect(await settled(id)).toMatchObject({ status: "completed" });
  });

  test("answers an error in OpenAI's form", async () => {
    const failure = await client(key.key)
      .chat.completions.create({ model: "no-such-model", messages })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
    expect(failure).toMatchObject({
      code: "model_not_found",
      error: { type: "invalid_request_error", message: expect.stringContaining("no-such-model") },
    });
  });

  test("refuses a key that was revoked", async () => {
    const other = await issueKey("second");
    await client(other.key).chat.completions.create({ model: "sandbox/echo", messages });
    expect((await admin(`/keys/${other.id}/revoke`, {})).status).toBe(200);
    const refusal = client(other.key).chat.completions.create({ model: "sandbox/echo", messages });
    await expect(refusal).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
  });

  test("is ready when its database answers", async () => {
    const response = await fetch(`${url}/readyz`);
    expect(await response.json()).toEqual({ status: "ok" });
  });

  test("settles on its schedule what an isolate left open when it died", async () => {
    expect((await generation(abandoned)).status).toBe("running");
    // Where workerd under wrangler takes what the platform's timer would send.
    const response = await fetch(`${url}/cdn-cgi/handler/scheduled?cron=*/5+*+*+*+*`);
    expect(await response.text()).toBe("ok");
    expect(await generation(abandoned)).toMatchObject({
      status: "interrupted",
      usage: { input_tokens: 12, estimated: true },
    });
  });

  test("fits into the 3 MB, compressed, of the free plan", () => {
    expect(bundle.compressedBytes).toBeGreaterThan(1_000_000);
    expect(bundle.compressedBytes).toBeLessThan(3_000_000);
  });
});

describe("a Worker without an administrator's key", () => {
  let empty: State | null = null;
  let unready: RunningWorker | null = null;
  beforeAll(async () => {
    empty = makeState();
    await applyMigrations(empty);
    const { TURNPIKE_MASTER_KEY } = secrets;
    unready = await startWorker(bundle, { TURNPIKE_MASTER_KEY }, empty);
  }, startTimeoutMs);
  afterAll(async () => {
    await unready?.stop();
    empty?.remove();
  });

  test("says which command sets one", async () => {
    const response = await fetch(`${unready?.url}/v1/models`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: "internal_error", message: expect.stringContaining("npx wrangler secret put TURNPIKE_ADMIN_KEY") },
    });
  });
});
