// Plans without calls, over real sockets: what is told, for whom, in which dialects, and that nothing comes of it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { answer } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeEach(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      TURNPIKE_BREAKERS: "on",
      TURNPIKE_ROUTING: "balanced",
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

interface Told {
  readonly status: number;
  readonly body: { steps: Record<string, unknown>[]; removed: Record<string, unknown>[]; input_tokens: number | null };
  readonly error: Record<string, unknown>;
}

async function admin(method: string, path: string, body?: object): Promise<Told> {
  const told = await gateway.admin(method, path, body);
  const read = told.body as unknown as Told["body"] & { error: Told["error"] };
  return { status: told.status, body: read, error: read.error };
}

const plan = (body: object): Promise<Told> => admin("POST", "/routes/plan", body);
const said = [{ role: "user", content: "my secret question" }];
const providersOf = ({ body }: Told): unknown[] => [...new Set(body.steps.map(({ provider }) => provider))];

describe("a dry run", () => {
  test("tells the steps of a request in order, what is expected of each, and what was removed and why", async () => {
    const request = { model: "openai/gpt-4.1-mini", models: ["alpha/m"], messages: said, max_tokens: 100 };
    const { status, body } = await plan({ ...request, provider: { ignore: ["alpha"] } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: "route_plan",
      models: ["openai/gpt-4.1-mini", "alpha/m"],
      max_output_tokens: 100,
    });
    expect(body.steps.map(({ credential }) => credential).toSorted()).toEqual(["openai", "openai#2"]);
    expect(body.steps[0]).toMatchObject({
      provider: "openai",
      model: "gpt-4.1-mini",
      canonical_model: "openai/gpt-4.1-mini",
      name: "openai/gpt-4.1-mini",
      score: 1,
      failure_share: 0,
      measurements: 0,
      ready_at: null,
    });
    // 100 tokens at 1.60 USD a million, and a few of the prompt.
    expect(Number(body.steps[0]?.cost_usd)).toBeGreaterThan(0.00016);
    expect(body.removed).toEqual([
      expect.objectContaining({
        provider: "alpha",
        filter: "provider",
        why: expect.stringContaining("provider.ignore"),
      }),
    ]);
    const text = JSON.stringify(body);
    for (const secret of ["secret question", "sk-test", replay.url]) expect(text).not.toContain(secret);
  });

  test("sends nothing, records nothing, and measures nothing", async () => {
    for (let time = 0; time < 20; time++) expect((await plan({ model: "openai/gpt-4.1-mini" })).status).toBe(200);
    expect(replay.requests).toEqual([]);
    const { data } = (await admin("GET", "/providers")).body as unknown as { data: { deployments: unknown[] }[] };
    expect(data.map(({ deployments }) => deployments)).toEqual([[], []]);
    const usage = (await admin("GET", "/usage")).body as unknown as { data: { requests: number }[] };
    expect(usage.data[0]?.requests ?? 0).toBe(0);
  });

  test("goes by what calls have measured", async () => {
    replay.script(answer);
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "alpha/m", messages: said }),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect((await plan({ model: "alpha/m" })).body.steps[0]).toMatchObject({ measurements: 1 });
  });

  test.each([
    ["openai-chat", { messages: said }],
    ["openai-responses", { input: "my secret question" }],
    ["anthropic-messages", { max_tokens: 10, messages: said }],
    ["gemini", { contents: [{ parts: [{ text: "my secret question" }] }], stream: true }],
  ])("reads a request in the dialect %s", async (dialect, request) => {
    const told = await plan({ model: "openai/gpt-4.1-mini", dialect, ...request });
    expect([told.status, providersOf(told)]).toEqual([200, ["openai"]]);
    expect(told.body.input_tokens).toBeGreaterThanOrEqual(4);
  });

  test("plans other operations too", async () => {
    const told = await plan({ operation: "embeddings", model: "text-embedding-3-small", input: "x" });
    expect([told.status, providersOf(told), told.body.input_tokens]).toEqual([200, ["openai"], null]);
    const chat = await plan({ operation: "embeddings", model: "gpt-4.1-mini", input: "x" });
    expect([chat.status, chat.error.code]).toEqual([404, "model_not_found"]);
  });
});

describe("who would ask", () => {
  test("may be a key, whose policies then hold", async () => {
    const made = await admin("POST", "/keys", { name: "narrow", customer: "acme", policy: { models: ["alpha/*"] } });
    expect(made.status).toBe(201);
    const { id } = made.body as unknown as { id: string };
    const allowed = await plan({ model: "alpha/m", key: id });
    expect([allowed.status, providersOf(allowed)]).toEqual([200, ["alpha"]]);
    const refused = await plan({ model: "openai/gpt-4.1-mini", key: id });
    expect([refused.status, refused.error.code]).toEqual([403, "model_not_allowed"]);
    const both = await plan({ model: "alpha/m", models: ["openai/gpt-4.1-mini"], key: id });
    expect(both.body.removed.map(({ filter }) => filter)).toEqual(["model_policy", "model_policy"]);
    const unknown = await plan({ model: "alpha/m", key: "key_nobody" });
    expect([unknown.status, unknown.error.param]).toEqual([404, "key"]);
  });

  test("may be anybody whose facts the rules of an alias ask for", async () => {
    const alias = {
      name: "smart",
      targets: ["alpha/m"],
      // biome-ignore lint/suspicious/noThenProperty: it is the word of the public shape.
      rules: [{ when: { customers: ["gold*"], key_metadata: { tier: "1" } }, then: "openai/gpt-4.1-mini" }],
    };
    expect((await admin("POST", "/aliases", alias)).status).toBe(201);
    expect(providersOf(await plan({ model: "smart" }))).toEqual(["alpha"]);
    const caller = { customer: "goldsmith", metadata: { tier: "1" } };
    expect(providersOf(await plan({ model: "smart", caller }))).toEqual(["openai"]);
    const both = await plan({ model: "smart", caller, key: "key_1" });
    expect([both.status, both.error.param]).toEqual([400, "caller"]);
  });
});

describe("what can't be planned", () => {
  test.each([
    [{ model: "nobody/knows" }, 404, "model_not_found"],
    [{ model: "anthropic/claude-sonnet-4-5" }, 503, "no_deployment_available"],
    [{ model: "openai/gpt-4.1-mini", provider: { only: ["alpha"] } }, 404, "no_deployment_available"],
    [{ model: "openai/gpt-4", max_tokens: 10_000_000 }, 400, "context_length_exceeded"],
    [{ model: "openai/gpt-4.1-mini", provider: { sort: "magic" } }, 400, "invalid_request"],
    [{ model: "alpha/m", dialect: "morse" }, 400, "invalid_request"],
    [{}, 400, "invalid_request"],
  ])("%j is told as a call would be", async (request, status, code) => {
    const told = await plan({ messages: said, ...request });
    expect([told.status, told.error.code]).toEqual([status, code]);
  });
});
