// What a customer reads of a call afterwards: every attempt, with its reason, its times and what it cost.
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { always, answer, at, failing } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      TURNPIKE_BREAKERS: "on",
      TURNPIKE_MAX_RETRY_WAIT_MS: "1500",
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha`,
      OPENAI_API_KEY: "sk-test-first-0123456789abcdef",
      OPENAI_API_KEY_2: "sk-test-second-0123456789abcdef",
      OPENAI_BASE_URL: `${replay.url}/openai`,
    },
  });
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

/** The record of one call, once it is settled. */
async function generationOf(body: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" };
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...body }),
  });
  await response.text();
  const url = `${gateway.url}/v1/generations/${response.headers.get("x-request-id")}`;
  const read = async () => (await (await fetch(url, { headers })).json()) as Record<string, unknown>;
  await expect.poll(async () => (await read()).status).toMatch(/completed|failed/);
  return read();
}

test("every attempt is told with its reason, its status, its wait and its cost, which add up to the call's", async () => {
  replay.script(failing(500), { match: at("alpha") });
  replay.script(failing(401), { match: at("openai") });
  replay.script(answer, { match: at("openai") });
  const generation = await generationOf({ model: "alpha/m", models: ["openai/gpt-4.1-mini"] });
  expect(generation).toMatchObject({ provider: "openai", cost_usd: "0.0000028" });
  expect(generation.attempts).toEqual([
    attempt({ provider: "alpha", model: "m", reason: "best", result: "server", status: 500 }),
    attempt({ reason: "failover", result: "authentication", status: 401 }),
    attempt({ reason: "failover", result: "ok", status: 200, cost_usd: "0.0000028" }),
  ]);
});

test("a retry tells how long it was waited for", async () => {
  replay.script(failing(429, { "retry-after": "1" }), { match: at("alpha") });
  replay.script(answer, { match: at("alpha") });
  const { attempts, cost_usd } = await generationOf({ model: "alpha/m" });
  const [first, second] = attempts as { waited_ms: number; cost_usd: string | null; reason: string }[];
  expect([first?.reason, first?.waited_ms, second?.reason]).toEqual(["best", 0, "retry"]);
  expect(second?.waited_ms).toBeGreaterThanOrEqual(900);
  // Nobody says what this model costs.
  expect([cost_usd, first?.cost_usd, second?.cost_usd]).toEqual([null, "0", null]);
});

test("which credentials the operator used is not told", async () => {
  replay.script(failing(401), { match: at("openai") });
  replay.script(answer, { match: at("openai"), ...always });
  const told = JSON.stringify(await generationOf({ model: "openai/gpt-4.1-mini" }));
  expect(told).toContain('"reason":"failover"');
  expect(told).not.toMatch(/credential|openai#|sk-test/);
});

function attempt(over: Record<string, unknown>): Record<string, unknown> {
  return {
    provider: "openai",
    model: "gpt-4.1-mini",
    started_at: expect.stringMatching(/^\d{4}-/),
    waited_ms: 0,
    duration_ms: expect.any(Number),
    ttft_ms: null,
    cost_usd: "0",
    ...over,
  };
}
