// Keys over the admin surface, on a real socket.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

const request = { name: "checkout", customer: "acme", project: "shop" };

describe("POST /admin/v1/keys", () => {
  let server: AdminServer;
  beforeAll(async () => {
    server = await startAdmin();
  });
  afterAll(() => server.close());

  it("makes a key, and shows its secret in this answer only", async () => {
    const full = {
      ...request,
      environment: "test",
      expires_at: "2027-01-31T02:00:00+02:00",
      metadata: { team: "payments", constructor: "x" },
    };
    const response = await server.request("POST", "/keys", full);
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    const made = (await response.json()) as Record<string, string>;
    expect(made).toEqual({
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      object: "key",
      key: expect.stringMatching(/^tp_test_[0-9A-Za-z]{49}$/),
      name: "checkout",
      customer: "acme",
      project: "shop",
      environment: "test",
      hint: expect.stringMatching(/^tp_test_[0-9A-Za-z]{4}…[0-9A-Za-z]{4}$/),
      status: "active",
      metadata: { team: "payments", constructor: "x" },
      policy: {},
      rotation: null,
      rotation_due_at: null,
      idle_days: null,
      created_at: "2026-11-24T12:00:00.000Z",
      expires_at: "2027-01-31T00:00:00.000Z",
      revoked_at: null,
      last_used_at: null,
    });
    expect(await server.ring.lookup(made.key ?? "")).toMatchObject({ key: { id: made.id } });
    const { key: _, ...rest } = made;
    expect(await (await server.request("GET", `/keys/${made.id}`)).json()).toEqual(rest);
  });

  it("fills in what was left out", async () => {
    const response = await server.request("POST", "/keys", { name: "n", customer: "c" });
    expect(await response.json()).toMatchObject({
      project: "default",
      environment: "live",
      expires_at: null,
      metadata: {},
    });
  });

  it.each([
    ["hmac", { ...request, hmac: "x" }],
    ["status", { ...request, status: "active" }],
    ["id", { ...request, id: "key_mine" }],
    ["name", { customer: "acme" }],
    ["name", { ...request, name: "" }],
    ["name", { ...request, name: "x".repeat(101) }],
    ["name", { ...request, name: "a\u202eb" }],
    ["name", { ...request, name: "line\nbreak" }],
    ["name", { ...request, name: "\ud800" }],
    ["name", { ...request, name: " padded" }],
    ["name", { ...request, name: 7 }],
    ["customer", { ...request, customer: null }],
    ["environment", { ...request, environment: "production" }],
    ["expires_at", { ...request, expires_at: "tomorrow" }],
    ["expires_at", { ...request, expires_at: "2026-02-30T00:00:00Z" }],
    ["expires_at", { ...request, expires_at: "2026-11-24T12:00:00Z" }],
    ["metadata.a", { ...request, metadata: { a: 1 } }],
    ["metadata", { ...request, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ""])) }],
    ["metadata", { ...request, metadata: "x" }],
  ])("refuses a wrong %s and names it (%#)", async (param, body) => {
    expect(await errorOf(await server.request("POST", "/keys", body))).toEqual({
      status: 400,
      message: expect.any(String),
      type: "invalid_request_error",
      code: "invalid_request",
      param,
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it("writes letters that can be written in two ways in one way", async () => {
    const response = await server.request("POST", "/keys", { name: "n", customer: "Zoe\u0308" });
    expect(await response.json()).toMatchObject({ customer: "Zo\u00eb" });
  });

  it.each([
    ['{"name":', "invalid_json"],
    ["", "invalid_request"],
    ["[]", "invalid_request"],
    ["null", "invalid_request"],
    [`{"a":${"[".repeat(100_000)}`, "invalid_json"],
    [`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "invalid_request"],
    [`{"a":[${"[],".repeat(300_000)}[]]}`, "invalid_request"],
    ['{"name":"n","customer":"c","__proto__":{"admin":true}}', "invalid_request"],
    ['{"name":"n","customer":"c","metadata":{"__proto__":"x"}}', "invalid_request"],
    ['{"name":"n","customer":"c","metadata":{"a":{"\\u005f_proto__":1}}}', "invalid_request"],
  ])("refuses the body %.40s", async (body, code) => {
    expect(await errorOf(await server.request("POST", "/keys", body))).toMatchObject({ status: 400, code });
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "refuses a body sent as %s, as a page of another origin could",
    async (type) => {
      const response = await server.request("POST", "/keys", JSON.stringify(request), { "content-type": type });
      expect(await errorOf(response)).toMatchObject({ status: 415, code: "unsupported_media_type" });
    },
  );

  it("takes JSON with a character set", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await server.request("POST", "/keys", JSON.stringify(request), headers)).status).toBe(201);
  });

  it("refuses a body over 1 MB, with or without its length", async () => {
    const large = JSON.stringify({ ...request, metadata: { a: "x".repeat(1024 * 1024) } });
    expect(await errorOf(await server.request("POST", "/keys", large))).toMatchObject({
      status: 413,
      code: "request_too_large",
    });
    const chunked = await fetch(`${server.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.adminKey}`, "content-type": "application/json" },
      body: new Blob([large]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });
});

describe("keys over the admin surface", () => {
  let server: AdminServer;
  beforeAll(async () => {
    server = await startAdmin();
  });
  afterAll(() => server.close());

  it("are listed newest first, a page at a time, without secrets", async () => {
    for (let index = 0; index < 5; index++) {
      await server.request("POST", "/keys", { name: `k${index}`, customer: index % 2 ? "odd" : "even" });
      server.clock.advance(1);
    }
    const names: string[] = [];
    let next = "";
    do {
      const page = (await (await server.request("GET", `/keys?limit=2${next}`)).json()) as Record<string, unknown> & {
        data: Record<string, string>[];
      };
      expect(page).toMatchObject({ object: "list", has_more: page.next_cursor !== null });
      for (const key of page.data) {
        names.push(key.name ?? "");
        expect(Object.keys(key)).not.toContain("key");
      }
      next = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (next !== "");
    expect(names).toEqual(["k4", "k3", "k2", "k1", "k0"]);
    const odd = await (await server.request("GET", "/keys?customer=odd&status=active")).json();
    expect(odd).toMatchObject({ data: [{ name: "k3" }, { name: "k1" }], has_more: false, next_cursor: null });
  });

  it.each([
    "limit=0",
    "limit=1001",
    "limit=x",
    "limit=1.5",
    "cursor=key_1",
    "cursor=' or 1",
    "status=expired",
    "custommer=a",
  ])("can't be listed with %s", async (query) => {
    expect(await errorOf(await server.request("GET", `/keys?${query}`))).toMatchObject({
      status: 400,
      code: "invalid_request",
      param: query.split("=")[0],
    });
  });

  it("are revoked for good, at once", async () => {
    const made = (await (await server.request("POST", "/keys", request)).json()) as { id: string; key: string };
    expect(await server.ring.lookup(made.key)).not.toBeNull();
    const revoked = await server.request("POST", `/keys/${made.id}/revoke`);
    expect(revoked.status).toBe(200);
    const at = new Date(server.clock.now()).toISOString();
    expect(await revoked.json()).toMatchObject({ id: made.id, status: "revoked", revoked_at: at });
    expect(await server.ring.lookup(made.key)).toBeNull();
    server.clock.advance(1_000);
    const again = await server.request("POST", `/keys/${made.id}/revoke`, {});
    expect(await again.json()).toMatchObject({ status: "revoked", revoked_at: at });
  });

  it("that do not exist are not found", async () => {
    for (const [method, path] of [
      ["GET", "/keys/key_none"],
      ["POST", "/keys/key_none/revoke"],
    ] as const) {
      expect(await errorOf(await server.request(method, path))).toMatchObject({ status: 404, code: "not_found" });
    }
  });
});
