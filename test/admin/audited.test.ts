// The trail of the admin surface, over a real socket: one entry for each change, told of before it is answered.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { actionName } from "../../src/admin/audit-actions.ts";
import { endpoints, type Method } from "../../src/admin/endpoints.ts";
import type { AuditEntry } from "../../src/audit/entry.ts";
import { type AdminServer, startAdmin } from "../support/admin.ts";

let server: AdminServer;

async function entries(): Promise<readonly AuditEntry[]> {
  return (await server.store.audit.scan(0, 1_000)).map(({ body }) => JSON.parse(body) as AuditEntry);
}

/** The entries that a request has led to. */
async function told(request: () => Promise<Response>): Promise<{ response: Response; added: readonly AuditEntry[] }> {
  const before = (await entries()).length;
  const response = await request();
  return { response, added: (await entries()).slice(before) };
}

const changes = Object.entries(endpoints).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, permission]) => permission.endsWith(":write"))
    .map(([method]) => [method as Method, path] as const),
);

describe("every endpoint that changes something", () => {
  beforeAll(async () => {
    server = await startAdmin();
  });
  afterAll(() => server.close());

  test.each(changes)("%s %s leaves exactly one entry when it refuses", async (method, path) => {
    const address = path.replace(/:\w+(\{[^}]*\})?/g, "none");
    const { response, added } = await told(() => server.request(method, address, method === "DELETE" ? undefined : {}));
    expect(added.map(({ action, actor }) => [action, actor])).toEqual([
      [actionName(method, path), { type: "admin", id: "adm_test" }],
    ]);
    expect(added[0]?.outcome).toBe(response.status < 400 ? "success" : "failure");
    expect(added[0]?.request_id).toBe(response.headers.get("x-request-id"));
    expect(await server.store.audit.intents(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });
});

describe("the trail of changes", () => {
  beforeEach(async () => {
    server = await startAdmin();
  });
  afterEach(() => server.close());

  test("a change is told of with what was and what is, and without the secret", async () => {
    const made = await told(() => server.request("POST", "/keys", { name: "one", customer: "acme" }));
    const { id, key } = (await made.response.json()) as { id: string; key: string };
    expect(made.added[0]).toMatchObject({
      action: "key.create",
      target: { type: "key", id },
      outcome: "success",
      address: "127.0.0.1",
      after: { id, name: "one", customer: "acme" },
    });
    const changed = await told(() => server.request("PATCH", `/keys/${id}`, { name: "two" }));
    expect(changed.added[0]).toMatchObject({
      action: "key.update",
      target: { type: "key", id },
      before: { name: "one" },
      after: { name: "two" },
    });
    const rotated = await told(() => server.request("POST", `/keys/${id}/rotate`, {}));
    const { key: second } = (await rotated.response.json()) as { key: string };
    const removed = await told(() => server.request("DELETE", `/keys/${id}`));
    expect(removed.added[0]).toMatchObject({ action: "key.delete", before: { name: "two" } });
    expect(removed.added[0]).not.toHaveProperty("after");
    const everything = JSON.stringify(await entries());
    for (const secret of [key, second, server.adminKey]) expect(everything).not.toContain(secret.slice(9, 40));
  });

  test("targets are named by their paths: projects, aliases with slashes, templates, credits, alerts", async () => {
    await server.store.alerts.raise({
      id: "alert_00000000000000000000000001",
      kind: "k",
      subject: "s",
      message: "m",
      count: 1,
      firstAtMs: 1,
      lastAtMs: 1,
    });
    const requests = [
      ["POST", "/customers", { id: "acme", name: "Acme" }],
      ["POST", "/projects", { customer: "acme", id: "shop" }],
      ["PATCH", "/projects/acme/shop", { name: "Shop" }],
      ["POST", "/policy-templates", { name: "small", policy: {} }],
      ["POST", "/aliases", { name: "team/smart", targets: ["openai/gpt-4o"] }],
      ["DELETE", "/aliases/team/smart", undefined],
      ["POST", "/customers/acme/credits", { kind: "top_up", usd: "5" }],
      ["POST", "/alerts/alert_00000000000000000000000001/acknowledge", {}],
    ] as const;
    for (const [method, path, body] of requests) await server.request(method, path, body);
    const shown = (await entries()).map(({ action, target, outcome }) => `${action} ${target?.id} ${outcome}`);
    expect(shown).toEqual([
      "customer.create acme success",
      "project.create acme/shop success",
      "project.update acme/shop success",
      "policy-template.create small success",
      "alias.create team/smart success",
      "alias.delete team/smart success",
      "customer.credits acme success",
      "alert.acknowledge alert_00000000000000000000000001 success",
    ]);
  });

  test("a repetition under the same Idempotency-Key is no second change", async () => {
    const once = { "idempotency-key": "once" };
    const body = { name: "one", customer: "acme" };
    await server.request("POST", "/keys", body, once);
    const { response, added } = await told(() => server.request("POST", "/keys", body, once));
    expect(response.headers.get("idempotent-replayed")).toBe("true");
    expect(added).toEqual([]);
    const other = await told(() => server.request("POST", "/keys", { ...body, name: "two" }, once));
    expect(other.added).toMatchObject([{ action: "key.create", outcome: "failure", reason: "conflict" }]);
  });

  test("reading and planning change nothing and are not told of", async () => {
    await server.request("GET", "/keys");
    await server.request("POST", "/routes/plan", { model: "openai/gpt-4o" });
    expect(await entries()).toEqual([]);
  });

  test("who was refused is told of, by what may be shown of its key, and a flood is counted", async () => {
    const stranger = { authorization: "Bearer tp_admin_nonsense" };
    for (let turn = 0; turn < 30; turn++) await server.request("GET", "/keys", undefined, stranger);
    server.clock.advance(61_000);
    await server.trail.tend();
    const all = (await entries()).filter(({ action }) => action === "admin.authenticate");
    expect(all.map(({ outcome, reason, actor }) => ({ outcome, reason, actor }))).toContainEqual({
      outcome: "denied",
      reason: "invalid_api_key",
      actor: { type: "anonymous", id: "" },
    });
    expect(all.length).toBeLessThanOrEqual(4);
    expect(all.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(30);
  });

  test("a change that can't be recorded is not made", async () => {
    const { store } = server;
    const intend = store.audit.intend;
    Object.assign(store.audit, { intend: () => Promise.reject(new Error("disk full")) });
    const response = await server.request("POST", "/keys", { name: "one", customer: "acme" });
    Object.assign(store.audit, { intend });
    expect(response.status).toBe(503);
    expect((await store.keys.list({ limit: 10 })).data).toEqual([]);
  });
});
