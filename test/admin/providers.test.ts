// What operators see of providers, over real sockets: how they are reached, and how each is doing.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProviderView } from "../../src/admin/provider-view.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { always, answer, at, failing, withKey } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

const [firstKey, secondKey] = ["sk-test-first-0123456789abcdef", "sk-test-second-0123456789abcdef"];
let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
  const alpha = new URL(replay.url);
  gateway = await startGateway({
    env: {
      TURNPIKE_BREAKERS: "on",
      TURNPIKE_ROUTING: "balanced",
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `http://me:pass-word@${alpha.host}/alpha/v1?key=hidden`,
      OPENAI_API_KEY: firstKey,
      OPENAI_API_KEY_2: secondKey,
      OPENAI_BASE_URL: `${replay.url}/openai`,
      TURNPIKE_SANDBOX: "on",
    },
  });
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${gateway.url}/admin/v1${path}`, { headers: { "x-api-key": gateway.adminKey } });
  return { status: response.status, text: await response.text() };
}

const provider = async (id: string) => JSON.parse((await get(`/providers/${id}`)).text) as ProviderView;

async function call(model: string): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.text();
  return response.status;
}

test("every provider that can be called is listed by its id, with what it does and no secret", async () => {
  const { status, text } = await get("/providers");
  expect(status).toBe(200);
  const { data } = JSON.parse(text) as { data: ProviderView[] };
  expect(data.map(({ id }) => id)).toEqual(["alpha", "openai", "sandbox"]);
  expect(data.map(({ base_url }) => base_url)).toEqual([`${replay.url}/alpha/v1`, `${replay.url}/openai`, null]);
  expect(data[1]).toMatchObject({
    object: "provider",
    name: "OpenAI",
    dialects: expect.arrayContaining(["openai-chat", "openai-responses"]),
    endpoints: expect.arrayContaining(["chat", "embeddings"]),
    credentials: [
      { id: "openai", state: "ok", refused_for: null, retry_at: null },
      { id: "openai#2", state: "ok", refused_for: null, retry_at: null },
    ],
    deployments: [],
  });
  expect(text).not.toMatch(/sk-test|pass-word|hidden/);
});

test("a deployment that was used tells what was measured of it", async () => {
  replay.script(answer, { match: at("openai"), times: 3 });
  replay.script(failing(500), { match: at("openai") });
  const statuses = [];
  for (let time = 0; time < 4; time++) statuses.push(await call("openai/gpt-4.1-mini"));
  expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
  const { deployments } = await provider("openai");
  expect(new Set(deployments.map(({ model }) => model))).toEqual(new Set(["gpt-4.1-mini"]));
  const sum = (of: "attempts" | "failures" | "in_flight") => deployments.reduce((all, one) => all + one[of], 0);
  // The one that failed went on to the other credential, for which nothing was scripted: 501.
  expect([sum("attempts"), sum("failures"), sum("in_flight")]).toEqual([5, 2, 0]);
  expect(deployments[0]).toMatchObject({
    ttft_ms: { p50: expect.any(Number), p90: expect.any(Number), p95: expect.any(Number) },
    tokens_per_second: { p50: expect.any(Number) },
    measurements: 3,
    breaker: { state: "closed", open_until: null },
    paused_until: null,
    headroom: 1,
    last_used_at: expect.stringMatching(/^\d{4}-/),
  });
});

test("open breakers, pauses and refused credentials tell until when", async () => {
  replay.script(failing(500), { match: at("alpha/v1"), times: 5 });
  for (let time = 0; time < 5; time++) await call("alpha/m");
  const [deployment] = (await provider("alpha")).deployments;
  expect(deployment).toMatchObject({ attempts: 5, failures: 5, breaker: { state: "open" } });
  expect(Date.parse(deployment?.breaker.open_until ?? "")).toBeGreaterThan(Date.now() - 5_000);

  replay.script(failing(401), { match: withKey(firstKey), ...always });
  replay.script(failing(429, { "retry-after": "300" }), { match: withKey(secondKey), ...always });
  expect(await call("openai/gpt-4.1-mini")).not.toBe(200);
  const { credentials, deployments } = await provider("openai");
  expect(credentials).toMatchObject([
    { id: "openai", state: "refused", refused_for: "authentication" },
    { id: "openai#2", state: "ok", refused_for: null, retry_at: null },
  ]);
  expect(Date.parse(credentials[0]?.retry_at ?? "")).toBeGreaterThan(Date.now());
  const paused = deployments.find(({ credential }) => credential === "openai#2");
  expect(Date.parse(paused?.paused_until ?? "")).toBeGreaterThan(Date.now() + 200_000);
});

test("a provider that can't be called is not there", async () => {
  const { status, text } = await get("/providers/anthropic");
  expect([status, JSON.parse(text).error.code]).toEqual([404, "not_found"]);
});
