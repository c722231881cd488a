// Callers' keys over real sockets: rotated, revoked, suspended and limited while they are used, and what a browser may see.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateKey } from "../../src/keys/format.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
let proxied: Gateway;

beforeAll(async () => {
  const env = { OPENAI_API_KEY: "sk-test-callers-0123456789", TURNPIKE_SANDBOX: "on" };
  gateway = await startGateway({ env });
  proxied = await startGateway({ env: { ...env, TURNPIKE_TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => Promise.all([gateway.close(), proxied.close()]));

type Json = Record<string, unknown>;
interface Made extends Json {
  readonly id: string;
  readonly key: string;
}

async function admin<T = Json>(method: string, path: string, body?: object, at: Gateway = gateway): Promise<T> {
  const response = await fetch(`${at.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${at.adminKey}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const told = (await response.json()) as T;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(told)}`);
  return told;
}
const make = (more: Json = {}, at?: Gateway) =>
  admin<Made>("POST", "/keys", { name: "k", customer: "acme", ...more }, at);

function chat(
  key: string,
  {
    model = "sandbox/echo",
    headers = {},
    at = gateway,
    ...more
  }: Json & { headers?: Record<string, string>; at?: Gateway } = {},
) {
  return fetch(`${at.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...more }),
  });
}
const get = (path: string, key: string, headers: Record<string, string> = {}, at: Gateway = gateway) =>
  fetch(`${at.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } });
async function refusal(response: Response | Promise<Response>): Promise<Json> {
  const answer = await response;
  const { error } = (await answer.json()) as { error: Json };
  return { status: answer.status, code: error.code, message: error.message };
}

test("a client that hammers with the old secret while its key is rotated sees no failure until the overlap ends", async () => {
  const { id, key } = await make();
  const statuses: number[] = [];
  let hammering = true;
  const client = async () => {
    while (hammering) {
      const answer = await chat(key);
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
  };
  const clients = Array.from({ length: 4 }, client);
  await sleep(100);
  const before = statuses.length;
  const rotated = await admin<Made & { old_secret_expires_at: string }>("POST", `/keys/${id}/rotate`, {
    overlap_hours: 1,
  });
  await sleep(200);
  hammering = false;
  await Promise.all(clients);
  expect(statuses.length).toBeGreaterThan(before);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const warned = [
    await chat(key),
    await chat(key, { stream: true }),
    await chat(key, { model: "none/none" }),
    await get("/v1/models", key),
  ];
  for (const { headers } of warned) {
    expect(headers.get("x-turnpike-key-expires")).toBe(rotated.old_secret_expires_at);
    expect(headers.get("sunset")).toBe(new Date(rotated.old_secret_expires_at).toUTCString());
    expect(headers.get("deprecation")).toMatch(/^@\d{10}$/);
  }
  expect((await chat(rotated.key)).headers.has("x-turnpike-key-expires")).toBe(false);
  expect(await (await get("/v1/key", key)).json()).toMatchObject({
    rotation: { replaced: true, secret_expires_at: rotated.old_secret_expires_at },
  });
  await admin("POST", `/keys/${id}/end-overlap`);
  expect(await refusal(chat(key))).toMatchObject({
    status: 401,
    code: "key_expired",
    message: expect.stringMatching(/rotated on .*Use the new one/),
  });
  expect((await chat(rotated.key)).status).toBe(200);
});

describe("another process on the same database", () => {
  const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
  async function turnpike(...args: string[]): Promise<void> {
    const env = { PATH: process.env.PATH ?? "", TURNPIKE_DATABASE_URL: `file:${join(gateway.folder, "turnpike.db")}` };
    const child = spawn(process.execPath, [cli, ...args], { env, cwd: gateway.folder, stdio: "ignore" });
    expect(await once(child, "close")).toEqual([0, null]);
  }

  test("revokes, suspends and changes keys, and the gateway keeps to it within a second", async () => {
    const [revoked, suspended, changed, project] = [
      await make(),
      await make(),
      await make(),
      await make({ customer: "far", project: "p" }),
    ];
    for (const { key } of [revoked, suspended, changed, project]) expect((await chat(key)).status).toBe(200);
    await turnpike("keys", "update", changed.id, "--policy", JSON.stringify({ models: ["openai/*"] }));
    await turnpike("keys", "suspend", suspended.id);
    await turnpike("projects", "set", "far", "p", "--status", "suspended");
    await turnpike("keys", "revoke", revoked.id);
    await sleep(1_000);
    expect(await refusal(chat(revoked.key))).toMatchObject({ status: 401, code: "invalid_api_key" });
    expect(await refusal(chat(suspended.key))).toMatchObject({ status: 403, code: "key_suspended" });
    expect(await refusal(chat(changed.key))).toMatchObject({ status: 403, code: "model_not_allowed" });
    expect(await refusal(chat(project.key))).toMatchObject({ status: 403, code: "key_suspended" });
  }, 60_000);
});

test("what is said of a customer or a project holds for the next call", async () => {
  const { key } = await make({ customer: "held", project: "p" });
  expect((await chat(key)).status).toBe(200);
  await admin("POST", "/customers", { id: "held", status: "suspended" });
  expect(await refusal(chat(key))).toMatchObject({ status: 403, code: "key_suspended" });
  await admin("PATCH", "/customers/held", { status: "active", policy: { endpoints: ["embeddings"] } });
  expect(await refusal(chat(key))).toMatchObject({ status: 403, code: "endpoint_not_allowed" });
  await admin("PATCH", "/customers/held", { policy: {} });
  await admin("POST", "/projects", { customer: "held", id: "p", policy: { limits: [{ requests: 1, per: "day" }] } });
  expect((await chat(key)).status).toBe(200);
  expect(await refusal(chat(key))).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
});

test("a changed policy holds for the next call, and what a limit has counted stays counted", async () => {
  const { id, key } = await make({ policy: { limits: [{ requests: 2, per: "day" }] } });
  expect((await chat(key)).status).toBe(200);
  await admin("PATCH", `/keys/${id}`, { policy: { limits: [{ requests: 1, per: "day" }] } });
  expect(await refusal(chat(key))).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
  await admin("PATCH", `/keys/${id}`, { policy: {} });
  expect((await chat(key)).status).toBe(200);
});

test("projects whose names and customers' names read the same together are counted apart", async () => {
  const limited = { policy: { limits: [{ requests: 1, per: "day" }] } };
  await admin("POST", "/projects", { customer: "a/b", id: "c", ...limited });
  await admin("POST", "/projects", { customer: "a", id: "b/c", ...limited });
  const [one, other] = [await make({ customer: "a/b", project: "c" }), await make({ customer: "a", project: "b/c" })];
  expect([(await chat(one.key)).status, (await chat(one.key)).status, (await chat(other.key)).status]).toEqual([
    200, 429, 200,
  ]);
});

test("customers see their own calls and keys and nobody else's", async () => {
  const [mine, theirs] = [await make({ customer: "mine" }), await make({ customer: "theirs" })];
  const answer = await chat(mine.key);
  await answer.arrayBuffer();
  const id = answer.headers.get("x-request-id") ?? "";
  // Records can be read a moment after the answer.
  await expect.poll(async () => (await get(`/v1/generations/${id}`, mine.key)).status).toBe(200);
  expect(await refusal(get(`/v1/generations/${id}`, theirs.key))).toMatchObject({ status: 404, code: "not_found" });
  expect(await (await get("/v1/key", theirs.key)).json()).toMatchObject({
    id: theirs.id,
    usage: { total: { requests: 0 } },
  });
  for (const path of [`/v1/key?id=${mine.id}`, `/v1/key?key_id=${mine.id}`]) {
    expect(await (await get(path, theirs.key)).json()).toMatchObject({ id: theirs.id });
  }
  for (const path of [
    "/keys",
    `/keys/${mine.id}`,
    `/keys/${mine.id}/secrets`,
    "/customers",
    "/projects",
    "/policy-templates",
  ]) {
    expect(await refusal(get(`/admin/v1${path}`, theirs.key))).toMatchObject({
      status: 403,
      code: "permission_denied",
    });
  }
});

test("a holder revokes its own key, and no other", async () => {
  const [key, other] = [await make(), await make()];
  const answer = await fetch(`${gateway.url}/v1/key/revoke?id=${other.id}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key.key}`, "content-type": "application/json" },
    body: JSON.stringify({ id: other.id }),
  });
  expect([answer.status, await answer.json()]).toMatchObject([200, { id: key.id, status: "revoked" }]);
  expect(await refusal(chat(key.key))).toMatchObject({ status: 401, code: "invalid_api_key" });
  expect((await chat(other.key)).status).toBe(200);
});

test("a key is told its policy, and what is left of its limits and budgets and those it shares", async () => {
  await admin("POST", "/customers", { id: "told", policy: { budget: { usd: "100", per: "month" } } });
  const policy = { limits: [{ requests: 5, per: "day" }], budget: { usd: "1.50" } };
  const { key } = await make({ customer: "told", policy, rotation: { every_days: 30 } });
  await (await chat(key)).arrayBuffer();
  expect(await (await get("/v1/key", key)).json()).toMatchObject({
    policy: { limits: policy.limits, budget: { usd: "1.50" } },
    limits: [{ of: "key", unit: "requests", limit: 5, per: "day", remaining: 4 }],
    budgets: [
      { of: "key", usd: "1.5", per: "total", spent_usd: "0", left_usd: "1.5", resets_at: null },
      { of: "customer", usd: "100", per: "month", resets_at: expect.stringMatching(/-01T00:00:00.000Z$/) },
    ],
    rotation: { every_days: 30, due_at: expect.any(String), replaced: false, secret_expires_at: null },
  });
});

describe("models", () => {
  const list = async (key: string) =>
    ((await (await get("/v1/models", key)).json()) as { data: { id: string }[] }).data.map(({ id }) => id);

  test("are listed where the key may use them, under names that it may write", async () => {
    const { key } = await make({
      policy: { models: ["openai/gpt-4o*"], models_deny: ["openai/gpt-4o-mini*"], endpoints: ["chat"] },
    });
    const ids = await list(key);
    expect(ids).toContain("openai/gpt-4o");
    expect(ids.filter((id) => !/^(openai\/gpt-4o|auto)/.test(id) || id.startsWith("openai/gpt-4o-mini"))).toEqual([]);
    expect((await get("/v1/models/openai/gpt-4o", key)).status).toBe(200);
    expect(await refusal(get("/v1/models/openai/gpt-4o-mini", key))).toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    expect(await list((await make({ policy: { providers_deny: ["openai"] } })).key)).not.toContain("openai/gpt-4o");
    expect(await list((await make({ policy: { endpoints: ["rerank"] } })).key)).toEqual([]);
  });

  test("that are forbidden stay so in other cases and other letters that look alike", async () => {
    const { key } = await make({ policy: { models_deny: ["*gpt-4o*", "sandbox/*"] } });
    for (const model of ["GPT-4o", "OpenAI/GPT-4O", "openai/gpt-4o:floor", "SANDBOX/echo", "sandbox/ECHO"]) {
      const { status } = await refusal(chat(key, { model }));
      expect([403, 404], model).toContain(status);
    }
    for (const model of [
      "openai/gpt\u20104o",
      "openai/gpt-4\u043e",
      "\uff53andbox/echo",
      "sandbox/echo\u200b",
      "sandbox\u2215echo",
    ]) {
      expect((await refusal(chat(key, { model }))).status, model).toBeGreaterThanOrEqual(400);
    }
    const { key: open } = await make({ policy: { models: ["sandbox/*"] } });
    for (const model of ["\uff53andbox/echo", "openai/gpt-4o", "x/sandbox/echo"]) {
      expect((await refusal(chat(open, { model }))).status, model).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("a page of a browser", () => {
  const page = "https://shop.example";
  const preflight = (path: string, headers: Record<string, string>) =>
    fetch(`${gateway.url}${path}`, { method: "OPTIONS", headers });

  test.each([
    "/v1/chat/completions",
    "/v1beta/models/gpt-4o:generateContent",
    "/openai/v1/models",
    "/anthropic/v1/messages",
    "/gemini/v1beta/models",
  ])("may ask whether it may ask %s", async (path) => {
    const asked =
      "authorization, content-type, x-stainless-lang, anthropic-version, x-goog-api-key, x-turnpike-admin-key, cookie";
    const answer = await preflight(path, {
      origin: page,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked,
    });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect(answer.headers.get("access-control-allow-origin")).toBe(page);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
    expect(answer.headers.get("access-control-allow-headers")).toBe(
      "authorization, content-type, x-stainless-lang, anthropic-version, x-goog-api-key",
    );
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("is answered no preflight of the operators' side, and what is none is no preflight", async () => {
    const asked = { origin: page, "access-control-request-method": "GET" };
    expect((await preflight("/admin/v1/keys", asked)).headers.has("access-control-allow-origin")).toBe(false);
    expect((await preflight("/v1/chat/completions", {})).status).toBe(405);
  });

  test("reads answers and errors with a key that lists it, and with no other", async () => {
    const listed = (await make({ policy: { origins: ["https://*.example"] } })).key;
    const seen = async (key: string, origin: string, more: Json = {}) => {
      const { status, headers } = await chat(key, { headers: { origin }, ...more });
      return [status, headers.get("access-control-allow-origin"), headers.get("vary")];
    };
    expect(await seen(listed, page)).toEqual([200, page, "origin"]);
    expect(await seen(listed, page, { stream: true })).toEqual([200, page, "origin"]);
    expect(await seen(listed, page, { model: "none/none" })).toEqual([404, page, "origin"]);
    expect(await seen(listed, "https://evil.test")).toEqual([403, null, "origin"]);
    expect(await seen(listed, "null")).toEqual([403, null, "origin"]);
    expect(await seen((await make()).key, page)).toEqual([200, null, null]);
    const models = await get("/v1/models", listed, { origin: page });
    expect([models.headers.get("access-control-allow-origin"), models.headers.get("vary")]).toEqual([page, "origin"]);
    const missing = await get("/v1/generations/none", listed, { origin: page });
    expect([missing.status, missing.headers.get("access-control-allow-origin")]).toEqual([404, page]);
    expect(await refusal(chat(listed))).toMatchObject({ status: 403, code: "origin_not_allowed" });
  });

  test("reads why its key is refused, also when the key itself is suspended or expired", async () => {
    const policy = { origins: ["https://*.example"] };
    const [suspended, expired] = [await make({ policy }), await make({ policy })];
    await admin("POST", `/keys/${suspended.id}/suspend`, {});
    await admin("POST", `/keys/${expired.id}/rotate`, { overlap_hours: 0 });
    for (const { key } of [suspended, expired]) {
      const { status, headers } = await chat(key, { headers: { origin: page } });
      expect([status >= 400, headers.get("access-control-allow-origin")]).toEqual([true, page]);
      const foreign = await chat(key, { headers: { origin: "https://evil.test" } });
      expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("an address", () => {
  test("is the socket's, whatever a client writes before it, where no proxy is trusted", async () => {
    const { key } = await make({ policy: { ip_allow: ["203.0.113.7"] } });
    for (const forwarded of ["203.0.113.7", "203.0.113.7, 127.0.0.1", "127.0.0.1, 203.0.113.7"]) {
      expect(await refusal(chat(key, { headers: { "x-forwarded-for": forwarded } }))).toMatchObject({
        code: "ip_not_allowed",
      });
    }
  });

  test("is the last that a trusted proxy tells, not what stands before it", async () => {
    const { key } = await make({ policy: { ip_allow: ["203.0.113.7"] } }, proxied);
    const status = async (forwarded: string) =>
      (await chat(key, { at: proxied, headers: { "x-forwarded-for": forwarded } })).status;
    expect(await status("203.0.113.7")).toBe(200);
    expect(await status("203.0.113.7, 198.51.100.1")).toBe(403);
    expect(await status("198.51.100.1, 203.0.113.7")).toBe(200);
  });

  test("that shows many unknown keys is told to wait; whoever holds a right one is not, nor is anybody elsewhere", async () => {
    const status = async (key: string, forwarded: string) =>
      (await get("/v1/key", key, { "x-forwarded-for": forwarded }, proxied)).status;
    // The /64 of one IPv6 client, and what it writes itself before its address, are the same client.
    const guess = (turn: number) => status(generateKey("live"), `10.0.0.${turn}, 2001:db8::${turn.toString(16)}`);
    const guesses = await Promise.all(Array.from({ length: 60 }, (_, turn) => guess(turn + 1)));
    expect(new Set(guesses)).toEqual(new Set([401]));
    const slowed = await get("/v1/key", generateKey("live"), { "x-forwarded-for": "2001:db8::ffff" }, proxied);
    expect(Number(slowed.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(slowed)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(await status(proxied.key, "2001:db8::1")).toBe(200);
    expect(await status(generateKey("live"), "2001:db8:0:1::1")).toBe(401);
  });
});

test("no secret lies in the database, its log or what the gateway keeps beside them", async () => {
  const { id, key } = await make();
  const rotated = await admin<Made>("POST", `/keys/${id}/rotate`);
  const leaked = await make();
  for (const one of [key, rotated.key, leaked.key]) await (await chat(one)).arrayBuffer();
  await admin("POST", "/keys/revoke-leaked", { secrets: [leaked.key] });
  const files = readdirSync(gateway.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(["turnpike.db", "turnpike.db-wal"]));
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    for (const secret of [key, rotated.key, leaked.key, gateway.adminKey]) {
      expect(bytes.includes(secret.slice(secret.lastIndexOf("_") + 5, -4)), file.name).toBe(false);
    }
  }
});
