// Bad input: the right status, an OpenAI error body that says what to do, and a process that lives on.
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ env: {} });
});

afterAll(async () => {
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  await gateway.close();
});

const messages = [{ role: "user", content: "hi" }];
const ok = { model: "sandbox/echo", messages };

interface Case {
  readonly name: string;
  readonly body: string;
  readonly status: number;
  readonly code: string;
  readonly param?: string;
  readonly headers?: Record<string, string>;
}

const cases: readonly Case[] = [
  { name: "no body", body: "", status: 400, code: "invalid_json" },
  { name: "malformed JSON", body: '{"model": ', status: 400, code: "invalid_json" },
  { name: "JSON that is no object", body: "[1]", status: 400, code: "invalid_request" },
  { name: "null", body: "null", status: 400, code: "invalid_request" },
  { name: "no model", body: JSON.stringify({ messages }), status: 400, code: "invalid_request", param: "model" },
  {
    name: "a model that is a number",
    body: JSON.stringify({ ...ok, model: 4 }),
    status: 400,
    code: "invalid_request",
    param: "model",
  },
  {
    name: "an unknown model",
    body: JSON.stringify({ ...ok, model: "gpt-99-ultra" }),
    status: 404,
    code: "model_not_found",
    param: "model",
  },
  {
    name: "a model of a provider without a key",
    body: JSON.stringify({ ...ok, model: "openai/gpt-4o" }),
    status: 503,
    code: "no_deployment_available",
    param: "model",
  },
  {
    name: "a prototype's name as the model",
    body: JSON.stringify({ ...ok, model: "__proto__" }),
    status: 404,
    code: "model_not_found",
    param: "model",
  },
  {
    name: "stream that is a string",
    body: JSON.stringify({ ...ok, stream: "yes" }),
    status: 400,
    code: "invalid_request",
    param: "stream",
  },
  {
    name: "models that is no array",
    body: JSON.stringify({ ...ok, models: "x" }),
    status: 400,
    code: "invalid_request",
    param: "models",
  },
  {
    name: "a preference that is not supported",
    body: JSON.stringify({ ...ok, provider: { enforce_distillable_text: true } }),
    status: 400,
    code: "unsupported_parameter",
    param: "provider.enforce_distillable_text",
  },
  {
    name: "form data",
    body: "a=b",
    status: 415,
    code: "unsupported_media_type",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  },
];

describe("POST /v1/chat/completions", () => {
  test.each(cases)("$name is refused with $status $code", async ({ body, status, code, param, headers }) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json", ...headers },
      body,
    });
    const text = await response.text();
    expect(response.status, text).toBe(status);
    const { error } = JSON.parse(text) as {
      error: { message: string; type: string; code: string; param: string | null };
    };
    expect(error.code).toBe(code);
    expect(error.param).toBe(param ?? null);
    expect(typeof error.type).toBe("string");
    expect(error.message.length).toBeGreaterThan(10);
    expect(text).not.toMatch(/\bat [\w./]+:\d+|node_modules|Error:/);
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  });

  test("a body over the limit is refused with 413, and its sender gets to read that", async () => {
    const body = JSON.stringify({
      model: "sandbox/echo",
      messages: [{ role: "user", content: "x".repeat(10 * 1024 * 1024) }],
    });
    const response = await send(body);
    expect(response.status).toBe(413);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe("request_too_large");
  });

  test("so is one that does not declare its length", async () => {
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = httpRequest(
        `${gateway.url}/v1/chat/completions`,
        { method: "POST", headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" } },
        (response) => {
          let text = "";
          response.on("data", (piece) => {
            text += piece;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        },
      );
      sent.on("error", reject);
      for (let piece = 0; piece < 12; piece += 1) sent.write("x".repeat(1024 * 1024));
      sent.end();
    });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body).error.code).toBe("request_too_large");
  });

  test("a body deep enough to break a recursive reader is an answer, not a crash", async () => {
    const depth = 200_000;
    const response = await send(`{"model":"sandbox/echo","messages":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(501);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });

  test("a client that leaves while sending does no harm", async () => {
    const sent = httpRequest(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json", "content-length": "1000" },
    });
    sent.on("error", () => {});
    sent.write('{"model"');
    await new Promise((resolve) => setTimeout(resolve, 30));
    sent.destroy();
    expect((await send(JSON.stringify(ok))).status).toBe(200);
  });

  test.each(["GET", "PUT", "DELETE", "PATCH"])(
    "%s is refused with 405 and the method that is taken",
    async (method) => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
      expect(((await response.json()) as { error: { code: string } }).error.code).toBe("method_not_allowed");
    },
  );
});

describe("the key", () => {
  const unknown = "tp_live_0000000000000000000000000000000000000000000000000";

  test.each([
    ["none", {}, 401, "invalid_api_key"],
    ["another service's", { authorization: "Bearer sk-proj-abcdefghijklmnop" }, 401, "invalid_api_key"],
    ["one with a wrong checksum", { authorization: `Bearer ${unknown}` }, 401, "invalid_api_key"],
    ["a megabyte of text", { "x-api-key": "x".repeat(8_000) }, 401, "invalid_api_key"],
    [
      "two different ones",
      { authorization: "Bearer tp_live_a", "x-api-key": "tp_live_b" },
      400,
      "ambiguous_credentials",
    ],
  ])("%s is refused", async (_name, headers, status, code) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(ok),
    });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([status, code]);
    expect(error.message).not.toContain("sk-proj");
  });

  test("a revoked key and an unknown one are refused with the same words", async () => {
    const created = (await (
      await admin("POST", "/admin/v1/keys", { name: "short-lived", customer: "acme", project: "shop" })
    ).json()) as {
      id: string;
      key: string;
    };
    expect((await send(JSON.stringify(ok), created.key)).status).toBe(200);
    await admin("POST", `/admin/v1/keys/${created.id}/revoke`, {});
    const revoked = await send(JSON.stringify(ok), created.key);
    const never = await send(JSON.stringify(ok), `${created.key.slice(0, -7)}AAAAAAA`);
    expect(revoked.status).toBe(401);
    expect(withoutId(await revoked.text())).toBe(withoutId(await never.text()));
  });

  test("a key in the URL is refused, whatever the headers say", async () => {
    const response = await fetch(`${gateway.url}/v1/models?key=${gateway.key}`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text).error.code).toBe("key_in_url");
    expect(text).not.toContain(gateway.key);
  });

  test.each(["authorization", "x-api-key", "x-goog-api-key"])("is taken from %s", async (name) => {
    const value = name === "authorization" ? `Bearer ${gateway.key}` : gateway.key;
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { [name]: value } })).status).toBe(200);
  });

  test("an administrator's key calls no models", async () => {
    const response = await send(JSON.stringify(ok), gateway.adminKey);
    expect(response.status).toBe(403);
  });
});

describe("what no endpoint takes is refused in the dialect of its path", () => {
  const openai = (status: number) => ({
    error: { code: status === 404 ? "not_found" : "method_not_allowed", param: null },
  });
  const anthropic = (status: number) => ({
    type: "error",
    error: { type: status === 404 ? "not_found_error" : "invalid_request_error", message: expect.any(String) },
  });
  const gemini = (status: number) => ({
    error: { code: status, status: status === 404 ? "NOT_FOUND" : expect.stringMatching(/^[A-Z_]+$/) },
  });

  test.each<[string, string, number, (status: number) => object]>([
    ["GET", "/v1/nothing", 404, openai],
    ["GET", "/openai/v1/nothing", 404, openai],
    ["GET", "/nothing", 404, openai],
    ["DELETE", "/v1/chat/completions", 405, openai],
    ["GET", "/v1/messages/batches", 404, anthropic],
    ["POST", "/v1/messages/nothing", 404, anthropic],
    ["GET", "/anthropic/v1/nothing", 404, anthropic],
    ["POST", "/anthropic", 404, anthropic],
    ["GET", "/v1/messages", 405, anthropic],
    ["PUT", "/anthropic/v1/messages/count_tokens", 405, anthropic],
    ["GET", "/v1beta/files", 404, gemini],
    ["POST", "/v1beta/cachedContents", 404, gemini],
    ["GET", "/gemini/v1beta/nothing", 404, gemini],
    ["GET", "/v1beta/models/gemini-2.5-flash:generateContent", 405, gemini],
    ["DELETE", "/gemini/v1beta/models", 405, gemini],
  ])("%s %s", async (method, path, status, shape) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    expect(response.status).toBe(status);
    expect(response.headers.has("allow")).toBe(status === 405);
    expect(await response.json()).toMatchObject(shape(status));
  });

  test("or in that of a client that says who it is, under a path that several share", async () => {
    const headers = { "x-api-key": "sk-ant-foreign", "anthropic-version": "2023-06-01" };
    const response = await fetch(`${gateway.url}/v1/models`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    const files = await fetch(`${gateway.url}/v1/files/a`, { headers: { "x-goog-api-key": gateway.key } });
    expect(await files.json()).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });
});

function send(body: string, key: string = gateway.key): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body,
  });
}

function admin(method: string, path: string, body: unknown): Promise<Response> {
  return fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function withoutId(text: string): string {
  return text.replace(/req_[0-9a-f]+/g, "req");
}
