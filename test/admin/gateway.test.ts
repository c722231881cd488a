// Administrators at a whole gateway: settings reach them, and addresses are believed as far as proxies are trusted.
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorOf } from "../support/admin.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    env: {
      TURNPIKE_TRUSTED_PROXIES: "127.0.0.1",
      TURNPIKE_PUBLIC_URL: "https://turnpike.example",
      TURNPIKE_REQUIRE_SECOND_FACTOR: "viewer",
      TURNPIKE_OIDC_CORP_ISSUER: "https://id.corp.test",
      TURNPIKE_OIDC_CORP_CLIENT_ID: "turnpike",
    },
  });
});
afterAll(() => gateway.close());

const ask = (path: string, key = gateway.adminKey, init: RequestInit = {}) =>
  fetch(`${gateway.url}/admin/v1${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(init.headers as Record<string, string>),
    },
  });

async function make(body: Record<string, unknown>): Promise<string> {
  const made = await ask("/admins", gateway.adminKey, { method: "POST", body: JSON.stringify({ name: "x", ...body }) });
  return ((await made.json()) as { key: string }).key;
}

test("an administrator's address is what a trusted proxy says", async () => {
  const key = await make({ role: "auditor", ip_allow: ["203.0.113.0/24"] });
  expect((await errorOf(await ask("/keys", key))).code).toBe("ip_not_allowed");
  const through = (chain: string) => ask("/keys", key, { headers: { "x-forwarded-for": chain } });
  expect((await through("203.0.113.7")).status).toBe(200);
  expect((await through("203.0.113.7, 198.51.100.1")).status).toBe(403);
});

test("settings of second factors, sessions and providers hold", async () => {
  expect((await errorOf(await ask("/keys", await make({ role: "viewer" })))).code).toBe("second_factor_required");
  const [cookie] = (
    await ask("/session/login", gateway.adminKey, { method: "POST", body: "{}" })
  ).headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-turnpike_session=.*; Max-Age=\d{5}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const providers = await fetch(`${gateway.url}/admin/v1/session/providers`);
  expect(await providers.json()).toMatchObject({ data: [{ name: "corp" }] });
});

test("an administrator's session calls no model, and a session's token is no customer's key", async () => {
  const opened = await ask("/session/login", gateway.adminKey, {
    method: "POST",
    body: JSON.stringify({ as: "token" }),
  });
  const { token } = (await opened.json()) as { token: string };
  const models = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  expect(models.status).toBe(401);
});

test("what one process ends is ended for the next one too", async () => {
  const opened = await ask("/session/login", gateway.adminKey, {
    method: "POST",
    body: JSON.stringify({ as: "token" }),
  });
  const { token } = (await opened.json()) as { token: string };
  gateway = await gateway.restart();
  expect((await ask("/me", token)).status).toBe(200);
  expect((await ask("/session", token, { method: "DELETE" })).status).toBe(200);
  expect((await ask("/me", token)).status).toBe(401);
});
