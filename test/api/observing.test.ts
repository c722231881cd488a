// What operators see of calls, over real sockets: refusals by key, and metrics that show no key.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { always, answer, at, failing } from "../support/plain-answers.ts";
import { type Replay, startReplay } from "../support/replay.ts";

let replay: Replay;
let gateway: Gateway;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      TURNPIKE_LOG_LEVEL: "silent",
      TURNPIKE_PROVIDER_ALPHA_BASE_URL: `${replay.url}/alpha`,
      TURNPIKE_PROVIDER_BETA_BASE_URL: `${replay.url}/beta`,
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const admin: Gateway["admin"] = (...asked) => gateway.admin(...asked);

async function call(key: string, model: string | readonly string[]): Promise<string> {
  const [first, ...models] = typeof model === "string" ? [model] : model;
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: first, models, messages: [{ role: "user", content: "Hello" }] }),
  });
  const body = (await response.json()) as { error?: { code: string } };
  return body.error?.code ?? String(response.status);
}

const metrics = (headers: Record<string, string>) => fetch(`${gateway.url}/metrics`, { headers });
const asAdmin = () => ({ authorization: `Bearer ${gateway.adminKey}` });

test("refused calls are counted by key and code, and those of unknown keys as nobody's", async () => {
  const policy = { models: ["alpha/allowed"], limits: [{ requests: 1, per: "hour" }] };
  const made = await admin("POST", "/keys", { name: "n", customer: "acme", project: "shop", policy });
  const { id, key } = made.body as { id: string; key: string };
  replay.script(answer, { match: at("alpha"), ...always });
  expect(await call(key, "alpha/other")).toBe("model_not_allowed");
  expect(await call(key, "alpha/allowed")).toBe("200");
  expect(await call(key, "alpha/allowed")).toBe("rate_limit_exceeded");
  expect(await call(key, "alpha/allowed")).toBe("rate_limit_exceeded");
  expect((await admin("POST", `/keys/${id}/suspend`, {})).status).toBe(200);
  expect(await call(key, "alpha/allowed")).toBe("key_suspended");
  const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  expect(models.status).toBe(403);
  expect(await call("tp_live_unknown", "alpha/allowed")).toBe("invalid_api_key");
  const rows = async (query: string) => (await admin("GET", `/refusals${query}`)).body.data;
  await expect.poll(() => rows(""), { timeout: 10_000 }).toHaveLength(4);
  expect(await rows("")).toEqual([
    { key: id, code: "key_suspended", refused: 2 },
    { key: id, code: "rate_limit_exceeded", refused: 2 },
    { key: "", code: "invalid_api_key", refused: 1 },
    { key: id, code: "model_not_allowed", refused: 1 },
  ]);
  expect(await rows("?group_by=customer,project&customer=acme")).toEqual([
    { customer: "acme", project: "shop", refused: 5 },
  ]);
  expect(await rows("?group_by=&code=key_suspended")).toEqual([{ refused: 2 }]);
  for (const query of [
    "?group_by=secret",
    "?from=yesterday",
    "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "?x=1",
  ]) {
    expect((await admin("GET", `/refusals${query}`)).status).toBe(400);
  }
});

describe("GET /metrics", () => {
  test("is for administrators", async () => {
    expect((await metrics({})).status).toBe(401);
    expect((await metrics({ authorization: `Bearer ${gateway.key}` })).status).toBe(401);
    expect((await metrics(asAdmin())).status).toBe(200);
    expect((await fetch(`${gateway.url}/metrics`, { method: "POST", headers: asAdmin() })).status).toBe(405);
  });

  test("tells of calls, tokens, failovers and refusals, and names no key and no customer", async () => {
    replay.script(failing(500), { match: at("beta"), ...always });
    replay.script(answer, { match: at("alpha"), ...always });
    expect(await call(gateway.key, ["beta/m", "alpha/m"])).toBe("200");
    const response = await metrics(asAdmin());
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    const value = (line: string): number =>
      Number(
        text
          .split("\n")
          .find((one) => one.startsWith(`${line} `))
          ?.slice(line.length + 1) ?? Number.NaN,
      );
    expect(
      value('turnpike_calls_total{operation="chat",provider="alpha",status="200",outcome="completed"}'),
    ).toBeGreaterThan(0);
    expect(value('turnpike_tokens_total{provider="alpha",direction="input"}')).toBeGreaterThan(2);
    expect(value('turnpike_call_duration_seconds_count{operation="chat",provider="alpha"}')).toBeGreaterThan(0);
    expect(value("turnpike_failovers_total")).toBe(1);
    expect(value('turnpike_attempts_total{provider="beta",result="server"}')).toBeGreaterThan(0);
    expect(value('turnpike_refused_calls_total{code="invalid_api_key"}')).toBeGreaterThan(0);
    expect(value('turnpike_deployments{provider="alpha",state="closed"}')).toBeGreaterThan(0);
    for (const gauge of ["turnpike_calls_in_flight", "turnpike_journal_queue", "process_resident_memory_bytes"]) {
      expect(value(gauge)).toBeGreaterThanOrEqual(0);
    }
    expect(value('turnpike_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
    expect(text).not.toMatch(/key_0|acme|tp_/);
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$/);
    }
  });

  test("is open to anybody where the operator says so", async () => {
    const open = await startGateway({ env: { TURNPIKE_METRICS: "open", TURNPIKE_SANDBOX: "on" } });
    expect((await fetch(`${open.url}/metrics`)).status).toBe(200);
    await open.close();
  });
});
