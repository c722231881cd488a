// The Cloudflare Workers entry: the same gateway, over D1 and the platform's fetch. How to deploy it: docs/workers.md.
import { waitUntil } from "cloudflare:workers";
import { catalogRows } from "../providers/catalog/rows.ts";
import { openaiChatServer } from "../providers/dialects/openai-chat/index.ts";
import { providers } from "../providers/index.ts";
import { sandboxModels } from "../providers/sandbox/index.ts";
import { storedAliases } from "./admin/alias-view.ts";
import { createAdmin } from "./admin/index.ts";
import { sweepResponses } from "./api/responses/sweep.ts";
import { assemble, chargeForOpen, type Gateway, priceOfOpen } from "./assemble.ts";
import type { AuditTrail } from "./audit/trail.ts";
import { openTrail } from "./auditing.ts";
import { bootstrap } from "./bootstrap.ts";
import { systemClock } from "./clock.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { connect, credentialAdmin } from "./connecting.ts";
import { GatewayError } from "./errors.ts";
import { errorView } from "./gateway/respond.ts";
import { openWebExchange } from "./gateway/sink.web.ts";
import { fetchTransport } from "./gateway/transport.fetch.ts";
import { memorySpool } from "./gateway/upload/spool.ts";
import { webFetchDocument } from "./identity/fetch-document.ts";
import { sweepWorkloads } from "./identity/sweep.ts";
import { createAdministrators } from "./keys/administrators.ts";
import { newId } from "./keys/id.ts";
import { lookForQuietOverlaps } from "./keys/quiet-overlaps.ts";
import { KeyRing } from "./keys/ring.ts";
import { createLimiter } from "./limiting.ts";
import { limitsOf } from "./limits/call-limits.ts";
import { createNotifying, deliveryTimeoutMs, type Notifying } from "./notifying.ts";
import { describeError } from "./observe/log.ts";
import { workerLog } from "./observe/log.worker.ts";
import { knowEnvironment } from "./observe/log-environment.ts";
import { fetchPost } from "./observe/webhooks/post.fetch.ts";
import { createObserving, type Observing } from "./observing.ts";
import { openPromptLibrary } from "./prompts/library.ts";
import { sweepPrompts } from "./prompts/sweep.ts";
import { type LiveAliases, openAliases } from "./router/live-aliases.ts";
import { createLiveCatalog, type LiveCatalog } from "./router/live-catalog.ts";
import { createRouter } from "./routing.ts";
import { signingIn } from "./signing-in.ts";
import { type D1Binding, openD1 } from "./store/d1.ts";
import type { KeyStore, Store } from "./store/port.ts";
import { createUpkeep, type Upkeep, upkeepMs } from "./upkeep.ts";
import { countingHere } from "./usage/counting.ts";
import { expireCredits } from "./usage/expiry.ts";
import { workerJournal } from "./usage/journal.worker.ts";
import { recover } from "./usage/recovery.ts";
import { tendRecords } from "./usage/retention.ts";
import { workerTokenCounter } from "./usage/tokens.worker.ts";
import { connectionsFromEnvironment, describedProviders } from "./vault/credentials.ts";
import type { GivenMasters } from "./vault/keyring.ts";
import type { LiveConnections } from "./vault/live-connections.ts";
import { parseMasterKey } from "./vault/master-key.ts";
import { masterKeyWrapper } from "./vault/wrapper.ts";
import { openVault } from "./vaulting.ts";
import { openWorkloads } from "./workloads.ts";

/** What wrangler.toml and `wrangler secret put` bind: the database, and settings as text. */
type Bindings = Readonly<Record<string, unknown>>;

/** How much longer than the longest call a call may be open before its isolate counts as dead. */
const recoveryMarginMs = 60_000;
/** An isolate has 128 MB for everything. */
const ringCapacity = 10_000;
const largestUpload = 32 * 1024 * 1024;

interface Isolate {
  readonly app: Gateway["app"];
  readonly aliases: LiveAliases;
  readonly connections: LiveConnections;
  /** When it last asked the database whether aliases have changed, epoch milliseconds. */
  lookedAtMs: number;
  readonly upkeep: Upkeep;
  readonly trail: AuditTrail;
  readonly notifying: Notifying;
  readonly observing: Observing;
  /** When it last did its upkeep, epoch milliseconds. */
  tendedAtMs: number;
  readonly onError: (error: unknown) => void;
}

/** How long a scheduled run looks after records of calls, at most. */
const recordsMs = 10_000;
/** How often it asks, at most. */
const lookMs = 2_000;

/** This isolate's gateway. Its parts hold no request's I/O: what they do, they do in the request that asks for it. */
let isolate: Isolate | null = null;

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    try {
      // Requests that come first together each build one: a promise shared among them would die with the one that made it.
      isolate ??= await build(env);
    } catch (error) {
      return notReady(error);
    }
    follow(isolate);
    return isolate.app.fetch(request, env);
  },

  /** Settles the calls whose isolate died, and removes what has expired, every few minutes (wrangler.toml, `crons`). */
  async scheduled(_event: unknown, env: Bindings): Promise<void> {
    const { config, store } = open(env);
    const catalog = await buildCatalog(store);
    const settled = await recover({
      calls: store.calls,
      clock: systemClock,
      beforeMs: systemClock.now() - config.totalTimeoutMs - recoveryMarginMs,
      price: priceOfOpen(catalog),
      charge: await chargeForOpen(store),
    });
    await lookForQuietOverlaps({ keys: store.keys, clock: systemClock, onChange: () => {} });
    await expireCredits({ ledger: store.ledger, clock: systemClock });
    const untilMs = systemClock.now() + recordsMs;
    const { retentionDays } = config;
    await tendRecords({ rollups: store.rollups, clock: systemClock, retentionDays }, () => systemClock.now() < untilMs);
    await sweepResponses({ responses: store.responses, clock: systemClock });
    await sweepWorkloads({ rules: store.rules, clock: systemClock });
    await sweepPrompts({ prompts: store.prompts, clock: systemClock });
    if (settled > 0) workerLog(config.logLevel).warn("settled calls that were left open", { calls: settled });
  },
};

/** Asks for changes of aliases, and does what is due, behind a request, which does not wait for it: no timer runs between requests. */
function follow(isolate: Isolate): void {
  const nowMs = systemClock.now();
  if (nowMs - isolate.tendedAtMs >= upkeepMs) {
    isolate.tendedAtMs = nowMs;
    waitUntil(isolate.upkeep.tend().catch(isolate.onError));
    waitUntil(isolate.trail.tend().catch(isolate.onError));
  }
  if (nowMs - isolate.lookedAtMs < lookMs) return;
  isolate.lookedAtMs = nowMs;
  waitUntil(isolate.notifying.dispatcher.run());
  waitUntil(isolate.observing.flush().catch(isolate.onError));
  waitUntil(isolate.aliases.look().catch(isolate.onError));
  waitUntil(isolate.connections.look().catch(isolate.onError));
}

async function build(env: Bindings): Promise<Isolate> {
  const { config, store, settings } = open(env);
  const clock = systemClock;
  const log = workerLog(config.logLevel);
  const vault = await openVault(masterKeys(config), { store, clock });
  const { digest } = vault;
  const registry = [...providers, ...describedProviders(providers, settings)];
  await requireAdministrator(config, store);
  await bootstrap({ store, digest, clock, adminKey: config.adminKey });
  const onError = (error: unknown): void => log.error("the database did not take a write", describeError(error));
  const ring = new KeyRing({ keys: lasting(store.keys), digest, clock, onError, capacity: ringCapacity });
  const administrators = createAdministrators({ admins: store.admins, digest, clock });
  const tokens = await workerTokenCounter();
  const catalog = await buildCatalog(store);
  const leftOut = (name: string, why: string): void => log.error("an alias is left out", { alias: name, why });
  const aliases = await openAliases({
    configured: [],
    source: storedAliases(store.aliases, leftOut),
    onLeftOut: leftOut,
  });
  const providerIds = new Set(registry.map(({ id }) => id));
  const notifying = createNotifying({
    store,
    masterKey: vault.masterKey,
    allowPrivate: config.webhooksPrivate,
    post: fetchPost({ timeoutMs: deliveryTimeoutMs }),
    clock,
    log,
    onError,
    outlast: waitUntil,
  });
  const { alerts } = notifying;
  const trail = await openTrail({
    store,
    masterKey: vault.masterKey,
    clock,
    alerts,
    onError,
    alone: true,
    outlast: waitUntil,
  });
  const router = createRouter({ config, clock, log, alerts });
  const observing = createObserving({ store, measures: router.measures, digest, clock });
  const connections = await connect({
    configured: connectionsFromEnvironment(providers, settings, { sandbox: config.sandbox }),
    sandbox: config.sandbox,
    providers: registry,
    env: settings,
    keyring: vault.keyring,
    sourceOf: () => null,
    ...{ store, alerts, router, clock, log },
  });
  const upkeep = createUpkeep({
    measures: router.measures,
    connections: connections.current(),
    ...{ alerts, store, clock, log },
  });
  await upkeep.begin();
  const { app } = assemble({
    config,
    masterKey: vault.masterKey,
    trail,
    catalog,
    aliases,
    connections,
    store,
    ring,
    workloads: openWorkloads({ store, ring, digest, clock, trail, log, fetch: webFetchDocument, alone: true }),
    administrators,
    router,
    journal: workerJournal({ calls: store.calls, clock, waitUntil, onError }),
    observing,
    network: fetchTransport(),
    openExchange: openWebExchange,
    peerAddress: (c) => c.req.header("cf-connecting-ip") ?? null,
    limits: limitsOf(
      createLimiter({ calls: store.calls, ledger: store.ledger, clock, log, alerts, flush: async () => {} }),
      clock.now,
    ),
    uploads: { openSpool: memorySpool, maxUploadBytes: Math.min(config.maxUploadBytes, largestUpload) },
    tokens,
    counting: countingHere(tokens),
    clock,
    log,
    admin: createAdmin({
      store,
      prompts: openPromptLibrary({ prompts: store.prompts, masterKey: vault.masterKey, clock }),
      trail,
      notifying,
      ring,
      keyNames: config.keyNames,
      administrators,
      ...signingIn({
        config,
        store,
        masterKey: vault.masterKey,
        digest,
        clock,
        peerAddress: (c) => c.req.header("cf-connecting-ip") ?? null,
      }),
      models: { catalog, providers: providerIds, configured: [] },
      aliases: { live: aliases, configured: [], isProvider: (id) => providerIds.has(id) },
      routing: {
        router,
        get connections() {
          return connections.current();
        },
      },
      credentials: credentialAdmin(
        { store, keyring: vault.keyring, providers: registry, env: settings },
        { connections, openTransport: fetchTransport },
      ),
      vault: { masters: vault.masters, keyring: vault.keyring },
      digest,
      clock,
      onError: (error, requestId) =>
        log.error("an admin request failed", { request: requestId, ...describeError(error) }),
    }),
  });
  return {
    app,
    aliases,
    connections,
    lookedAtMs: clock.now(),
    upkeep,
    observing,
    trail,
    notifying,
    tendedAtMs: clock.now(),
    onError,
  };
}

/** @throws ConfigError when a setting can't be used or the database is not bound. */
function open(env: Bindings): { config: Config; settings: Readonly<Record<string, string>>; store: Store } {
  const settings = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  knowEnvironment(settings);
  if (!isD1(env.DB)) throw new ConfigError("DB: bind a D1 database under this name (wrangler.toml, d1_databases)");
  return { config: readConfig(settings), settings, store: openD1(env.DB) };
}

function isD1(binding: unknown): binding is D1Binding {
  return typeof binding === "object" && binding !== null && "prepare" in binding && "batch" in binding;
}

async function buildCatalog({ models }: Store): Promise<LiveCatalog> {
  const stored = await models.list();
  return createLiveCatalog(
    [...catalogRows(), ...sandboxModels],
    stored.map(({ declaration }) => declaration),
  );
}

function masterKeys({ masterKey, masterKeyPrevious }: Config): GivenMasters {
  if (masterKey === null) {
    throw new ConfigError(
      "TURNPIKE_MASTER_KEY is not set. Make one with `openssl rand -base64 32`, keep a copy, and set it with " +
        "`npx wrangler secret put TURNPIKE_MASTER_KEY`.",
    );
  }
  const current = parseMasterKey(masterKey, "TURNPIKE_MASTER_KEY");
  const before = masterKeyPrevious === null ? [] : [parseMasterKey(masterKeyPrevious, "TURNPIKE_MASTER_KEY_PREVIOUS")];
  return {
    current: masterKeyWrapper(current, "the master key"),
    previous: before.map((key) => masterKeyWrapper(key, "the previous master key")),
    masterKeys: [current, ...before],
  };
}

/** Nothing is printed here that could show a key made on the first start, so the first administrator's key is given. */
async function requireAdministrator({ adminKey }: Config, { admins }: Store): Promise<void> {
  if (adminKey !== null || (await admins.count()) > 0) return;
  throw new ConfigError(
    "There is no administrator yet, and TURNPIKE_ADMIN_KEY is not set. Make a key with `npx turnpike keys admin` and set it " +
      "with `npx wrangler secret put TURNPIKE_ADMIN_KEY`.",
  );
}

/** The ring's questions about changes, which requests share, outlive the request that happened to ask. */
function lasting(keys: KeyStore): KeyStore {
  const last = <T>(answer: Promise<T>): Promise<T> => {
    waitUntil(answer.catch(() => {}));
    return answer;
  };
  return { ...keys, epoch: () => last(keys.epoch()), touch: (lastUsed) => last(keys.touch(lastUsed)) };
}

/** A gateway that can't be built says why: a setting's name and its remedy are no secret; anything else is for the log. */
function notReady(error: unknown): Response {
  workerLog("error").error("the gateway could not start", describeError(error));
  const id = newId("req", systemClock.now());
  const message = error instanceof ConfigError ? error.message : "This gateway could not start. Its log says why.";
  const body = openaiChatServer.error(errorView(new GatewayError("internal_error", message), id));
  return Response.json(body, { status: 503, headers: { "x-request-id": id } });
}
