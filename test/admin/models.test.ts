// Declared models over the admin surface, on real sockets.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../../src/node.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

const tuned = {
  id: "openai/ft:gpt-5-mini:acme",
  canonical: "openai/gpt-5-mini",
  context_window: 32_000,
  capabilities: { tools: true, parallel_tools: false },
  prices: { input: 0.1, output: "1.250", cache_write_1h: 1e-7 },
};

describe("/admin/v1/models", () => {
  let server: AdminServer;
  beforeAll(async () => {
    server = await startAdmin();
  });
  afterAll(() => server.close());

  it("declares a model, in force at once, and shows it as it was written", async () => {
    const response = await server.request("POST", "/models", tuned);
    expect(response.status).toBe(201);
    const made = await response.json();
    expect(made).toEqual({
      ...tuned,
      prices: { input: "0.1", output: "1.250", cache_write_1h: "0.0000001" },
      object: "model",
      created_at: "2026-11-24T12:00:00.000Z",
      updated_at: "2026-11-24T12:00:00.000Z",
    });
    expect(server.catalog.current().get(tuned.id)).toMatchObject({
      provider: "openai",
      providerModelId: "ft:gpt-5-mini:acme",
      contextWindow: 32_000,
      prices: { input: "0.1", output: "1.250", cacheWrite1h: "0.0000001", tiers: [], modes: {} },
    });
    expect(await (await server.request("GET", "/models")).json()).toEqual({
      object: "list",
      data: [made],
      has_more: false,
      next_cursor: null,
    });
  });

  it("changes what it names of a model that the catalogue has, and gives it back when the declaration is taken back", async () => {
    const id = "google/gemini-2.5-pro";
    const before = server.catalog.current().get(id);
    expect(before?.prices?.tiers).toHaveLength(1);
    await server.request("POST", "/models", { id, prices: { input: 1, output: 8 } });
    const { prices, ...rest } = server.catalog.current().get(id) ?? {};
    expect(prices).toEqual({ input: "1", output: "8", tiers: [], modes: {} });
    expect({ ...rest, prices: before?.prices }).toEqual(before);
    const removed = await server.request("DELETE", `/models/${id}`);
    expect(await removed.json()).toEqual({ id, object: "model", deleted: true });
    expect(server.catalog.current().get(id)).toEqual(before);
    expect(await errorOf(await server.request("DELETE", `/models/${id}`))).toMatchObject({
      status: 404,
      code: "not_found",
    });
  });

  it("replaces an earlier declaration of the same model as a whole, and takes an id with its slashes encoded", async () => {
    const id = "groq/openai/gpt-mine";
    await server.request("POST", "/models", { id, name: "Mine", context_window: 1_000 });
    await server.request("POST", "/models", { id, context_window: 2_000 });
    expect(server.catalog.current().get(id)).toMatchObject({ name: "openai/gpt-mine", contextWindow: 2_000 });
    expect((await server.request("DELETE", `/models/${encodeURIComponent(id)}`)).status).toBe(200);
    expect(server.catalog.current().get(id)).toBeNull();
  });

  it("answers a repetition as it answered the first request, and does it once", async () => {
    const headers = { "idempotency-key": "declare-1" };
    const body = { id: "openai/once", context_window: 1_000 };
    const first = await (await server.request("POST", "/models", body, headers)).json();
    await server.request("DELETE", "/models/openai/once");
    const second = await server.request("POST", "/models", body, headers);
    expect([second.headers.get("idempotent-replayed"), await second.json()]).toEqual(["true", first]);
    expect(server.catalog.current().get("openai/once")).toBeNull();
    const other = await server.request("POST", "/models", { ...body, name: "Other" }, headers);
    expect(await errorOf(other)).toMatchObject({ status: 409, code: "conflict" });
  });

  it.each([
    ["id", { context_window: 1 }],
    ["id", { id: "gpt-5-mini" }],
    ["id", { id: "nobody/gpt-5-mini" }],
    ["id", { id: "openai/a b" }],
    ["canonical", { id: "openai/m", canonical: "m" }],
    ["context_window", { id: "openai/m", context_window: 0 }],
    ["prices", { id: "openai/m", prices: {} }],
    ["prices.input", { id: "openai/m", prices: { input: -1 } }],
    ["prices.input", { id: "openai/m", prices: { input: "1e3" } }],
    ["prices.cached", { id: "openai/m", prices: { cached: 1 } }],
    ["capabilities.flying", { id: "openai/m", capabilities: { flying: true } }],
    ["mode", { id: "openai/m", mode: "telepathy" }],
    ["price", { id: "openai/m", price: 1 }],
  ])("refuses a wrong %s: %j", async (param, body) => {
    const error = await errorOf(await server.request("POST", "/models", body));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", param });
    expect(server.catalog.current().get("openai/m")).toBeNull();
  });

  it("takes no other method and no key but an administrator's", async () => {
    const put = await server.request("PUT", "/models/openai/gpt-5-mini", {});
    expect([put.status, put.headers.get("allow")]).toEqual([405, "DELETE"]);
    expect((await fetch(`${server.url}/admin/v1/models`)).status).toBe(401);
    expect(server.errors).toEqual([]);
  });

  it("is documented", async () => {
    const document = (await (await server.request("GET", "/openapi.json")).json()) as { paths: Record<string, object> };
    expect(Object.keys(document.paths["/admin/v1/models"] ?? {}).sort()).toEqual(["get", "post"]);
    expect(Object.keys(document.paths["/admin/v1/models/{id}"] ?? {})).toEqual(["delete"]);
  });
});

describe("a declared model in a gateway", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "turnpike-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has its price at once, and after a restart; the configuration file lies beneath it", async () => {
    const file = join(folder, "turnpike.yaml");
    writeFileSync(file, "prices:\n  sandbox/echo: { input: 5, output: 6 }\n");
    const settings = {
      PORT: "0",
      TURNPIKE_DATABASE_URL: `file:${join(folder, "turnpike.db")}`,
      TURNPIKE_LOG_LEVEL: "error",
      TURNPIKE_CONFIG: file,
    };
    const priceAt = async (url: string) => {
      const headers = { authorization: `Bearer ${first?.customerKey}` };
      const answer = await fetch(`${url}/v1/models/sandbox/echo`, { headers });
      return ((await answer.json()) as { pricing: unknown }).pricing;
    };
    const running = await start(settings);
    const { first, url } = running;
    const asAdmin = { authorization: `Bearer ${first?.adminKey}`, "content-type": "application/json" };
    const body = JSON.stringify({ id: "sandbox/echo", prices: { input: 1, output: 2 } });
    const seen = [await priceAt(url)];
    await fetch(`${url}/admin/v1/models`, { method: "POST", headers: asAdmin, body });
    seen.push(await priceAt(url));
    await running.close();
    const again = await start(settings);
    seen.push(await priceAt(again.url));
    await fetch(`${again.url}/admin/v1/models/sandbox/echo`, { method: "DELETE", headers: asAdmin });
    seen.push(await priceAt(again.url));
    await again.close();
    const configured = { input: "5", output: "6" };
    const declared = { input: "1", output: "2" };
    expect(seen).toEqual([configured, declared, declared, configured]);
  });
});
