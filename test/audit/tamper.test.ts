// The tamper drill: 200 random edits to the tables of a trail, by somebody who has the database and not the master key.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Client from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src/audit/checkpoint.ts";
import { canonical } from "../../src/audit/entry.ts";
import type { AuditTrail } from "../../src/audit/trail.ts";
import { verifyStore } from "../../src/audit/verify.ts";
import { openTrail } from "../../src/auditing.ts";
import type { Store } from "../../src/store/port.ts";
import type { AuditRow } from "../../src/store/port-audit.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { manualClock } from "../support/clock.ts";
import { seeded } from "../support/seed.ts";

const entryCount = 120;
let folder: string;
let store: Store;
let trail: AuditTrail;
let db: Client.Database;
let rows: AuditRow[];
let head: { seq: number; hash: string; mac: string };
let firstCheckpoint: Checkpoint;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnpike-tamper-"));
  store = await openSqlite(join(folder, "turnpike.db"));
  const clock = manualClock();
  trail = await openTrail({
    store,
    masterKey: new Uint8Array(32).fill(1),
    clock,
    alerts: null,
    onError: (error) => {
      throw error;
    },
  });
  for (let turn = 1; turn <= entryCount; turn++) {
    clock.advance(1_000);
    await trail.record({
      action: turn % 3 === 0 ? "key.create" : "key.revoke",
      actor: { type: "admin", id: `adm_${turn % 5}` },
      target: { type: "key", id: `key_${turn}` },
      outcome: turn % 7 === 0 ? "denied" : "success",
      before: { status: "active" },
    });
    if (turn % 40 === 0) {
      const checkpoint = await trail.checkpoint();
      if (turn === 80 && checkpoint !== null) firstCheckpoint = checkpoint;
    }
  }
  await trail.record({ action: "late", actor: { type: "system", id: "" }, target: null, outcome: "success" });
  db = new Client(join(folder, "turnpike.db"));
  for (const name of ["unchanged", "kept", "in_order"]) db.exec(`drop trigger audit_entries_${name}`);
  rows = db.prepare("select seq, body, hash, mac from audit_entries order by seq").all() as AuditRow[];
  head = db.prepare("select seq, hash, mac from audit_head").get() as typeof head;
});
afterAll(async () => {
  db.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function write(edited: readonly AuditRow[], end: typeof head | null): void {
  db.transaction(() => {
    db.exec("delete from audit_entries; delete from audit_head");
    const insert = db.prepare("insert into audit_entries (seq, body, hash, mac) values (?, ?, ?, ?)");
    for (const { seq, body, hash, mac } of edited) insert.run(seq, body, hash, mac);
    if (end !== null) db.prepare("insert into audit_head values (1, ?, ?, ?)").run(end.seq, end.hash, end.mac);
  })();
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What whoever knows how hashes are made, and has no key, can do: the chain is whole again from `index` on. */
function rehash(edited: readonly AuditRow[], index: number): AuditRow[] {
  const whole = edited.slice(0, index);
  for (const { seq, body, mac } of edited.slice(index)) {
    const prev = whole.at(-1)?.hash ?? "0".repeat(64);
    const again = canonical({ ...(JSON.parse(body) as object), seq, prev });
    whole.push({ seq, body: again, hash: sha256(again), mac });
  }
  return whole;
}

/** Numbers the rows anew, without gaps. */
const renumber = (edited: readonly AuditRow[]): AuditRow[] => edited.map((row, index) => ({ ...row, seq: index + 1 }));

interface Edit {
  readonly name: string;
  readonly edited: AuditRow[];
  /** The first entry that is not as it was. */
  readonly seq: number;
  readonly end: typeof head;
}

function randomEdit(random: () => number): Edit {
  const pick = (most: number): number => Math.floor(random() * most);
  const index = pick(rows.length);
  const edited = [...rows];
  const row = edited[index] as AuditRow;
  const kind = ["change", "delete", "insert", "swap", "truncate"][pick(5)] ?? "";
  let seq = row.seq;
  if (kind === "change") {
    const members = [
      () => row.body.replace(/"at":"2026/, '"at":"2025'),
      () => row.body.replace(/"id":"([^"]*)"/, '"id":"somebody-else"'),
      () => row.body.replace(/"outcome":"\w+"/, '"outcome":"failure"'),
      () => row.body.replace(/\}$/, ',"x":1}'),
    ];
    const body = (members[pick(members.length)] ?? (() => ""))();
    edited[index] = { ...row, body: body === row.body ? row.body.replace("{", '{"a":0,') : body };
  } else if (kind === "delete") {
    edited.splice(index, 1);
  } else if (kind === "insert") {
    edited.splice(index, 0, { ...row, body: row.body.replace(/"action":"[^"]*"/, '"action":"never.happened"') });
  } else if (kind === "swap") {
    const other = (index + 1 + pick(rows.length - 1)) % rows.length;
    const theirs = edited[other] as AuditRow;
    edited[index] = { ...theirs, seq: row.seq };
    edited[other] = { ...row, seq: theirs.seq };
    seq = Math.min(seq, theirs.seq);
  } else {
    edited.length = index;
  }
  const recomputed = random() < 0.5;
  const moved = kind === "insert" || (kind === "delete" && recomputed) ? renumber(edited) : edited;
  const done = recomputed ? rehash(moved, Math.max(0, Math.min(seq, moved.length + 1) - 1)) : moved;
  const last = done.at(-1);
  // A head that fits, as far as that can be made without the key.
  const end = recomputed && last !== undefined ? { ...head, seq: last.seq, hash: last.hash } : head;
  return { name: `${kind}${recomputed ? " and recompute" : ""} at ${row.seq}`, edited: done, seq, end };
}

describe("the tamper drill", () => {
  test("an untouched trail holds, with its checkpoints", async () => {
    write(rows, head);
    const result = await verifyStore(store.audit, trail.signer, [firstCheckpoint]);
    expect(result).toMatchObject({ ok: true, problem: null, entries: rows.length, checkpoints: 3 });
    expect(result.outside_checkpoints).toBe(1);
  });

  test("200 random edits are reported, each by its first bad entry", async () => {
    const random = seeded(20261124);
    const missed: string[] = [];
    const kinds = new Map<string, number>();
    for (let turn = 0; turn < 200; turn++) {
      const { name, edited, seq, end } = randomEdit(random);
      write(edited, end);
      const { ok, problem } = await verifyStore(store.audit, trail.signer);
      kinds.set(name.replace(/ at .*/, ""), (kinds.get(name.replace(/ at .*/, "")) ?? 0) + 1);
      // A shorter trail whose end was made to fit shows in the head alone.
      const expected = name.startsWith("truncate and") ? [seq - 1, seq] : [seq];
      if (ok || problem === null || !expected.includes(problem.seq)) {
        missed.push(`${name}: expected ${seq}, found ${JSON.stringify(problem)}`);
      }
    }
    expect(missed).toEqual([]);
    expect(kinds.size).toBe(10);
  });

  test("a trail that was cut back to an older state of the whole database is found out by a checkpoint from outside", async () => {
    const earlier = rows.slice(0, 50);
    const last = earlier.at(-1) as AuditRow;
    const mac = trail.signer.mac("head", `${last.seq}\n${last.hash}`);
    write(earlier, { seq: last.seq, hash: last.hash, mac });
    expect((await verifyStore(store.audit, trail.signer)).ok).toBe(true);
    const { problem } = await verifyStore(store.audit, trail.signer, [firstCheckpoint]);
    expect(problem).toMatchObject({ kind: "missing", seq: 51 });
  });

  test("a checkpoint from outside that nobody signed proves nothing", async () => {
    write(rows, head);
    const forged = { ...firstCheckpoint, hash: "0".repeat(64) };
    expect((await verifyStore(store.audit, trail.signer, [forged])).problem).toMatchObject({ kind: "outside" });
  });

  test("a trail of which nothing is left does not pass for one that has not begun", async () => {
    write([], null);
    expect((await verifyStore(store.audit, trail.signer)).problem).toMatchObject({ kind: "head", seq: 1 });
  });

  test("a removed head is reported", async () => {
    write(rows, null);
    expect((await verifyStore(store.audit, trail.signer)).problem).toMatchObject({
      kind: "head",
      seq: rows.length + 1,
    });
  });
});
