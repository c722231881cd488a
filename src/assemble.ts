// Assembles the gateway's parts into the app, the same way for every runtime.
import type { Hono } from "hono";
import { toolPricesOf } from "../providers/catalog/tools.ts";
import type { LocalUpstream } from "../providers/define.ts";
import type { Usage } from "../providers/dialects/usage.ts";
import { accessOf } from "./admin/roles-access.ts";
import type { Asking, CallHandler } from "./api/asking.ts";
import { RunningCalls } from "./api/deps.ts";
import { Library } from "./api/responses/library.ts";
import { createApp } from "./app.ts";
import type { Trail } from "./audit/event.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { CallJournal } from "./gateway/admit.ts";
import { newCallId } from "./gateway/call-id.ts";
import type { HttpExchange } from "./gateway/sink.ts";
import { withLocalUpstreams } from "./gateway/transport.local.ts";
import type { Transport } from "./gateway/transport.ts";
import type { UploadDeps } from "./gateway/upload/spool.ts";
import type { Workloads } from "./identity/workloads.ts";
import type { Administrators } from "./keys/administrators.ts";
import type { KeyRing } from "./keys/ring.ts";
import { createThrottle, type Throttle } from "./keys/throttle.ts";
import { trustedProxies } from "./limiting.ts";
import type { CallLimits } from "./limits/call-limits.ts";
import { chargeFor, percentOf } from "./limits/charge.ts";
import { describeError, type Log } from "./observe/log.ts";
import type { Observing } from "./observing.ts";
import { createCaptures } from "./prompts/capture.ts";
import { openPromptLibrary } from "./prompts/library.ts";
import type { Aliases } from "./router/alias.ts";
import type { LiveCatalog } from "./router/live-catalog.ts";
import type { Router } from "./router/router.ts";
import type { OpenCall, Store } from "./store/port.ts";
import type { Counting } from "./usage/counting.ts";
import { costOf, type PricesBeside } from "./usage/price.ts";
import type { RecoveryOptions } from "./usage/recovery.ts";
import type { TokenCounter } from "./usage/tokens.ts";
import type { Connection } from "./vault/credentials.ts";
import type { LiveConnections } from "./vault/live-connections.ts";
import { createSealer } from "./vault/seal.ts";

/** Unknown keys of one network in a minute that are answered as such: a fleet with a wrong setting is no guesser yet. */
export const failuresAllowed = 60;

/** What differs between runtimes, or between a test and production. */
export interface Parts {
  readonly config: Config;
  readonly catalog: LiveCatalog;
  /** Those in force, at any time. */
  readonly aliases: Aliases;
  readonly connections: LiveConnections;
  readonly store: Store;
  readonly ring: KeyRing;
  readonly workloads: Workloads;
  readonly administrators: Administrators;
  readonly router: Router;
  readonly journal: CallJournal;
  readonly observing: Observing;
  /** Of all processes that serve, where there are several. */
  readonly metricsText?: () => Promise<string>;
  /** Counts unknown keys by network; absent: in this process alone. */
  readonly failures?: Throttle;
  readonly network: Transport;
  /** The runtime's side of a request. */
  openExchange(asking: Asking): HttpExchange;
  /** The address of the peer, as the runtime tells it; null where it does not. */
  peerAddress(asking: Asking): string | null;
  readonly limits: CallLimits;
  readonly uploads: UploadDeps;
  /** Counts what local upstreams say. */
  readonly tokens: TokenCounter;
  /** Counts what a provider did not report. */
  readonly counting: Counting;
  readonly masterKey: Uint8Array;
  readonly trail: Trail;
  readonly clock: Clock;
  readonly log: Log;
  readonly admin: Hono;
}

export interface Gateway {
  readonly app: Hono;
  readonly lanes: ReadonlyMap<string, CallHandler>;
  readonly running: RunningCalls;
  readonly transport: Transport;
}

export function assemble(parts: Parts): Gateway {
  const { config, connections, tokens, log } = parts;
  const running = new RunningCalls();
  const journal = parts.observing.journal(parts.journal);
  const transport = withLocalUpstreams(parts.network, {
    upstreams: localUpstreams(connections.configured),
    countTokens: (text) => tokens.count(text),
  });
  const library = new Library({
    responses: parts.store.responses,
    sealer: createSealer(parts.masterKey, "turnpike/stored-responses/1"),
    clock: parts.clock,
    retentionMs: config.storedResponsesDays * 24 * 60 * 60 * 1000,
    maxLength: config.maxBodyBytes,
  });
  const report = (error: unknown, callId: string): void =>
    log.error("call failed inside the gateway", { call: callId, ...describeError(error) });
  const captures = createCaptures({
    library: openPromptLibrary({ prompts: parts.store.prompts, masterKey: parts.masterKey, clock: parts.clock }),
    random: Math.random,
    report,
  });
  const { app, lanes } = createApp({
    // Read anew by each call: declared models are in force at once.
    get catalog() {
      return parts.catalog.current();
    },
    // Read anew, too: credentials that are added, changed or removed are so at once.
    get connections() {
      return connections.current();
    },
    limits: parts.limits,
    trail: parts.trail,
    failures: parts.failures ?? createThrottle(parts.clock, failuresAllowed),
    trustedProxies: trustedProxies(config),
    peerAddress: parts.peerAddress,
    aliases: parts.aliases,
    store: parts.store,
    ring: parts.ring,
    workloads: parts.workloads,
    administrators: parts.administrators,
    mayReadPlans: async (admin) => {
      const { permissions, scope } = await accessOf(admin, parts.store.roles);
      return scope === null && permissions.has("routes:read");
    },
    journal,
    library,
    storing: config.storeResponses,
    captures,
    watch: parts.observing.watch,
    metricsText: parts.metricsText ?? (() => parts.observing.metrics.text()),
    metricsFor: config.metricsFor,
    clock: parts.clock,
    openExchange: parts.openExchange,
    maxBodyBytes: config.maxBodyBytes,
    uploads: parts.uploads,
    running,
    newCallId,
    admin: parts.admin,
    run: {
      transport,
      journal,
      router: parts.router,
      clock: parts.clock,
      random: Math.random,
      counting: parts.counting,
      costOf: (usage, { connection, facts }, asked) =>
        facts === null ? null : costOf(usage, facts, asked, pricesAt(connection.provider.id, parts.catalog)),
      limits: {
        firstByteTimeoutMs: config.firstByteTimeoutMs,
        idleTimeoutMs: config.idleTimeoutMs,
        totalTimeoutMs: config.totalTimeoutMs,
        keepAliveMs: config.keepAliveMs,
        maxAttempts: config.maxAttempts,
        maxRetryWaitMs: config.maxRetryWaitMs,
        retryWindowMs: config.retryWindowMs,
        hedge: config.hedge,
        maxResponseBytes: config.maxResponseBytes,
      },
      report,
    },
  });
  return { app, lanes, running, transport };
}

/** What a call that a dead process left open is taken to have cost: at the deployment that its plan had first. */
export function priceOfOpen(catalog: LiveCatalog): (call: OpenCall, usage: Usage) => bigint | null {
  return ({ planned, requestedModel }, usage) => {
    const name = planned === undefined ? requestedModel : `${planned.provider}/${planned.model}`;
    const named = catalog.current().resolve(name);
    const facts = named.kind === "model" ? named.deployments[0] : undefined;
    return facts === undefined ? null : costOf(usage, facts);
  };
}

/** And what its customer is charged for it: the fee, where it has a key of its own of the provider that was to be asked first. */
export async function chargeForOpen({
  customers,
  credentials,
}: Pick<Store, "customers" | "credentials">): Promise<NonNullable<RecoveryOptions["charge"]>> {
  const known = new Map((await customers.list()).map((customer) => [customer.id, customer]));
  const own = (await credentials.list()).filter(({ customer, enabled }) => customer !== null && enabled);
  const fees = new Map(own.map(({ customer, provider, feePercent }) => [`${customer} ${provider}`, feePercent]));
  return ({ customer, planned }, costNanos) => {
    const { pricePercent = "100", prepaid = false } = known.get(customer) ?? {};
    const percent = percentOf(fees.get(`${customer} ${planned?.provider}`) ?? pricePercent);
    return { chargedNanos: costNanos === null ? null : chargeFor(costNanos, percent), prepaid };
  };
}

/** What else may be billed at a provider: its tools, and other models by any of their names there. */
function pricesAt(provider: string, catalog: LiveCatalog): PricesBeside {
  return {
    tools: toolPricesOf(provider),
    factsOf: (model) => {
      const named = catalog.current().resolve(`${provider}/${model}`);
      return named.kind === "model" ? (named.deployments.find((row) => row.provider === provider) ?? null) : null;
    },
  };
}

function localUpstreams(connections: ReadonlyMap<string, Connection>): ReadonlyMap<string, LocalUpstream> {
  const upstreams = new Map<string, LocalUpstream>();
  for (const { provider, baseUrl } of connections.values()) {
    if (provider.local !== null) upstreams.set(baseUrl, provider.local);
  }
  return upstreams;
}
