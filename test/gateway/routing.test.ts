// Retries, pools of credentials, breakers and hedges, over real sockets, with the gateway's own settings.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Received, Script, Step } from "../support/answers.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const asShipped = { TURNPIKE_BREAKERS: "on", TURNPIKE_ROUTING: "balanced", TURNPIKE_MAX_RETRY_WAIT_MS: "1500" };
const [firstKey, secondKey] = ["sk-test-first-0123456789abcdef", "sk-test-second-0123456789abcdef"];

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

/** A gateway with two servers, `alpha` and `beta`, and OpenAI with a pool of two keys. */
async function start(env: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway({
    env: {
      ...asShipped,
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha`,
      TURNPIKE_PROVIDER_BETA_BASE_URL: `${replay.url}/beta`,
      OPENAI_API_KEY: firstKey,
      OPENAI_API_KEY_2: secondKey,
      OPENAI_BASE_URL: `${replay.url}/openai`,
      ...env,
    },
  });
}

const at = (server: string) => (request: Received) => request.path.startsWith(`/${server}/`);
const withKey = (key: string) => (request: Received) => request.headers.authorization === `Bearer ${key}`;
const head = (status: number, headers: Record<string, string> = {}): Step => ({
  kind: "head",
  status,
  headers: { "content-type": "application/json", ...headers },
});
const failing =
  (status: number, headers: Record<string, string> = {}, error: object = {}): Script =>
  () => [head(status, headers), JSON.stringify({ error: { message: "upstream says no", type: "error", ...error } })];
const answer: Script = () => [
  head(200),
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  }),
];
const always = { times: Number.POSITIVE_INFINITY };

async function ask(body: Record<string, unknown>): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a deployment that has no other beside it", () => {
  test.each([500, 502, 503, 529])("is tried again after a %i", async (status) => {
    await start();
    replay.script(failing(status), { match: at("alpha") });
    replay.script(answer, { match: at("alpha") });
    const { status: told, headers } = await ask({ model: "alpha/m" });
    expect([told, headers.get("x-turnpike-attempts")]).toEqual([200, "2"]);
  });

  test("is tried again when its provider's wait is short, and not before it is over", async () => {
    await start();
    const refusal = replay.script(failing(429, { "retry-after": "1" }), { match: at("alpha") });
    const second = replay.script(answer, { match: at("alpha") });
    expect((await ask({ model: "alpha/m" })).status).toBe(200);
    expect((await second.received).atMs - (await refusal.received).atMs).toBeGreaterThanOrEqual(995);
  });

  test("is not waited for when its provider's wait is long, and not asked until it is over", async () => {
    await start();
    replay.script(failing(429, { "retry-after": "30" }), { match: at("alpha") });
    const first = await ask({ model: "alpha/m" });
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, "30"]);
    const second = await ask({ model: "alpha/m" });
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(27);
    expect(replay.requests).toHaveLength(1);
  });

  test("is not tried again after a time-out, which the client has paid for in time already", async () => {
    await start({ TURNPIKE_FIRST_BYTE_TIMEOUT_MS: "200" });
    replay.script(() => [{ kind: "hang" }], { match: at("alpha") });
    expect((await ask({ model: "alpha/m" })).status).toBe(504);
    expect(replay.requests).toHaveLength(1);
  });
});

describe("a call", () => {
  test("makes no more attempts than it may, all deployments together", async () => {
    await start({ TURNPIKE_MAX_ATTEMPTS: "4" });
    replay.script(failing(500), always);
    expect((await ask({ model: "alpha/m", models: ["beta/m"] })).status).toBe(502);
    expect(replay.requests.map(({ path }) => path.split("/")[1]).sort()).toEqual(
      ["alpha", "alpha", "beta", "beta"].sort(),
    );
  });

  test("whose prompt is too long for one model goes on to one that takes more, and to no other", async () => {
    await start();
    const tooLong = failing(400, {}, { code: "context_length_exceeded" });
    replay.script(tooLong, { match: at("openai") });
    replay.script(answer, { match: at("openai") });
    const { status, headers } = await ask({ model: "openai/gpt-4", models: ["openai/gpt-4.1"] });
    expect([status, headers.get("x-turnpike-model")]).toEqual([200, "gpt-4.1"]);

    replay.script(tooLong, { match: at("openai") });
    const down = await ask({ model: "openai/gpt-4.1", models: ["openai/gpt-4"] });
    expect([down.status, JSON.parse(down.text).error.code]).toEqual([400, "context_length_exceeded"]);
    expect(replay.requests).toHaveLength(3);
  });

  test("that a filter stops is taken only to another model, which its caller must have named", async () => {
    await start();
    const filtered = failing(400, {}, { code: "content_filter" });
    replay.script(filtered, { match: at("openai") });
    expect((await ask({ model: "openai/gpt-4o" })).status).toBe(400);
    expect(replay.requests).toHaveLength(1);

    replay.script(filtered, { match: at("openai") });
    replay.script(answer, { match: at("alpha") });
    expect((await ask({ model: "openai/gpt-4o", models: ["alpha/m"] })).status).toBe(200);
  });
});

describe("a pool of credentials", () => {
  test("goes on with the next one when one is refused for its rate", async () => {
    await start();
    replay.script(failing(429, { "retry-after": "20" }));
    replay.script(answer, always);
    for (let call = 0; call < 5; call++) expect((await ask({ model: "openai/gpt-4o" })).status).toBe(200);
    const [refused, ...others] = replay.requests.map(({ headers }) => headers.authorization);
    expect(others).toHaveLength(5);
    expect(new Set(others).size).toBe(1);
    expect(others[0]).not.toBe(refused);
  });

  test("leaves one alone that its provider does not know, and says nothing of it to the caller", async () => {
    await start();
    replay.script(failing(401, {}, { code: "invalid_api_key" }), { match: withKey(firstKey), ...always });
    replay.script(answer, { match: withKey(secondKey), ...always });
    for (let call = 0; call < 12; call++) expect((await ask({ model: "openai/gpt-4o" })).status).toBe(200);
    expect(replay.requests.filter(withKey(firstKey))).toHaveLength(1);
    expect(replay.requests.filter(withKey(secondKey))).toHaveLength(12);
  });

  test("shares the load among its credentials", async () => {
    await start();
    replay.script(answer, always);
    for (let call = 0; call < 40; call++) expect((await ask({ model: "openai/gpt-4o" })).status).toBe(200);
    expect(replay.requests.filter(withKey(firstKey)).length).toBeGreaterThan(4);
    expect(replay.requests.filter(withKey(secondKey)).length).toBeGreaterThan(4);
  });

  test("that is refused altogether is told as our fault, without asking again", async () => {
    await start();
    replay.script(failing(401, {}, { code: "invalid_api_key" }), { match: at("openai"), ...always });
    expect((await ask({ model: "openai/gpt-4o" })).status).toBe(502);
    expect(replay.requests).toHaveLength(2);
    const told = await ask({ model: "openai/gpt-4o" });
    expect([told.status, JSON.parse(told.text).error.code]).toEqual([502, "upstream_error"]);
    expect(told.text).not.toContain("sk-test");
    expect(replay.requests).toHaveLength(2);
  });
});

describe("a breaker", () => {
  test("opens on failures, refuses without asking, and closes when its deployment is back", async () => {
    await start({ TURNPIKE_MAX_RETRY_WAIT_MS: "0" });
    replay.script(failing(500), { match: at("alpha"), times: 5 });
    for (let call = 0; call < 5; call++) expect((await ask({ model: "alpha/m" })).status).toBe(502);
    const refused = await ask({ model: "alpha/m" });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, "no_deployment_available"]);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(replay.requests).toHaveLength(5);

    replay.script(answer, { match: at("alpha"), ...always });
    await expect.poll(async () => (await ask({ model: "alpha/m" })).status, { timeout: 5_000 }).toBe(200);
    expect((await ask({ model: "alpha/m" })).status).toBe(200);
  });

  test("leaves the deployment that works, and the client sees nothing", async () => {
    await start();
    replay.script(failing(500), { match: at("alpha"), ...always });
    replay.script(answer, { match: at("beta"), ...always });
    for (let call = 0; call < 20; call++) {
      expect((await ask({ model: "alpha/m", models: ["beta/m"] })).status).toBe(200);
    }
    expect(replay.requests.filter(at("alpha")).length).toBeLessThan(10);
  });
});

describe("a hedge", () => {
  const frame = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const stream = (text: string, waitMs: number): Script =>
    async function* () {
      yield { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } };
      if (waitMs > 0) yield { kind: "wait", ms: waitMs };
      yield `${frame({ role: "assistant", content: text })}${frame({}, "stop")}data: [DONE]\n\n`;
    };

  test("answers when the first attempt is slower than usual, and stops the slow one", async () => {
    await start({ TURNPIKE_HEDGE: "on" });
    replay.script(stream("usual", 0), { match: at("alpha"), times: 25 });
    for (let call = 0; call < 25; call++) await ask({ model: "alpha/m", stream: true });
    const slow = replay.script(stream("slow", 20_000), { match: at("alpha") });
    replay.script(stream("hedge", 0), { match: at("beta") });
    const { text, headers } = await ask({ model: "alpha/m", models: ["beta/m"], stream: true });
    expect(text).toContain("hedge");
    expect(text).not.toContain("slow");
    expect([headers.get("x-turnpike-provider"), headers.get("x-turnpike-attempts")]).toEqual(["beta", "2"]);
    expect((await slow.ended).by).toBe("client");
  });

  test("is not sent unless it is wanted", async () => {
    await start();
    replay.script(stream("usual", 0), { match: at("alpha"), times: 25 });
    for (let call = 0; call < 25; call++) await ask({ model: "alpha/m", stream: true });
    replay.script(stream("slow", 300), { match: at("alpha") });
    const { text } = await ask({ model: "alpha/m", models: ["beta/m"], stream: true });
    expect(text).toContain("slow");
    expect(replay.requests.filter(at("beta"))).toHaveLength(0);
  });
});
