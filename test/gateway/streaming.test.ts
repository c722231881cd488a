// Streams: they flow as they come, wait for slow clients, stop for gone ones, and are kept open while a provider thinks.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

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
    },
  });
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const role = chunk({ role: "assistant", content: "" });
const usageFrame =
  'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],' +
  '"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"x_unknown":true}}\n\n';
const finish =
  'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o",' +
  '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const done = "data: [DONE]\n\n";

describe("a stream in the client's own dialect", () => {
  const odd =
    'data: {"id":"c1","x_new_field":{"a":[1,2.50,1e3]},"choices":[{"index":0,"delta":{"content":"é\\u00e9","x":1}}]}\r\n\r\n';

  test("passes every frame on as it came, and withholds the usage that nobody asked for", async () => {
    replay.script(() => [": OPENROUTER PROCESSING\n\n", role, odd, finish, usageFrame, done]);
    const response = await post({ stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(await response.text()).toBe([": OPENROUTER PROCESSING\n\n", role, odd, finish, done].join(""));
  });

  test("tells the usage that was asked for, with the cost in it and nothing else changed", async () => {
    replay.script(() => [role, odd, finish, usageFrame, done]);
    const response = await post({ stream: true, stream_options: { include_usage: true } });
    const text = await response.text();
    const costs = /"cost":([0-9.e-]+),?/.exec(text);
    // 9 tokens in at 2.50 USD and 3 out at 10 USD per million.
    expect(Number(costs?.[1])).toBeCloseTo(0.0000525, 12);
    expect(text.replace(/"cost":[0-9.e-]+,?/, "").replace(",}", "}")).toBe(
      [role, odd, finish, usageFrame, done].join(""),
    );
  });

  test("asks for usage always, keeps the client's options, and sends the client's own bytes", async () => {
    const exchange = replay.script(() => [role, finish, usageFrame, done]);
    const body =
      '{"x_vendor":{"b":1.0,"a":12345678901234567890}, "model":"openai/gpt-4o","provider":{"ignore":[]},"models":[],"drop_params":true,' +
      '"messages":[{"role":"user","content":"\\u0068i"}],"stream":true,"stream_options":{"x":1}}';
    await (await raw(body)).text();
    const { body: sent, headers } = await exchange.received;
    expect(JSON.parse(sent).stream_options).toEqual({ x: 1, include_usage: true });
    expect(sent).toContain('"x_vendor":{"b":1.0,"a":12345678901234567890}');
    expect(sent).toContain('"content":"\\u0068i"');
    expect(sent).toContain('"model":"gpt-4o"');
    for (const gone of ["provider", "models", "drop_params"]) expect(JSON.parse(sent)).not.toHaveProperty(gone);
    expect(headers.authorization).toBe("Bearer sk-test-upstream-openai-0123456789");
    expect(JSON.stringify(headers)).not.toContain(gateway.key);
  });
});

test("a whole answer passes through byte for byte, fields that nobody knows included", async () => {
  const answer =
    '{"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o","x_new":[1.50],\n "choices":[{"index":0,"message":' +
    '{"role":"assistant","content":"hi","x":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}';
  replay.script(() => [{ kind: "head", status: 200, headers: { "content-type": "application/json" } }, answer]);
  const response = await post({});
  expect(await response.text()).toBe(answer);
  expect(response.headers.get("x-turnpike-cost-usd")).toBe("0.0000525");
  expect(response.headers.get("x-turnpike-provider")).toBe("openai");
});

describe("a client that leaves", () => {
  test.each([
    ["in the middle of a stream", true],
    ["before the provider has answered", false],
  ])("%s stops the provider at once", async (_name, streamed) => {
    const exchange = replay.script(async function* () {
      if (streamed) {
        yield role;
        for (let n = 0; n < 5; n += 1) yield chunk({ content: `word ${n} ` });
      }
      yield { kind: "hang" } as const;
    });
    const abort = new AbortController();
    const answer = post({ stream: streamed }, abort.signal);
    await exchange.received;
    let id: string | null = null;
    if (streamed) {
      const response = await answer;
      id = response.headers.get("x-request-id");
      await response.body?.getReader().read();
    } else {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer.catch(() => {});
    }
    const leftAt = Date.now();
    abort.abort();
    const ending = await exchange.ended;
    expect(ending.by).toBe("client");
    console.log(`the provider was stopped ${ending.atMs - leftAt} ms after the client left`);
    if (id !== null) {
      const generation = await settled(id);
      expect(generation.status).toBe("client_gone");
      expect(generation.usage?.estimated).toBe(true);
      expect(generation.usage?.output_tokens).toBeGreaterThan(5);
      expect(Number(generation.cost_usd)).toBeGreaterThan(0);
    }
  });
});

test("a slow client slows the provider: no buffer grows with the stream", async () => {
  const pieces = 400;
  const filler = "x".repeat(64 * 1024);
  let sent = 0;
  const exchange = replay.script(async function* () {
    yield role;
    for (; sent < pieces; sent += 1) yield chunk({ content: filler });
    yield finish;
    yield usageFrame;
    yield done;
  });
  const url = new URL(gateway.url);
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  const body = JSON.stringify({ model: "openai/gpt-4o", stream: true, messages: [{ role: "user", content: "hi" }] });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${gateway.key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await exchange.received;
  // Nobody reads: the provider must come to a stand long before its 25 MB are out.
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(pieces * 0.8);
  let read = 0;
  let end = "";
  socket.on("data", (piece) => {
    read += piece.length;
    end = (end + piece.toString("latin1")).slice(-200);
  });
  await new Promise((resolve) => socket.on("close", resolve));
  expect(sent).toBe(pieces);
  expect(read).toBeGreaterThan(pieces * filler.length);
  expect(end).toContain("[DONE]");
});

describe("while a provider thinks", () => {
  let patient: Gateway;

  beforeAll(async () => {
    patient = await startGateway({
      env: {
        OPENAI_API_KEY: "sk-test-upstream-openai-0123456789",
        OPENAI_BASE_URL: `${replay.url}/v1`,
        ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
        ANTHROPIC_BASE_URL: replay.url,
        TURNPIKE_KEEP_ALIVE_MS: "50",
      },
    });
  });

  afterAll(() => patient.close());

  test("comments keep the stream open, and the answer follows", async () => {
    replay.script(async function* () {
      yield { kind: "wait", ms: 220 } as const;
      yield* [role, chunk({ content: "at last" }), finish, usageFrame, done];
    });
    const text = await (await post({ stream: true }, undefined, patient)).text();
    expect(text.match(/^: [a-z -]+\n\n/gm)?.length).toBeGreaterThan(1);
    expect(text).toContain("at last");
    expect(text.endsWith(done)).toBe(true);
  });

  test("another deployment can still take over behind them", async () => {
    replay.script(
      async function* () {
        yield { kind: "wait", ms: 120 } as const;
        yield { kind: "head", status: 500, headers: {} } as const;
      },
      { match: ({ path }) => path.startsWith("/v1/chat/") },
    );
    replay.script(
      () => [
        'event: message_start\ndata: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}}\n\n',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"taken over"}}\n\n',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}\n\n',
        'event: message_stop\ndata: {"type":"message_stop"}\n\n',
      ],
      { match: ({ path }) => path.startsWith("/v1/messages") },
    );
    const response = await post({ stream: true, models: ["anthropic/claude-sonnet-4-5"] }, undefined, patient);
    const text = await response.text();
    expect(text).toContain("taken over");
    expect(text.endsWith(done)).toBe(true);
    const generation = await settled(response.headers.get("x-request-id"), patient);
    expect([generation.status, generation.attempts.length]).toEqual(["completed", 2]);
  });
});

interface Generation {
  readonly status: string;
  readonly cost_usd: string | null;
  readonly usage: { readonly output_tokens: number; readonly estimated: boolean } | null;
  readonly attempts: readonly unknown[];
}

function chunk(delta: Record<string, unknown>): string {
  return `data: ${JSON.stringify({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "gpt-4o",
    choices: [{ index: 0, delta, finish_reason: null }],
  })}\n\n`;
}

function post(body: Record<string, unknown>, signal?: AbortSignal, at: Gateway = gateway): Promise<Response> {
  return raw(
    JSON.stringify({ model: "openai/gpt-4o", messages: [{ role: "user", content: "hello" }], ...body }),
    signal,
    at,
  );
}

function raw(body: string, signal?: AbortSignal, at: Gateway = gateway): Promise<Response> {
  return fetch(`${at.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${at.key}`, "content-type": "application/json" },
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}

async function settled(id: string | null, at: Gateway = gateway): Promise<Generation> {
  for (let tries = 0; tries < 100; tries += 1) {
    const response = await fetch(`${at.url}/v1/generations/${id}`, {
      headers: { authorization: `Bearer ${at.key}` },
    });
    if (response.status === 200) {
      const generation = (await response.json()) as Generation;
      if (generation.status !== "running") return generation;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`call ${id} was not settled`);
}
