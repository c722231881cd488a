// Who gets in to the admin surface, what strangers are told, and what stays secret.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/admin/endpoints.ts";
import { generateAdminKey, generateKey } from "../../src/keys/format.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

describe("the admin surface", () => {
  let server: AdminServer;
  beforeEach(async () => {
    server = await startAdmin();
  });
  afterEach(() => server.close());
  const get = (headers: Record<string, string>, query = "") =>
    fetch(`${server.url}/admin/v1/keys${query}`, { headers });

  it("takes the administrator's key as a bearer token or as x-api-key", async () => {
    expect((await get({ authorization: `Bearer ${server.adminKey}` })).status).toBe(200);
    expect((await get({ authorization: `bearer ${server.adminKey}` })).status).toBe(200);
    expect((await get({ "x-api-key": server.adminKey })).status).toBe(200);
  });

  it("tells a malformed key from an unknown one in nothing", async () => {
    const told = async (key: string) => {
      const { request_id: _, ...rest } = await errorOf(await get({ authorization: `Bearer ${key}` }));
      return rest;
    };
    const answers = [await told(generateAdminKey()), await told("nonsense"), await told(`${server.adminKey}x`)];
    expect(answers[0]).toMatchObject({ status: 401, code: "invalid_api_key", type: expect.any(String) });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("asks for a key, in the way of HTTP", async () => {
    const response = await get({});
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect((await get({ authorization: "Basic YWRtaW46YWRtaW4=" })).status).toBe(401);
  });

  it("refuses a customer's key, valid or not", async () => {
    const made = (await (await server.request("POST", "/keys", { name: "n", customer: "c" })).json()) as {
      key: string;
    };
    for (const key of [made.key, generateKey("live")]) {
      expect(await errorOf(await get({ authorization: `Bearer ${key}` }))).toMatchObject({
        status: 403,
        code: "permission_denied",
      });
    }
  });

  it("refuses two different keys, and a key in the URL", async () => {
    const both = await get({ authorization: `Bearer ${server.adminKey}`, "x-api-key": generateAdminKey() });
    expect(await errorOf(both)).toMatchObject({ status: 400, code: "ambiguous_credentials" });
    const inUrl = await get({}, `?api_key=${server.adminKey}`);
    expect(await errorOf(inUrl)).toMatchObject({ status: 400, code: "key_in_url" });
  });

  it("slows down an address that guesses, and not an administrator at the same address", async () => {
    for (let guess = 0; guess < 10; guess++) expect((await get({ "x-api-key": generateAdminKey() })).status).toBe(401);
    const slowed = await get({ "x-api-key": generateAdminKey() });
    expect(await errorOf(slowed.clone())).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(slowed.headers.get("retry-after")).toBe("60");
    expect((await get({ "x-api-key": server.adminKey })).status).toBe(200);
    server.clock.advance(60_000);
    expect((await get({ "x-api-key": generateAdminKey() })).status).toBe(401);
  });

  it("has no other endpoints and no other methods", async () => {
    expect(await errorOf(await server.request("GET", "/nothing"))).toMatchObject({ status: 404, code: "not_found" });
    expect(await errorOf(await server.request("GET", ""))).toMatchObject({ status: 404, code: "not_found" });
    const wrong = await server.request("DELETE", "/keys");
    expect(wrong.headers.get("allow")).toBe("GET, POST");
    expect(await errorOf(wrong)).toMatchObject({ status: 405, code: "method_not_allowed" });
    expect((await server.request("GET", "/keys/key_1/revoke")).status).toBe(405);
    expect((await fetch(`${server.url}/admin/v1/nothing`)).status).toBe(401);
  });

  it("shows nothing of its own failures but a request id, and reports them", async () => {
    const { keys } = server.store;
    const list = keys.list;
    Object.assign(keys, {
      list: () => {
        throw new Error("the disk at /var/secret is on fire");
      },
    });
    const response = await server.request("GET", "/keys");
    Object.assign(keys, { list });
    const error = await errorOf(response);
    expect(error).toMatchObject({ status: 500, code: "internal_error" });
    expect(error.message).not.toContain("fire");
    expect(error.request_id).toBe(response.headers.get("x-request-id"));
    expect(server.errors).toMatchObject([{ message: "the disk at /var/secret is on fire" }]);
  });

  it("describes itself in OpenAPI 3.1 to anybody", async () => {
    const response = await fetch(`${server.url}/admin/v1/openapi.json`);
    expect(response.status).toBe(200);
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, { parameters?: { name: string; schema: unknown }[] }>>;
      components: { schemas: Record<string, unknown>; securitySchemes: unknown };
    };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item).sort()]);
    const table = Object.entries(endpoints).map(([path, methods]) => [
      `/admin/v1${path.replace(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`,
      Object.keys(methods)
        .map((method) => method.toLowerCase())
        .sort(),
    ]);
    expect(described.sort()).toEqual(table.sort());
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Key", "KeyRequest", "Error", "Usage"]),
    );
    const parameters = document.paths["/admin/v1/usage"]?.get?.parameters ?? [];
    expect(parameters.find(({ name }) => name === "group_by")?.schema).toMatchObject({ type: "array" });
    expect(document.components.schemas.KeyRequest).toMatchObject({
      additionalProperties: false,
      required: ["name", "customer"],
    });
  });
});

describe("the database", () => {
  it("holds no secret in any of its bytes, after keys were made, used, repeated and revoked", async () => {
    const folder = mkdtempSync(join(tmpdir(), "turnpike-secrets-"));
    const server = await startAdmin(join(folder, "turnpike.db"));
    const secrets = [server.adminKey];
    for (let round = 0; round < 3; round++) {
      const headers = { "idempotency-key": `round-${round}` };
      const body = { name: `n${round}`, customer: "c" };
      const made = (await (await server.request("POST", "/keys", body, headers)).json()) as { id: string; key: string };
      secrets.push(made.key);
      await server.request("POST", "/keys", body, headers);
      await server.ring.lookup(made.key);
      await server.request("POST", `/keys/${made.id}/revoke`, undefined, headers);
    }
    const bytes = () => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const);
    const live = bytes();
    await server.close();
    expect(live.map(([name]) => name)).toEqual(["turnpike.db", "turnpike.db-shm", "turnpike.db-wal"]);
    for (const [name, content] of [...live, ...bytes()]) {
      for (const secret of secrets) {
        expect(content.includes(secret), `${name} holds a secret`).toBe(false);
        expect(content.includes(secret.slice(secret.lastIndexOf("_") + 5, -4)), `${name} holds part of a secret`).toBe(
          false,
        );
      }
    }
    rmSync(folder, { recursive: true });
  });
});
