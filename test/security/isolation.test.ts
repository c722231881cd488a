// Nobody reaches what is another's: a customer with another customer's ids, and a customer's key at the operators' side. Over sockets.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../src/admin/endpoints.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
/** Keys: two of one customer, one of another. */
const keys = { owner: "", sibling: "", stranger: "" };
const own = { call: "", response: "" };

type Who = keyof typeof keys | "nobody";

beforeAll(async () => {
  gateway = await startGateway({ env: { TURNPIKE_SANDBOX: "on", TURNPIKE_LOG_LEVEL: "silent" } });
  for (const [who, customer] of [
    ["owner", "acme"],
    ["sibling", "acme"],
    ["stranger", "other"],
  ] as const) {
    const made = await ask(gateway.adminKey, "POST", "/admin/v1/keys", { name: who, customer });
    keys[who] = String(made.body.key);
  }
  const call = await ask(keys.owner, "POST", "/v1/chat/completions", {
    model: "sandbox/echo",
    messages: [{ role: "user", content: "the owner's words" }],
  });
  own.call = call.headers.get("x-request-id") ?? "";
  const response = await ask(keys.owner, "POST", "/v1/responses", {
    model: "sandbox/echo",
    input: "the owner's words",
    store: true,
  });
  own.response = String(response.body.id);
});
afterAll(() => gateway.close());

async function ask(key: string | null, method: string, path: string, body?: unknown) {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { ...(key !== null && { authorization: `Bearer ${key}` }), "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, body: parsed };
}

const as = (who: Who, method: string, path: string, body?: unknown) =>
  ask(who === "nobody" ? null : keys[who], method, path, body);

describe("a customer", () => {
  test.each([
    ["GET", "/v1/generations/", () => own.call, ""],
    ["GET", "/v1/responses/", () => own.response, ""],
    ["GET", "/openai/v1/responses/", () => own.response, ""],
    ["GET", "/v1/responses/", () => own.response, "/input_items"],
    ["DELETE", "/v1/responses/", () => own.response, ""],
  ] as const)("does not find what is another's, nor that it exists: %s %s…", async (method, path, idOf, rest) => {
    const id = idOf();
    const no = `${id.slice(0, -6)}000000`;
    const foreign = await as("stranger", method, `${path}${id}${rest}`);
    const invented = await as("stranger", method, `${path}${no}${rest}`);
    expect([foreign.status, invented.status]).toEqual([404, 404]);
    const told = ({ text, body }: typeof foreign) =>
      text
        .replaceAll(String((body.error as { request_id?: string }).request_id), "")
        .replaceAll(id, "id")
        .replaceAll(no, "id");
    expect(told(foreign)).toBe(told(invented));
    for (const who of ["owner", "sibling"] as const) {
      expect((await as(who, "GET", `${path}${id}${rest}`)).status).toBe(200);
    }
  });

  test("can't go on with another's conversation", async () => {
    const body = { model: "sandbox/echo", input: "and?", previous_response_id: own.response };
    const foreign = await as("stranger", "POST", "/v1/responses", body);
    expect([foreign.status, (foreign.body.error as { code: string }).code]).toEqual([
      400,
      "previous_response_not_found",
    ]);
    expect((await as("sibling", "POST", "/v1/responses", body)).status).toBe(200);
  });

  test("reads and revokes its own key alone", async () => {
    const { body } = await as("stranger", "GET", "/v1/key");
    expect(JSON.stringify(body)).not.toContain("acme");
    const revocable = await ask(gateway.adminKey, "POST", "/admin/v1/keys", { name: "r", customer: "other" });
    await ask(String(revocable.body.key), "POST", "/v1/key/revoke", { id: "key_of_another", key: keys.owner });
    expect((await as("owner", "GET", "/v1/key")).status).toBe(200);
    expect((await ask(String(revocable.body.key), "GET", "/v1/key")).status).toBe(401);
  });

  test("is let in with no one's key in no other place than the headers", async () => {
    for (const query of [
      `?key=${keys.owner}`,
      `?api_key=${keys.owner}`,
      `?token=${keys.owner}`,
      `?access_token=${keys.owner}`,
    ]) {
      expect((await as("nobody", "GET", `/v1/models${query}`)).status).toBeGreaterThanOrEqual(400);
      expect(
        (await as("nobody", "GET", `/admin/v1/keys${query.replace(keys.owner, gateway.adminKey)}`)).status,
      ).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("the operators' side", () => {
  const all = Object.entries(endpoints).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, permission]) =>
      String(permission) === "public" ? [] : [[method, path] as const],
    ),
  );

  test("has endpoints to try", () => {
    expect(all.length).toBeGreaterThan(60);
  });

  test.each(all)("is closed to customers and strangers: %s %s", async (method, path) => {
    const at = `/admin/v1${path.replace(/:\w+(\{[^}]*\})?/g, "x")}`;
    const body = method === "GET" || method === "DELETE" ? undefined : {};
    const customer = await as("owner", method, at, body);
    expect([customer.status, (customer.body.error as { code: string }).code]).toEqual([403, "permission_denied"]);
    const nobody = await as("nobody", method, at, body);
    expect([nobody.status, (nobody.body.error as { code: string }).code]).toEqual([401, "invalid_api_key"]);
  });

  test("is as closed under other spellings of its paths", async () => {
    for (const path of [
      "/admin/v1//keys",
      "/admin/v1/keys/",
      "/ADMIN/V1/keys",
      "/admin/v1/./keys",
      "/admin/v1/%6Beys",
      "/admin/v1/openapi.json/../keys",
      "/v1/../admin/v1/keys",
      "/admin/v1;/keys",
    ]) {
      const { status, text } = await as("owner", "GET", path);
      expect([401, 403, 404], path).toContain(status);
      expect(text).not.toContain("acme");
    }
  });
});
