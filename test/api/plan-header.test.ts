// `x-turnpike-plan` over real sockets: who gets it, in which dialects, and that the administrator's key goes no further.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generateAdminKey } from "../../src/keys/format.ts";
import type { ExplainedPlan } from "../../src/router/explain.ts";
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
      TURNPIKE_SANDBOX: "on",
    },
  });
});

afterEach(async () => {
  await gateway.close();
  await replay.close();
});

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const chat = (model: string, more: object = {}) => ({ model, messages: [{ role: "user", content: "Hello" }], ...more });
const planOf = (headers: Headers) => JSON.parse(headers.get("x-turnpike-plan") ?? "null") as ExplainedPlan | null;

describe("an answer's plan", () => {
  test("is told to an administrator, with its steps in order and what was removed", async () => {
    replay.script(answer, { times: 2 });
    const asking = { "x-turnpike-admin-key": gateway.adminKey };
    const { status, headers } = await post("/v1/chat/completions", chat("openai/gpt-4.1-mini"), asking);
    expect(status).toBe(200);
    const plan = planOf(headers);
    expect(plan?.steps.map(({ credential }) => credential).toSorted()).toEqual(["openai", "openai#2"]);
    expect(plan?.steps[0]).toMatchObject({ provider: "openai", canonical_model: "openai/gpt-4.1-mini", score: 1 });
    expect(plan?.removed).toEqual([]);
    const preferring = chat("alpha/m", { models: ["openai/gpt-4.1-mini"], provider: { ignore: ["openai"] } });
    const second = await post("/v1/chat/completions", preferring, asking);
    expect(planOf(second.headers)?.removed.map(({ filter }) => filter)).toEqual(["provider", "provider"]);
  });

  test("is told to no administrator who may not plan calls by itself", async () => {
    const made = await fetch(`${gateway.url}/admin/v1/admins`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "accounts", role: "billing" }),
    });
    const { key } = (await made.json()) as { readonly key: string };
    const refused = await post("/v1/chat/completions", chat("openai/gpt-4.1-mini"), { "x-turnpike-admin-key": key });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text).error.code).toBe("permission_denied");
    expect(planOf(refused.headers)).toBeNull();
  });

  test("is told to nobody else", async () => {
    replay.script(answer);
    const { headers } = await post("/v1/chat/completions", chat("openai/gpt-4.1-mini"));
    expect(headers.has("x-turnpike-plan")).toBe(false);
  });

  test("comes with streams, with errors of providers, and in every dialect", async () => {
    const asking = { "x-turnpike-admin-key": gateway.adminKey };
    const asked = await Promise.all([
      post("/v1/chat/completions", chat("sandbox/echo", { stream: true }), asking),
      post("/v1/chat/completions", chat("sandbox/error?status=400"), asking),
      post("/v1/messages", chat("sandbox/echo", { max_tokens: 10 }), asking),
      post("/v1/responses", { model: "sandbox/echo", input: "Hello" }, asking),
      post("/v1beta/models/sandbox/echo:generateContent", { contents: [{ parts: [{ text: "Hello" }] }] }, asking),
      post("/v1/embeddings", { model: "sandbox/embed", input: "Hello" }, asking),
    ]);
    expect(asked.map(({ status, headers }) => [status, planOf(headers)?.steps[0]?.provider])).toEqual([
      [200, "sandbox"],
      [400, "sandbox"],
      [200, "sandbox"],
      [200, "sandbox"],
      [200, "sandbox"],
      [200, "sandbox"],
    ]);
  });
});

describe("the administrator's key", () => {
  test("is not sent on to providers", async () => {
    replay.script(answer);
    const asking = { "x-turnpike-admin-key": gateway.adminKey };
    expect((await post("/v1/chat/completions", chat("openai/gpt-4.1-mini"), asking)).status).toBe(200);
    expect(replay.requests).toHaveLength(1);
    const sent = JSON.stringify(replay.requests);
    expect(sent).toContain("gpt-4.1-mini");
    expect(sent).not.toContain("tp_admin_");
    expect(sent).not.toContain("x-turnpike");
  });

  test("is refused in the caller's dialect when it is none, and nothing is sent", async () => {
    const guess = { "x-turnpike-admin-key": generateAdminKey() };
    const openai = await post("/v1/chat/completions", chat("openai/gpt-4.1-mini"), guess);
    expect([openai.status, JSON.parse(openai.text).error.code]).toEqual([401, "invalid_api_key"]);
    const anthropic = await post("/v1/messages", chat("openai/gpt-4.1-mini", { max_tokens: 5 }), guess);
    expect([anthropic.status, JSON.parse(anthropic.text)]).toEqual([
      401,
      expect.objectContaining({ type: "error", error: expect.objectContaining({ type: "authentication_error" }) }),
    ]);
    const gemini = await post("/v1beta/models/gpt-4.1-mini:generateContent", { contents: [] }, guess);
    expect([gemini.status, JSON.parse(gemini.text).error.code]).toEqual([401, 401]);
    const customers = await post(
      "/v1/embeddings",
      { model: "openai/text-embedding-3-small", input: "x" },
      { "x-turnpike-admin-key": gateway.key },
    );
    expect(customers.status).toBe(401);
    expect(replay.requests).toEqual([]);
  });

  test("is not shown beside a customer's key that does not work", async () => {
    const { status, headers } = await post("/v1/chat/completions", chat("sandbox/echo"), {
      authorization: `Bearer ${gateway.key.slice(0, -1)}x`,
      "x-turnpike-admin-key": gateway.adminKey,
    });
    expect([status, headers.has("x-turnpike-plan")]).toEqual([401, false]);
  });

  test("can't be guessed faster here than at the administrators' own endpoints: both count together", async () => {
    for (let guess = 0; guess < 5; guess++) {
      const there = await fetch(`${gateway.url}/admin/v1/keys`, { headers: { "x-api-key": generateAdminKey() } });
      expect(there.status).toBe(401);
      const here = await post("/v1/chat/completions", chat("sandbox/echo"), {
        "x-turnpike-admin-key": generateAdminKey(),
      });
      expect(here.status).toBe(401);
    }
    const slowed = await post("/v1/chat/completions", chat("sandbox/echo"), {
      "x-turnpike-admin-key": generateAdminKey(),
    });
    expect([slowed.status, slowed.headers.has("retry-after")]).toEqual([429, true]);
    const right = await post("/v1/chat/completions", chat("sandbox/echo"), {
      "x-turnpike-admin-key": gateway.adminKey,
    });
    expect([right.status, planOf(right.headers)?.steps.length]).toEqual([200, 1]);
  });
});
