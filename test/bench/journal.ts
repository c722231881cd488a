// What recording a call costs, log and database together: `node --expose-gc --max-semi-space-size=256 test/bench/journal.ts [root]`. With
// the root of another version, both are measured in turns; read the ratio. Calls that end while others run are written in two groups,
// brief ones in one. The database has a history, so that its indexes are as deep as those of a gateway in use.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import Client from "better-sqlite3";
import { systemClock } from "../../src/clock.ts";
import type { OpenCall, Settlement, Store } from "../../src/store/port.ts";
import type { CallLog } from "../../src/usage/call-log.ts";
import type { createJournal, Journal } from "../../src/usage/journal.ts";
import { sampleCall, sampleSettlement } from "../store/samples.ts";

const here = fileURLToPath(new URL("../../", import.meta.url));
const roots = [...process.argv.slice(2).map((root) => resolve(root)), here];
const history = 200_000;
/** Calls in the log and the database at once: two entries each. */
const sizes = [1, 10, 40];
const keysOf = { "one key": 1, "100 keys": 100 };
const rounds = 9;
const callsInRound = 2_000;

interface Version {
  readonly root: string;
  readonly path: string;
  readonly store: Store;
  readonly journal: Journal;
  newCallId(): string;
}

/** A version's own modules over a database of its own. */
async function open(root: string, folder: string): Promise<Version> {
  const module = async (path: string) => import(pathToFileURL(join(root, "src", path)).href);
  const { openSqlite } = (await module("store/sqlite.ts")) as { openSqlite(path: string): Promise<Store> };
  const { openLogFile } = (await module("usage/call-log.node.ts")) as { openLogFile(path: string): CallLog };
  const made = (await module("usage/journal.ts")) as { createJournal: typeof createJournal };
  // Earlier ids were chance alone.
  const { newCallId } = (
    existsSync(join(root, "src/gateway/call-id.ts"))
      ? await module("gateway/call-id.ts")
      : { newCallId: () => `req_${hex(15)}` }
  ) as Pick<Version, "newCallId">;
  const path = join(folder, `${roots.indexOf(root)}.db`);
  await (await openSqlite(path)).close();
  fillHistory(path);
  const store = await openSqlite(path);
  const log = openLogFile(`${path}.calls`);
  const onError = (error: unknown): never => {
    throw error;
  };
  const journal = made.createJournal({ calls: store.calls, clock: systemClock, log, onError });
  return { root, path, store, journal, newCallId };
}

/** Settled calls of the last days, of 100 keys. */
function fillHistory(path: string): void {
  const client = new Client(path);
  client.pragma("synchronous = OFF");
  client.exec(`
    with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${history})
    insert into calls (id, key_id, customer, project, operation, dialect, requested_model, stream, opened_at_ms,
      estimated_input_tokens, outcome, http_status, provider, model, canonical_model, finish_reason, input_tokens, output_tokens,
      estimated, cost_nanos, charged_nanos, prepaid, attempts, settled_at_ms, ttft_ms, duration_ms)
    select 'req_' || lower(hex(randomblob(15))), 'key_' || (i % 100), 'customer_' || (i % 10), 'shop', 'chat', 'openai-chat', 'gpt-5-mini',
      0, ${Date.now()} - (${history} - i) * 1000, 12, 'completed', 200, 'openai', 'gpt-5-mini', 'openai/gpt-5-mini', 'stop', 10, 5, 0, 12500,
      12500, 0, '${JSON.stringify(sampleSettlement().attempts)}', ${Date.now()} - (${history} - i) * 1000 + 900, 301.5, 900.75 from n`);
  client.pragma("wal_checkpoint(TRUNCATE)");
  client.close();
}

const hex = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");

interface Ended {
  readonly call: OpenCall;
  readonly settlement: Settlement;
}

function makeCalls({ newCallId }: Version, count: number, keys: number): readonly Ended[] {
  return Array.from({ length: count }, (_, at) => {
    const id = newCallId();
    const owner = { keyId: `key_${at % keys}`, customer: `customer_${at % Math.ceil(keys / 10)}` };
    const planned = { provider: "openai", model: "gpt-5-mini-2026-08-07", canonicalModel: "openai/gpt-5-mini" };
    return {
      call: { ...sampleCall({ ...owner, id, openedAtMs: Date.now() }), planned },
      settlement: sampleSettlement({ id, settledAtMs: Date.now(), chargedNanos: 12_500n, prepaid: false }),
    };
  });
}

/** Groups of `size` calls: each opened and settled in one group, or settled with the next group's admissions. */
async function record({ journal }: Version, calls: readonly Ended[], size: number, isBrief: boolean): Promise<void> {
  let running: readonly Ended[] = [];
  for (let at = 0; at < calls.length; at += size) {
    const begun = calls.slice(at, at + size);
    for (const { call } of begun) journal.open(call);
    for (const { settlement } of isBrief ? begun : running) journal.settle(settlement);
    running = isBrief ? [] : begun;
    await journal.flush();
  }
  for (const { settlement } of running) journal.settle(settlement);
  await journal.flush();
}

interface Spent {
  /** Microseconds of CPU a call. */
  readonly cpu: number;
  /** Bytes allocated a call; NaN where memory was collected meanwhile. */
  readonly bytes: number;
}

async function spentOn(version: Version, calls: readonly Ended[], size: number, isBrief: boolean): Promise<Spent> {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  await record(version, calls, size, isBrief);
  const { user, system } = process.cpuUsage(before);
  return {
    cpu: (user + system) / calls.length,
    bytes: (process.memoryUsage().heapUsed - heap) / calls.length,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const folder = mkdtempSync(join(tmpdir(), "turnpike-journal-"));
try {
  const versions = await Promise.all(roots.map((root) => open(root, folder)));
  for (const [named, keys] of Object.entries(keysOf)) {
    for (const isBrief of [true, false]) {
      for (const size of sizes) {
        const spent = versions.map((): Spent[] => []);
        for (let round = 0; round < rounds; round++) {
          for (const [at, version] of versions.entries()) {
            const calls = makeCalls(version, size === 1 ? callsInRound / 4 : callsInRound, keys);
            spent[at]?.push(await spentOn(version, calls, size, isBrief));
          }
        }
        const cpu = spent.map((all) => median(all.map((one) => one.cpu)));
        const shown = spent.map(
          (all, at) =>
            `${cpu[at]?.toFixed(1)} µs (least ${Math.min(...all.map((one) => one.cpu)).toFixed(1)}), ${median(all.map((one) => one.bytes)).toFixed(0)} bytes`,
        );
        const ratio = cpu.length > 1 ? `: ${((cpu[1] ?? 0) / (cpu[0] ?? 1)).toFixed(2)}` : "";
        console.log(
          `${named}, ${isBrief ? "brief calls" : "long calls"}, groups of ${size}: ${shown.join(" | ")}${ratio}`,
        );
      }
    }
  }
  for (const { journal, store } of versions) {
    await journal.close();
    await store.close();
  }
} finally {
  rmSync(folder, { recursive: true });
}
