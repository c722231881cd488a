// Retention: what is removed, what proves it, and what is never removed.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveIn } from "../../src/audit/archive.node.ts";
import { type RetentionOptions, retain } from "../../src/audit/retention.ts";
import type { AuditTrail } from "../../src/audit/trail.ts";
import { lastCut, verifyStore } from "../../src/audit/verify.ts";
import { openTrail } from "../../src/auditing.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";

const dayMs = 86_400_000;
let folder: string;
let path: string;
let store: Store;
let clock: ManualClock;
let trail: AuditTrail;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-retain-"));
  path = join(folder, "turnpike.db");
  store = await openSqlite(path);
  clock = manualClock();
  const masterKey = new Uint8Array(32).fill(1);
  trail = await openTrail({ store, masterKey, clock, alerts: null, onError: () => {} });
  for (let day = 0; day < 10; day++) {
    for (let turn = 0; turn < 5; turn++) {
      const actor = { type: "admin", id: "adm_1" } as const;
      await trail.record({ action: "key.create", actor, target: null, outcome: "success" });
    }
    await trail.checkpoint();
    clock.advance(dayMs);
  }
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const options = (more: Partial<RetentionOptions> = {}): RetentionOptions => ({
  store: store.audit,
  trail,
  now: clock.now,
  days: 5,
  deliveredThrough: async () => Number.MAX_SAFE_INTEGER,
  archive: null,
  ...more,
});

test("only what is older than it must be kept goes, up to a checkpoint, and the rest still proves itself", async () => {
  const outside = await trail.checkpoint();
  const archive = archiveIn(join(folder, "archive"));
  expect(await retain(options({ archive }))).toEqual({ kind: "cut", through: 29 });
  expect(await retain(options({ archive }))).toEqual({ kind: "nothing" });
  const result = await verifyStore(store.audit, trail.signer, outside === null ? [] : [outside]);
  expect(result).toMatchObject({ ok: true, removed_through: 29, first_seq: 30 });
  const cut = await lastCut(store.audit, trail.signer);
  const text = readFileSync(join(folder, "archive", cut?.archive?.file ?? ""), "utf8");
  expect(createHash("sha256").update(text).digest("hex")).toBe(cut?.archive?.sha256);
  expect(text.trimEnd().split("\n")).toHaveLength(29);
  expect((JSON.parse(text.trimEnd().split("\n").at(-1) ?? "{}") as { hash: string }).hash).toBe(cut?.hash);

  clock.advance(2 * dayMs);
  await trail.checkpoint();
  expect(await retain(options())).toMatchObject({ kind: "cut" });
  expect(await verifyStore(store.audit, trail.signer)).toMatchObject({ ok: true });
});

test("what an exporter still needs stays", async () => {
  expect(await retain(options({ deliveredThrough: async () => 20 }))).toEqual({ kind: "cut", through: 17 });
  expect(await retain(options({ deliveredThrough: async () => 20 }))).toEqual({ kind: "nothing" });
});

test("a beginning that was tampered with is evidence, and stays", async () => {
  const db = new Client(path);
  db.exec(
    "drop trigger audit_entries_unchanged; update audit_entries set body = replace(body, 'adm_1', 'adm_2') where seq = 3",
  );
  db.close();
  expect(await retain(options())).toMatchObject({ kind: "tampered", problem: { seq: 3, kind: "changed" } });
});

test("removing more than a cut says, or pretending one, is found", async () => {
  await retain(options());
  const db = new Client(path);
  db.exec("drop trigger audit_entries_kept; delete from audit_entries where seq = 30");
  expect((await verifyStore(store.audit, trail.signer)).problem).toMatchObject({ kind: "missing", seq: 30 });
  const { body } = db.prepare("select body from audit_entries where action = 'audit.cut'").get() as { body: string };
  const forged = body.replace(/"seq":29/, '"seq":35');
  db.exec("drop trigger audit_entries_unchanged; delete from audit_entries where seq <= 35");
  db.prepare("update audit_entries set body = ? where action = 'audit.cut'").run(forged);
  db.close();
  expect((await verifyStore(store.audit, trail.signer)).ok).toBe(false);
});
