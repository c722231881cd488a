// /admin/v1/audit over a real socket: reading, exporting, proving and reporting.
import { afterEach, beforeEach, expect, test } from "vitest";
import { isSigned, readCheckpoint } from "../../src/audit/checkpoint.ts";
import { canonical, sha256 } from "../../src/audit/entry.ts";
import { verifierOf } from "../../src/audit/key.ts";
import { type AdminServer, errorOf, startAdmin } from "../support/admin.ts";

let server: AdminServer;
beforeEach(async () => {
  server = await startAdmin();
});
afterEach(() => server.close());

const read = async (path: string): Promise<Record<string, never>> => {
  const response = await server.request("GET", path);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, never>;
};

async function someChanges(): Promise<string> {
  const made = await server.request("POST", "/keys", { name: "=cmd()", customer: "acme" });
  const { id } = (await made.json()) as { id: string };
  await server.request("POST", `/keys/${id}/suspend`, {});
  await server.request("POST", `/keys/${id}/revoke`, {});
  await server.request("POST", `/keys/${id}/rotate`, {});
  return id;
}

test("the trail is read newest first, page by page, and filtered", async () => {
  const id = await someChanges();
  const actions = async (query: string) => {
    const { data } = (await read(`/audit?${query}`)) as unknown as { data: { action: string; outcome: string }[] };
    return data.map(({ action }) => action).filter((action) => !action.startsWith("audit."));
  };
  expect(await actions("action=key.*")).toEqual(["key.rotate", "key.revoke", "key.suspend", "key.create"]);
  expect(await actions(`target=${id}&outcome=failure`)).toEqual(["key.rotate"]);
  expect(await actions("actor=adm_test&action=key.create")).toEqual(["key.create"]);
  expect(await actions("q=SUSPENDED&action=key.s*")).toEqual(["key.suspend"]);
  expect(await actions("from=2026-11-25")).toEqual([]);
  const first = (await read("/audit?limit=2&action=key.*")) as unknown as { data: object[]; next_cursor: string };
  const second = await read(`/audit?limit=2&action=key.*&cursor=${first.next_cursor}`);
  expect([...first.data, ...(second.data as unknown as object[])]).toMatchObject([
    { action: "key.rotate" },
    { action: "key.revoke" },
    { action: "key.suspend" },
    { action: "key.create" },
  ]);
  expect((await errorOf(await server.request("GET", "/audit?from=yesterday"))).status).toBe(400);
});

test("reading the trail is told of in it, once a minute and by count", async () => {
  for (let turn = 0; turn < 5; turn++) await read("/audit");
  server.clock.advance(61_000);
  await server.trail.tend();
  const rows = await server.store.audit.list({ action: "audit.read", limit: 10 });
  expect(rows.map(({ body }) => (JSON.parse(body) as { count?: number }).count)).toEqual([4, undefined]);
});

test("an export proves itself, whoever takes it", async () => {
  await someChanges();
  await server.trail.checkpoint();
  const { public_key } = (await read("/audit/key")) as unknown as { public_key: string };
  const lines = (await (await server.request("GET", "/audit/export")).text()).trimEnd().split("\n");
  let before = "0".repeat(64);
  for (const line of lines) {
    const { hash, ...entry } = JSON.parse(line) as { hash: string; prev: string };
    expect(sha256(canonical(entry))).toBe(hash);
    expect(entry.prev).toBe(before);
    before = hash;
  }
  const told = lines.map((line) => JSON.parse(line) as { action: string; after: unknown });
  const checkpoint = readCheckpoint(told.find(({ action }) => action === "audit.checkpoint")?.after);
  expect(checkpoint !== null && isSigned(checkpoint, verifierOf(public_key))).toBe(true);
});

test("CSV is safe to open, CEF and OCSF are lines", async () => {
  await someChanges();
  const text = async (format: string) =>
    (await (await server.request("GET", `/audit/export?format=${format}&action=key.*`)).text()).trimEnd();
  const csv = (await text("csv")).split("\r\n");
  expect(csv).toHaveLength(5);
  expect(csv[0]).toMatch(/^seq,at,action,outcome,/);
  expect((await text("cef")).split("\n")[0]).toMatch(
    /^CEF:0\|Turnpike\|Turnpike\|1\|key\.create\|key\.create success\|3\|rt=\d+ /,
  );
  const events = (await text("ocsf")).split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events[0]).toMatchObject({
    class_uid: 6003,
    type_uid: 600301,
    activity_id: 1,
    status_id: 1,
    metadata: { version: "1.9.0" },
    api: { operation: "key.create" },
    src_endpoint: { ip: "127.0.0.1" },
  });
});

test("the trail is verified, also against checkpoints from outside", async () => {
  await someChanges();
  const checkpoint = await server.trail.checkpoint();
  expect(await read("/audit/verify")).toMatchObject({ object: "audit_verification", ok: true, checkpoints: 1 });
  const with_ = async (checkpoints: unknown[]) =>
    (await server.request("POST", "/audit/verify", { checkpoints })).json() as Promise<Record<string, unknown>>;
  expect(await with_([checkpoint])).toMatchObject({ ok: true, outside_checkpoints: 1 });
  expect(await with_([{ ...checkpoint, seq: 999 }])).toMatchObject({
    ok: false,
    problem: { kind: "outside", seq: 999 },
  });
  expect(await errorOf(await server.request("POST", "/audit/verify", { checkpoints: [{}] }))).toMatchObject({
    status: 400,
    param: "checkpoints.0",
  });
});

test("the report names who has which access, and what is overdue, unused and over", async () => {
  const day = 86_400_000;
  const make = (body: object) => server.request("POST", "/keys", { customer: "acme", ...body });
  const inDays = (days: number) => new Date(server.clock.now() + days * day).toISOString();
  await make({ name: "due | <b>", rotation: { every_days: 30 } });
  await make({ name: "over", expires_at: inDays(10) });
  server.clock.advance(100 * day);
  const report = (await read("/audit/report")) as unknown as {
    findings: { id: string; subjects: { name: string }[] }[];
    administrators: { id: string; permissions: string[]; unused_permissions: string[] }[];
    controls: { framework: string; id: string }[];
    trail: { ok: boolean };
  };
  const found = Object.fromEntries(report.findings.map(({ id, subjects }) => [id, subjects.map(({ name }) => name)]));
  expect(found).toMatchObject({
    keys_past_rotation: ["due | <b> (acme/default)"],
    keys_expired_not_revoked: ["over (acme/default)"],
    keys_never_used: ["due | <b> (acme/default)"],
    administrators_without_second_factor: ["test (owner)"],
  });
  expect(report.trail.ok).toBe(true);
  // Keys were made more than 90 days ago: the right to is not in use any more.
  expect(report.administrators[0]?.unused_permissions).toContain("keys:write");
  expect(new Set(report.controls.map(({ framework }) => framework)).size).toBe(3);
  const markdown = await (await server.request("GET", "/audit/report?format=markdown")).text();
  expect(markdown).toContain("### Keys past their rotation (1)");
  expect(markdown).toContain("due \\| \\<b\\>");
  expect(markdown).not.toContain(server.adminKey);
});
