// What admission and the journal cost a call: `node test/bench/admission.ts`. Read ratios within a run; machines differ.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { generateKey, parseKey } from "../../src/keys/format.ts";
import { issueKey } from "../../src/keys/issue.ts";
import { KeyRing } from "../../src/keys/ring.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { createJournal } from "../../src/usage/journal.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
const store = await openSqlite(join(folder, "turnpike.db"));
const digest = createDigest(new Uint8Array(32));
const fail = (error: unknown) => {
  throw error;
};
const ring = new KeyRing({ keys: store.keys, digest, clock: systemClock, onError: fail });
ring.watch();

const secrets: string[] = [];
for (let index = 0; index < 1_000; index++) {
  const request = {
    name: "n",
    customer: "c",
    project: "p",
    environment: "live",
    expiresAtMs: null,
    metadata: {},
  } as const;
  secrets.push((await issueKey({ keys: store.keys, digest, clock: systemClock }, request)).secret);
}
const strangers = Array.from({ length: 1_000 }, () => generateKey("live"));

await measure("key seen before", 200_000, (index) => ring.lookup(secrets[index % secrets.length] ?? ""));
await measure("guess seen before", 200_000, (index) => ring.lookup(strangers[index % strangers.length] ?? ""));
await measure("malformed key", 200_000, () => ring.lookup("sk-proj-0123456789abcdefghijklmnopqrstuvwxyz"));
await measure("shape and checksum", 200_000, (index) => parseKey(secrets[index % secrets.length] ?? ""));
await measure("digest", 20_000, (index) => digest(secrets[index % secrets.length] ?? ""));
const forgetful = new KeyRing({ keys: store.keys, digest, clock: systemClock, onError: fail, capacity: 1 });
forgetful.watch();
await measure("key read from the database", 5_000, (index) => forgetful.lookup(secrets[index % secrets.length] ?? ""));

const journal = createJournal({ calls: store.calls, log: null, clock: systemClock, onError: fail });
let calls = 0;
await measure("journal, one call at a time", 300, async () => {
  const id = `req_${calls++}`;
  journal.open(sampleCall({ id }));
  await journal.opened(id);
  journal.settle(sampleSettlement({ id }));
});
await measure("journal, calls by 25", 20_000, async (index) => {
  const id = `req_${calls++}`;
  journal.open(sampleCall({ id }));
  journal.settle(sampleSettlement({ id }));
  if (index % 25 === 24) await journal.flush();
});
await measure("journal, calls by 250", 20_000, async (index) => {
  const id = `req_${calls++}`;
  journal.open(sampleCall({ id }));
  journal.settle(sampleSettlement({ id }));
  if (index % 250 === 249) await journal.flush();
});

await journal.close();
await ring.close();
await forgetful.close();
await store.close();
rmSync(folder, { recursive: true });

/** Prints CPU nanoseconds per call: the best of three rounds, after one that warms up. */
async function measure(what: string, times: number, work: (index: number) => unknown): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage();
    for (let index = 0; index < times; index++) {
      const result = work(index);
      if (result instanceof Promise) await result;
    }
    const { user, system } = process.cpuUsage(before);
    if (round > 0) best = Math.min(best, ((user + system) * 1000) / times);
  }
  console.log(`${what.padEnd(30)} ${best.toFixed(0).padStart(8)} ns`);
}
