// What admitting a call costs, from its key to its reservation and back, beside a bare Node proxy's whole call in the same run:
// `node test/bench/policy.ts`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { systemClock } from "../../src/clock.ts";
import { admit } from "../../src/gateway/admit.ts";
import { readCall } from "../../src/gateway/call.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { issueKey } from "../../src/keys/issue.ts";
import { KeyRing } from "../../src/keys/ring.ts";
import { scopesOf, tariffOf } from "../../src/keys/scopes.ts";
import { limitsOf } from "../../src/limits/call-limits.ts";
import { checkCaller } from "../../src/limits/check.ts";
import { Limiter } from "../../src/limits/limiter.ts";
import type { KeyEntry } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { row, world } from "../router/planning.ts";
import { load, startScript } from "./path/servers.ts";

const admissions = 100_000;
const rounds = 5;
const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
const store = await openSqlite(join(folder, "turnpike.db"));
const digest = createDigest(new Uint8Array(32));
const fail = (error: unknown): never => {
  throw error;
};
/** Its changes are looked for by a timer, which can't run in the middle of a measurement: for it no time passes. */
const still = { now: () => Date.now(), monotonic: () => 0 };
const ring = new KeyRing({ keys: store.keys, digest, clock: still, onError: fail });
const limiter = new Limiter({ now: () => Date.now(), spent: async () => 0n, onReached: () => {} });
const { secret } = await issueKey(
  { keys: store.keys, digest, clock: systemClock },
  {
    ...{ name: "n", customer: "c", project: "p", environment: "live", expiresAtMs: null, metadata: {} },
    policy: {
      models: ["openai/*", "lab/*"],
      ip_allow: ["127.0.0.0/8", "203.0.113.0/24"],
      endpoints: ["chat", "embeddings"],
      limits: [{ requests: 1e9, tokens: 1e12, per: "minute" }],
      max_concurrency: 1_000,
      budget: { usd: "1000000", per: "month" },
    },
  },
);
const rawBody = JSON.stringify({
  model: "lab/model",
  max_tokens: 200,
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(10) },
    { role: "user", content: "Say something. ".repeat(20) },
  ],
});
const call = readCall({
  ...{ id: "req_1", dialect: openaiChatServer, rawBody, header: () => null, openedAtMs: Date.now(), startedAt: 0 },
});
const plan = world([row("alpha", "1"), row("beta", "2"), row("gamma", "3")]).plan();
const journal = { open: () => {}, opened: () => null, settle: () => {}, healthy: true, behind: false };
const deps = { journal, limits: limitsOf(limiter, Date.now) };

/** As the gateway admits a call of a key that it has seen before. */
function admission(): void {
  const entry = ring.lookup(secret) as KeyEntry;
  const scopes = scopesOf(entry);
  checkCaller(scopes, { address: "127.0.0.1", origin: null, referer: null, nowMs: Date.now() });
  const admitted = admit({ call, caller: { key: entry.key, scopes, tariff: tariffOf(entry) }, plan }, deps);
  if (admitted instanceof Promise) throw new Error("what is counted here is admitted at once");
  admitted.hold.settle({ tokens: 150, nanos: 90_000n });
}

const first = await ring.lookup(secret);
if (first === null) throw new Error("the key was not found");
await limiter.prime(scopesOf(first));
const upstream = await startScript("upstream", {});
const bare = await startScript("bare-proxy", { UPSTREAM: upstream.url, MODE: "parse" });
await load(bare, { calls: 1_000, stream: false });
for (let at = 0; at < 20_000; at++) admission();
const admitting: number[] = [];
const proxying: number[] = [];
for (let round = 0; round < rounds; round++) {
  const from = process.cpuUsage();
  for (let at = 0; at < admissions; at++) admission();
  const { user, system } = process.cpuUsage(from);
  admitting.push((user + system) / admissions);
  proxying.push(await load(bare, { calls: 3_000, stream: false }));
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const [each, proxy] = [median(admitting), median(proxying)];
console.log(`medians of ${rounds} rounds, CPU µs`);
console.log(`  key, policy, limits, reservation, settlement   ${each.toFixed(2)}`);
console.log(`  a bare proxy's call                            ${proxy.toFixed(1)}`);
console.log(`  ratio                                          ${(100 * (each / proxy)).toFixed(1)} %`);
for (const { process: child } of [bare, upstream]) child.kill();
await ring.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
