// The Node entry: opens the database, listens, and stops without dropping a call.
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { storedAliases, toAlias } from "./admin/alias-view.ts";
import { createAdmin } from "./admin/index.ts";
import { keepResponsesSwept } from "./api/responses/sweep.ts";
import { assemble, chargeForOpen, priceOfOpen } from "./assemble.ts";
import { bootstrap, type FirstStart } from "./bootstrap.ts";
import { systemClock } from "./clock.ts";
import { openNodeExchange, peerAddress } from "./gateway/sink.node.ts";
import { undiciTransport } from "./gateway/transport.undici.ts";
import { fileSpools } from "./gateway/upload/spool.node.ts";
import { memorySpool } from "./gateway/upload/spool.ts";
import { readInstalled } from "./installed.node.ts";
import { createAdministrators } from "./keys/administrators.ts";
import { createDigest } from "./keys/digest.ts";
import { newId } from "./keys/id.ts";
import { followQuietOverlaps } from "./keys/quiet-overlaps.ts";
import { KeyRing } from "./keys/ring.ts";
import { createLimiter } from "./limiting.ts";
import { createAlerts } from "./observe/alerts.ts";
import { nodeLog } from "./observe/log.node.ts";
import { describeError } from "./observe/log.ts";
import { followAliases, openAliases } from "./router/live-aliases.ts";
import { createLiveCatalog } from "./router/live-catalog.ts";
import { createRouter } from "./routing.ts";
import { databaseLocation } from "./store/location.ts";
import { lockForServing } from "./store/lock.ts";
import { openSqlite } from "./store/sqlite.ts";
import { createUpkeep, upkeepMs } from "./upkeep.ts";
import { openLogFile, readLogFile } from "./usage/call-log.node.ts";
import { replay } from "./usage/call-log.ts";
import { countingInThread } from "./usage/counting.node.ts";
import { expireCredits } from "./usage/expiry.ts";
import { createJournal } from "./usage/journal.ts";
import { recover } from "./usage/recovery.ts";
import { nodeTokenCounter } from "./usage/tokens.node.ts";
import { loadMasterKey } from "./vault/master-key.node.ts";

export interface Running {
  /** Where it listens: `http://127.0.0.1:8787`. */
  readonly url: string;
  /** The secrets of a first start, to be shown once; null on every later one. */
  readonly first: FirstStart | null;
  /** Stops taking calls, waits for those that run, writes what is to be written. */
  close(): Promise<void>;
}

/**
 * Starts a gateway from environment variables.
 * @throws ConfigError when a setting can't be used, or another process serves from the same database.
 */
export async function start(env: Readonly<Record<string, string | undefined>>): Promise<Running> {
  const { config, file, rows, connections, providerIds } = readInstalled(env);
  const log = nodeLog(config.logLevel);
  const clock = systemClock;
  const location = databaseLocation(config.databaseUrl);
  if (location.folder !== null) mkdirSync(location.folder, { recursive: true, mode: 0o700 });
  const masterKey = loadMasterKey({
    configured: config.masterKey,
    folder: location.folder,
    warn: (message) => log.warn(message),
  });
  const digest = createDigest(masterKey);
  const unlock = lockForServing(location.path);
  const store = await openSqlite(location.path);
  const first = await bootstrap({ store, digest, clock, adminKey: config.adminKey });
  const stored = await store.models.list();
  const catalog = createLiveCatalog(rows, [...file.models, ...stored.map(({ declaration }) => declaration)]);
  const logPath = location.folder === null ? null : `${location.path}.calls`;
  const logged = logPath === null ? null : readLogFile(logPath);
  if (logged !== null) await replay(store.calls, logged);
  const recovered = await recover({
    calls: store.calls,
    clock,
    beforeMs: clock.now(),
    price: priceOfOpen(catalog),
    charge: await chargeForOpen(store),
  });
  if (recovered > 0) log.warn("settled calls that the last run left open", { calls: recovered });

  const onError = (error: unknown): void => log.error("the database did not take a write", describeError(error));
  const journal = createJournal({
    calls: store.calls,
    clock,
    log: logPath === null ? null : openLogFile(logPath),
    onError,
  });
  const ring = new KeyRing({ keys: store.keys, digest, clock, onError });
  ring.watch();
  const expire = setInterval(
    () => void expireCredits({ ledger: store.ledger, clock }).catch(onError),
    upkeepMs,
  ).unref();
  const unfollowOverlaps = followQuietOverlaps({ keys: store.keys, clock, onChange: (id) => ring.forget(id) }, onError);
  const administrators = createAdministrators({ admins: store.admins, digest, clock });
  const leftOut = (name: string, why: string): void => log.error("an alias is left out", { alias: name, why });
  const aliases = await openAliases({
    configured: file.aliases.map(toAlias),
    source: storedAliases(store.aliases, leftOut),
    onLeftOut: leftOut,
  });
  const unfollow = followAliases(aliases, onError);
  const stopSweeping = keepResponsesSwept({ responses: store.responses, clock }, onError);
  const alerts = createAlerts({
    sink: store.alerts,
    now: clock.now,
    newId: () => newId("alert", clock.now()),
    onError,
  });
  const router = createRouter({ config, clock, log, alerts });
  const upkeep = createUpkeep({ measures: router.measures, connections, alerts, store, clock, log });
  await upkeep.begin();
  const upkeepTimer = setInterval(() => void upkeep.tend().catch(onError), upkeepMs).unref();
  const network = undiciTransport({ connectTimeoutMs: config.connectTimeoutMs });
  const counting = countingInThread((error) => log.error("the counting thread failed", describeError(error)));
  const { app, running, transport } = assemble({
    config,
    masterKey,
    catalog,
    aliases,
    connections,
    store,
    ring,
    administrators,
    router,
    journal,
    network,
    openExchange: openNodeExchange,
    peerAddress,
    limiter: createLimiter({ calls: store.calls, ledger: store.ledger, clock, log, alerts, flush: () => journal.flush() }),
    uploads: {
      openSpool: location.folder === null ? memorySpool : fileSpools(join(location.folder, "uploads")),
      maxUploadBytes: config.maxUploadBytes,
    },
    tokens: nodeTokenCounter(),
    counting,
    clock,
    log,
    admin: createAdmin({
      store,
      ring,
      keyNames: config.keyNames,
      administrators,
      models: { catalog, providers: providerIds, configured: file.models },
      aliases: { live: aliases, configured: file.aliases, isProvider: (id) => providerIds.has(id) },
      routing: { router, connections },
      digest,
      clock,
      onError: (error, requestId) => log.error("admin request failed", { request: requestId, ...describeError(error) }),
    }),
  });

  const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }) as Server;
  // Long answers are the rule here: what bounds a call are the time-outs of the pipeline, not the server's.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 75_000;
  await listening(server);
  const url = `http://${shownHost(config.host)}:${(server.address() as AddressInfo).port}`;
  log.info("listening", { url, providers: [...connections.keys()] });

  let closing: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    const drained = running.drain();
    server.close();
    await Promise.race([drained, wait(config.drainTimeoutMs)]);
    server.closeAllConnections();
    unfollow();
    stopSweeping();
    clearInterval(upkeepTimer);
    clearInterval(expire);
    await upkeep.tend().catch(onError);
    unfollowOverlaps();
    await ring.close();
    await journal.close();
    await transport.close();
    await counting.close();
    await store.close();
    unlock();
  };
  return {
    url,
    first,
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}

async function listening(server: Server): Promise<void> {
  if (!server.listening) await once(server, "listening");
}

function shownHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
