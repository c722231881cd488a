// Appending to a real database: places, groups, and what is left when somebody was at work.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditEntry } from "../../src/audit/entry.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import { auditKeyPurpose, openAuditKey } from "../../src/audit/key.ts";
import { type AuditTrail, createTrail, interruptedAfterMs } from "../../src/audit/trail.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { createSealer } from "../../src/vault/seal.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";

let folder: string;
let path: string;
let store: Store;
let clock: ManualClock;
let trail: AuditTrail;
const broken: string[] = [];
const sealer = createSealer(new Uint8Array(32).fill(1), auditKeyPurpose);

const event = (id: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  action: "key.create",
  actor: { type: "admin", id: "adm_1" },
  target: { type: "key", id },
  outcome: "success",
  ...more,
});

async function open(): Promise<AuditTrail> {
  let ids = 0;
  return createTrail({
    store: store.audit,
    signer: await openAuditKey(store.audit, sealer),
    now: clock.now,
    newId: (prefix) => `${prefix}_${ids++}_${Math.random()}`,
    onError: (error) => {
      throw error;
    },
    onBroken: (found) => broken.push(found),
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-audit-"));
  path = join(folder, "turnpike.db");
  store = await openSqlite(path);
  clock = manualClock();
  broken.length = 0;
  trail = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function entries(): Promise<readonly AuditEntry[]> {
  return (await store.audit.scan(0, 1_000)).map(({ body }) => JSON.parse(body) as AuditEntry);
}

test("entries follow each other, whoever appends them at once", async () => {
  await Promise.all(Array.from({ length: 300 }, (_, index) => trail.record(event(`key_${index}`))));
  const all = await entries();
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  const rows = await store.audit.scan(0, 1_000);
  expect(all.slice(1).map(({ prev }) => prev)).toEqual(rows.slice(0, -1).map(({ hash }) => hash));
  expect(new Set(all.map(({ target }) => target?.id)).size).toBe(300);
});

test("an entry has no secret, no broken Unicode and no length without end", async () => {
  const secret = "tp_live_0123456789012345678901234567890123456789012345678";
  await trail.record(
    event("key_1", {
      userAgent: `evil\ud800${"x".repeat(1_000)}`,
      after: { note: `it is ${secret}`, password: "hunter2", nested: [{ api_key: "sk-1" }], "a\ud800": 1 },
      before: { text: "x".repeat(100_000) },
    }),
  );
  const [row] = await store.audit.scan(0, 1);
  expect(row?.body).not.toMatch(/hunter2|sk-1|0123456789012345/);
  const [entry] = await entries();
  expect(entry?.user_agent).toHaveLength(300);
  expect(entry?.before).toEqual({ omitted: "too large", characters: 100_011 });
  expect(entry?.after).toEqual({
    note: "it is [secret]",
    password: "[secret]",
    nested: [{ api_key: "[secret]" }],
    "a\ufffd": 1,
  });
});

test("repeats of one refusal in a minute are one more entry, and a flood of kinds takes no more", async () => {
  const refused = event("", { action: "key.authenticate", target: null, outcome: "denied", reason: "invalid_api_key" });
  for (let turn = 0; turn < 1_000; turn++) trail.fold({ ...refused, address: "192.0.2.1" });
  for (let turn = 0; turn < 1_000; turn++) trail.fold({ ...refused, address: `2001:db8::${turn}` });
  clock.advance(61_000);
  await trail.tend();
  const all = (await entries()).filter(({ action }) => action === "key.authenticate");
  expect(all.length).toBeLessThan(105);
  expect(all.find(({ count }) => count === 999)?.address).toBe("192.0.2.1");
  expect(all.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(2_000);
});

test("a change that never ended is told of as unknown, once", async () => {
  const { outcome: _, ...begun } = event("key_9", { before: { name: "old" } });
  await trail.begin(begun);
  const done = await trail.begin(begun);
  await done.end({ outcome: "failure", reason: "conflict" });
  const never = await trail.begin(begun);
  await never.cancel();
  const startedAt = new Date(clock.now()).toISOString();
  clock.advance(interruptedAfterMs + 1);
  const other = await open();
  await other.tend();
  await other.tend();
  const told = (await entries()).filter(({ action }) => action === "key.create");
  expect(told.map(({ outcome, reason, since }) => ({ outcome, reason, since }))).toEqual([
    { outcome: "failure", reason: "conflict", since: undefined },
    { outcome: "unknown", reason: "interrupted", since: startedAt },
  ]);
  expect(told[1]?.before).toEqual({ name: "old" });
});

test("a checkpoint is signed when something was added, and names the one before", async () => {
  expect(await trail.checkpoint()).toBeNull();
  await trail.record(event("key_1"));
  const first = await trail.checkpoint();
  expect(first).toMatchObject({ seq: 1, count: 1, previous: null, kid: trail.signer.kid });
  expect(await trail.checkpoint()).toBeNull();
  await trail.record(event("key_2"));
  const second = await trail.checkpoint();
  expect(second).toMatchObject({ seq: 3, count: 2 });
  expect(second?.previous).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["its last entries", "drop trigger audit_entries_kept; delete from audit_entries where seq > 3"],
  [
    "its last entries and the head with them",
    "drop trigger audit_entries_kept; delete from audit_entries where seq > 3; update audit_head set seq = 3, hash = (select hash from audit_entries where seq = 3)",
  ],
  ["its head", "delete from audit_head"],
  ["everything", "drop trigger audit_entries_kept; delete from audit_entries; delete from audit_head"],
])("a trail that lost %s does not close over it", async (_, statements) => {
  for (let turn = 1; turn <= 5; turn++) await trail.record(event(`key_${turn}`));
  const db = new Client(path);
  db.exec(statements);
  db.close();
  await trail.record(event("key_6"));
  expect(broken).toHaveLength(1);
  const all = await entries();
  expect(all.slice(-2).map(({ seq, action }) => [seq, action])).toEqual([
    [6, "audit.broken"],
    [7, "key.create"],
  ]);
});

test("a process that comes after all was removed finds it out, too", async () => {
  await trail.record(event("key_1"));
  const db = new Client(path);
  db.exec("drop trigger audit_entries_kept; delete from audit_entries; delete from audit_head");
  db.close();
  trail = await open();
  await trail.record(event("key_2"));
  expect(broken).toEqual(["the head of the trail is gone"]);
});

test("the database itself refuses to change and to remove entries", async () => {
  await trail.record(event("key_1"));
  const db = new Client(path);
  for (const statement of [
    "update audit_entries set mac = ''",
    "delete from audit_entries",
    "insert or replace into audit_entries (seq, body, hash, mac) values (1, '{}', '', '')",
  ]) {
    expect(() => db.exec(statement), statement).toThrow("append-only");
  }
  db.close();
});
