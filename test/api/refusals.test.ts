// Refused callers in the trail of a running gateway: which key, from where, why, and no flood of them.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../src/audit/entry.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: {} });
});
afterAll(() => gateway.close());

const call = (key: string) => fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });

test("refusals are told of by hint, key and reason; repeats are counted until the gateway stops", async () => {
  const unknown = `${gateway.key.slice(0, 12)}nobody`;
  for (let turn = 0; turn < 5; turn++) expect((await call("no-key-at-all")).status).toBe(401);
  expect((await call(unknown)).status).toBe(401);
  expect((await call(gateway.adminKey)).status).toBe(403);
  const admin = (method: string, path: string, body: object) =>
    fetch(`${gateway.url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = await admin("POST", "/keys", {
    name: "fenced",
    customer: "acme",
    policy: { ip_allow: ["192.0.2.0/24"] },
  });
  const { id, key } = (await made.json()) as { id: string; key: string };
  expect((await call(key)).status).toBe(403);
  gateway = await gateway.restart();

  const store = await openSqlite(join(gateway.folder, "turnpike.db"));
  const rows = await store.audit.list({ action: "key.authenticate", limit: 100 });
  await store.close();
  const told = rows.map(({ body }) => JSON.parse(body) as AuditEntry);
  const shown = told.map(({ reason, hint, actor, count = 1 }) => ({ reason, hint, actor, count }));
  const nobody = { type: "anonymous", id: "" };
  expect(shown).toContainEqual({ reason: "invalid_api_key", hint: undefined, actor: nobody, count: 1 });
  expect(shown).toContainEqual({ reason: "invalid_api_key", hint: undefined, actor: nobody, count: 5 });
  expect(shown).toContainEqual({
    reason: "permission_denied",
    hint: expect.stringMatching(/^tp_admin_....….{4}$/),
    actor: nobody,
    count: 1,
  });
  expect(shown).toContainEqual({
    reason: "ip_not_allowed",
    hint: expect.stringMatching(/^tp_live_/),
    actor: { type: "key", id },
    count: 1,
  });
  expect(told.every(({ address }) => address === "127.0.0.1")).toBe(true);
});
