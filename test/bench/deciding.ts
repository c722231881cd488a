// What deciding about a call costs, from its key to its settlement, step by step, beside a bare Node proxy's whole call in the same
// run: `node test/bench/deciding.ts`. A key with an address range, patterns, two limits, concurrency and a budget; a catalogue of 400
// models and 40 providers with 1,200 deployments, three of which serve the model.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GCProfiler } from "node:v8";
import { createCatalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { bearer, defineProvider } from "../../providers/define.ts";
import { compatibleChat, openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import { authenticate, type Caller } from "../../src/api/authenticate.ts";
import { type ApiDeps, RunningCalls } from "../../src/api/deps.ts";
import { systemClock } from "../../src/clock.ts";
import { type Admission, admit } from "../../src/gateway/admit.ts";
import { askOf } from "../../src/gateway/ask.ts";
import { readCall } from "../../src/gateway/call.ts";
import { termsOf } from "../../src/gateway/settle.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { issueKey } from "../../src/keys/issue.ts";
import { KeyRing } from "../../src/keys/ring.ts";
import { scopesOf } from "../../src/keys/scopes.ts";
import { createThrottle } from "../../src/keys/throttle.ts";
import { limitsOf } from "../../src/limits/call-limits.ts";
import { Limiter } from "../../src/limits/limiter.ts";
import { createObserving } from "../../src/observing.ts";
import { noAliases } from "../../src/router/alias.ts";
import type { Plan } from "../../src/router/plan.ts";
import { Router } from "../../src/router/router.ts";
import type { Settlement } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { costOf } from "../../src/usage/price.ts";
import { Secret } from "../../src/vault/secret.ts";
import { sampleSettlement } from "../store/samples.ts";
import { load, startScript } from "./path/servers.ts";

const models = 400;
const providers = 40;
const deployments = 3 * models;
const rounds = 7;
const times = 20_000;

const made = Array.from({ length: providers }, (_, at) =>
  defineProvider({
    id: `provider${at}`,
    name: `Provider ${at}`,
    dialect: compatibleChat({}),
    baseUrl: `https://provider${at}.example/v1`,
    auth: bearer("NONE"),
  }),
);
const rows = Array.from({ length: deployments }, (_, at): ModelFacts => {
  const model = at % models;
  const provider = `provider${(at * 7 + Math.floor(at / models)) % providers}`;
  return {
    id: `${provider}/model-${model}`,
    canonical: `lab/model-${model}`,
    provider,
    providerModelId: `model-${model}`,
    variant: [],
    name: `Model ${model}`,
    mode: "chat",
    contextWindow: 128_000,
    inputModalities: ["text", "image"],
    outputModalities: ["text"],
    capabilities: { tools: true, jsonSchema: true },
    reasoningOptions: [],
    prices: { input: `0.${10 + (at % 80)}`, output: `1.${10 + (at % 80)}`, tiers: [], modes: {} },
    unitPrices: null,
    zeroPrice: false,
    status: "active",
  };
});
const serving = {
  catalog: createCatalog(rows),
  connections: new Map(
    made.map((provider, at) => [
      provider.id,
      { id: provider.id, provider, secret: new Secret(`sk-bench-${at}`), baseUrl: provider.baseUrl },
    ]),
  ),
  aliases: noAliases,
};

const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
const store = await openSqlite(join(folder, "turnpike.db"));
const digest = createDigest(new Uint8Array(32));
/** Changes of keys are looked for by a timer, which can't run in the middle of a measurement: for the ring no time passes. */
const still = { now: () => Date.now(), monotonic: () => 0 };
const ring = new KeyRing({
  ...{ keys: store.keys, digest, clock: still },
  onError: (error) => {
    throw error;
  },
});
const limiter = new Limiter({ now: () => Date.now(), spent: async () => 0n, onReached: () => {} });
const router = new Router({ clock: systemClock });
const observing = createObserving({ store, measures: router.measures, digest, clock: systemClock });
const { secret } = await issueKey(
  { keys: store.keys, digest, clock: systemClock },
  {
    ...{ name: "n", customer: "c", project: "p", environment: "live", expiresAtMs: null, metadata: {} },
    policy: {
      models: ["openai/*", "anthropic/*", "lab/*"],
      ip_allow: ["127.0.0.0/8"],
      limits: [
        { requests: 1e9, per: "minute" },
        { tokens: 1e12, per: "minute" },
      ],
      max_concurrency: 20_000,
      budget: { usd: "100000000", per: "month" },
    },
  },
);
const journal = observing.journal({
  ...{ open: () => {}, opened: () => null, written: () => {}, settle: () => {}, healthy: true, behind: false },
});
const deps = {
  ...{ ring, limits: limitsOf(limiter, Date.now), watch: observing.watch, clock: systemClock, journal },
  ...{ running: new RunningCalls(), failures: createThrottle(systemClock), trustedProxies: null },
  peerAddress: () => "127.0.0.1",
} as Partial<ApiDeps> as ApiDeps;

const rawBody = JSON.stringify({
  model: "lab/model-1",
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(10) },
    { role: "user", content: "Say something. ".repeat(20) },
  ],
});
const headers: Readonly<Record<string, string>> = {
  host: "127.0.0.1:8787",
  authorization: `Bearer ${secret}`,
  "content-type": "application/json",
  "content-length": `${rawBody.length}`,
};
const answered = {
  "content-type": "application/json",
  "content-length": "1000",
  date: "Tue, 03 Mar 2026 00:00:00 GMT",
};
const answerHeader = (name: string): string | null => answered[name as keyof typeof answered] ?? null;
const carrying = { carry: () => {} };
const usage = { inputTokens: 120, cachedInputTokens: 0, outputTokens: 130 };

/** The steps of a call in their order, and what each of them hands on. */
const authenticated = (): Caller | Promise<Caller> =>
  authenticate(
    { env: {}, req: { url: "/v1/chat/completions", header: (name) => headers[name], query: () => undefined } },
    deps,
    carrying,
  );
const call = readCall({
  ...{ id: "req_0123456789abcdef0123456789abcd", dialect: openaiChatServer, rawBody, header: () => null },
  ...{ openedAtMs: Date.now(), startedAt: 0 },
});
const planned = (caller: Caller): Plan => router.plan(askOf(call, caller), serving);
const admitted = (caller: Caller, plan: Plan): Admission => {
  const admission = admit({ call, caller, plan }, deps);
  if (admission instanceof Promise) throw new Error("what is counted here is admitted at once");
  return admission;
};
function attempted(plan: Plan): void {
  const [step] = plan.steps;
  if (step === undefined) throw new Error("nothing was planned");
  const underway = router.begin(step, false);
  const { provider, secret: identity, baseUrl } = step.deployment.connection;
  const request = { method: "POST", baseUrl, path: "/chat/completions", headers: { accept: "*/*" }, body: "" } as const;
  if (identity !== null) provider.authorize(request, identity.reveal());
  router.accepted(step, answerHeader);
  router.succeeded(step, underway, { ttftMs: null, durationMs: 800 }, usage, plan);
}
function priced(plan: Plan): bigint {
  const facts = plan.steps[0]?.deployment.facts ?? null;
  return (facts === null ? null : costOf(usage, facts, termsOf(call))) ?? 0n;
}
const sample: Settlement = { ...sampleSettlement({ id: call.id }), usage };
function settled({ hold }: Admission, costNanos: bigint): void {
  journal.settle({ ...sample, costNanos, durationMs: 800 });
  hold.settle({ tokens: 250, nanos: costNanos });
}

const first = await ring.lookup(secret);
if (first === null) throw new Error("the key was not found");
await limiter.prime(scopesOf(first));
const caller = await authenticated();
const plan = planned(caller);
const cost = priced(plan);

const steps: Readonly<Record<string, () => unknown>> = {
  "key, policy, address": authenticated,
  "peek at the body": () => openaiChatServer.peek?.(call.body),
  "plan among three": () => planned(caller),
  "limits, record, settlement": () => settled(admitted(caller, plan), cost),
  "attempt, told to the router": () => attempted(plan),
  "its cost": () => priced(plan),
  "all together": async () => {
    const known = authenticated();
    const who = known instanceof Promise ? await known : known;
    const where = planned(who);
    const admission = admitted(who, where);
    attempted(where);
    settled(admission, priced(where));
  },
};

interface Figures {
  readonly us: number[];
  readonly bytes: number[];
}

/** CPU microseconds and allocated bytes of each of many runs. What is allocated is what lies between two collections, and around them. */
async function measured(run: () => unknown, { us, bytes }: Figures): Promise<void> {
  const profiler = new GCProfiler();
  profiler.start();
  const heap = process.memoryUsage().heapUsed;
  const from = process.cpuUsage();
  for (let at = 0; at < times; at++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(from);
  const last = process.memoryUsage().heapUsed;
  const collections = profiler.stop().statistics;
  let allocated = last - heap;
  for (const { beforeGC, afterGC } of collections) {
    allocated += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
  }
  us.push((user + system) / times);
  bytes.push(allocated / times);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const upstream = await startScript("upstream", {});
const bare = await startScript("bare-proxy", { UPSTREAM: upstream.url, MODE: "parse" });
await load(bare, { calls: 1_000, stream: false });
const figures = new Map(Object.keys(steps).map((name) => [name, { us: [], bytes: [] } as Figures]));
const proxying: number[] = [];
for (let round = -1; round < rounds; round++) {
  for (const [name, run] of Object.entries(steps)) {
    const figure = figures.get(name);
    if (figure === undefined) continue;
    await measured(run, round < 0 ? { us: [], bytes: [] } : figure);
  }
  if (round >= 0) proxying.push(await load(bare, { calls: 2_000, stream: false }));
}
console.log(`medians of ${rounds} rounds: CPU µs, bytes allocated`);
for (const [name, { us, bytes }] of figures) {
  console.log(`  ${name.padEnd(32)} ${median(us).toFixed(2).padStart(7)} ${median(bytes).toFixed(0).padStart(8)}`);
}
const [each, proxy] = [median(figures.get("all together")?.us ?? []), median(proxying)];
console.log(`  ${"a bare proxy's call".padEnd(32)} ${proxy.toFixed(2).padStart(7)}`);
console.log(`  ratio ${(100 * (each / proxy)).toFixed(1)} %`);
for (const { process: child } of [bare, upstream]) child.kill();
await ring.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
