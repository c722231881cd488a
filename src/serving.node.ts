// Serving: takes the customers' calls of an installation on Node, and stops without dropping one.
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Hono } from "hono";
import { assemble } from "./assemble.ts";
import type { CallJournal } from "./gateway/admit.ts";
import { openNodeExchange, peerAddress } from "./gateway/sink.node.ts";
import { undiciTransport } from "./gateway/transport.undici.ts";
import { fileSpools } from "./gateway/upload/spool.node.ts";
import { memorySpool } from "./gateway/upload/spool.ts";
import type { House } from "./house.node.ts";
import { nodeFetchDocument } from "./identity/fetch-document.node.ts";
import type { KeyRing } from "./keys/ring.ts";
import type { Throttle } from "./keys/throttle.ts";
import { withLanes } from "./lane.node.ts";
import type { CallLimits } from "./limits/call-limits.ts";
import { describeError } from "./observe/log.ts";
import { retiring } from "./retiring.node.ts";
import { countingInThread } from "./usage/counting.node.ts";
import { nodeTokenCounter } from "./usage/tokens.node.ts";
import { openWorkloads } from "./workloads.ts";

export interface ServingParts {
  readonly ring: KeyRing;
  readonly journal: CallJournal;
  readonly limits: CallLimits;
  readonly admin: Hono;
  readonly metricsText?: () => Promise<string>;
  /** Counts unknown keys by network; absent: in this process alone. */
  readonly failures?: Throttle;
  /** Its number, where this process is one of several that serve. */
  readonly worker?: number;
}

export interface Serving {
  /** Where it listens: `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Leaves new connections to other processes, and serves those there are to their ends; lets go of the network then. */
  retire(): Promise<void>;
  /** Takes no more calls, waits for those that run, as long as a stop may wait, and lets go of the network. */
  close(): Promise<void>;
}

/** How long a stop waits for the settlements of calls that it broke off. */
const countingMs = 1_000;

/** Listens. Rejects when the port is taken. */
export async function serveCalls(
  house: House,
  { ring, journal, limits, admin, metricsText, failures, worker }: ServingParts,
): Promise<Serving> {
  const { config, masterKey, catalog, aliases, connections, store, administrators, router, location, clock, log } =
    house;
  const counting = countingInThread((error) => log.error("the counting thread failed", describeError(error)));
  const { app, lanes, running, transport } = assemble({
    config,
    masterKey,
    catalog,
    aliases,
    connections,
    store,
    ring,
    workloads: openWorkloads({ ...house, ring, fetch: nodeFetchDocument }),
    administrators,
    router,
    journal,
    network: undiciTransport({ connectTimeoutMs: config.connectTimeoutMs }),
    openExchange: openNodeExchange,
    peerAddress,
    limits,
    ...(metricsText !== undefined && { metricsText }),
    ...(failures !== undefined && { failures }),
    uploads: {
      openSpool: location.folder === null ? memorySpool : fileSpools(join(location.folder, spoolsOf(worker))),
      maxUploadBytes: config.maxUploadBytes,
    },
    tokens: nodeTokenCounter(),
    counting,
    trail: house.trail,
    observing: house.observing,
    clock,
    log,
    admin,
  });

  const onError = (error: unknown): void => log.error("a call failed outside its handler", describeError(error));
  const server = createServer(withLanes(lanes, webRequests(app, { hostname: config.host, onError }), onError)).listen(
    config.port,
    config.host,
  );
  // Long answers are the rule here: what bounds a call are the time-outs of the pipeline, not the server's.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 75_000;
  const { retire, breakOffStalled } = retiring(server);
  await listening(server);
  const url = `http://${shownHost(config.host)}:${(server.address() as AddressInfo).port}`;
  log.info("listening", { url, providers: [...connections.current().keys()] });
  /** Those that were broken off are settled, too: what they were served is counted first. */
  const letGo = async (drained: Promise<void>): Promise<void> => {
    await Promise.race([drained, wait(countingMs)]);
    await transport.close();
    await counting.close();
  };
  let gone: Promise<void> | null = null;
  return {
    url,
    retire: async () => {
      await retire(config.drainTimeoutMs);
      gone ??= letGo(running.drain());
      await gone;
    },
    close: async () => {
      const drained = running.drain();
      server.close();
      breakOffStalled();
      await Promise.race([drained, wait(config.drainTimeoutMs)]);
      server.closeAllConnections();
      gone ??= letGo(drained);
      await gone;
    },
  };
}

/**
 * Hono's way for requests. What it takes is loaded by the first of them: it brings Node's own `fetch` along, which neither a
 * start nor a call needs.
 */
function webRequests(
  app: Hono,
  { hostname, onError }: { readonly hostname: string; onError(error: unknown): void },
): RequestListener {
  let listener: RequestListener | null = null;
  const load = async (): Promise<RequestListener> => {
    const { getRequestListener } = await import("@hono/node-server");
    listener ??= getRequestListener(app.fetch, { hostname });
    return listener;
  };
  return (incoming, outgoing) => {
    if (listener !== null) return listener(incoming, outgoing);
    load().then((listen) => listen(incoming, outgoing), onError);
  };
}

/** Each process empties its own when it starts. */
function spoolsOf(worker: number | undefined): string {
  return worker === undefined ? "uploads" : `uploads-${worker}`;
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
