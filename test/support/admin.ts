// An admin surface on a real socket, with an administrator who holds a key.
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { providers } from "../../providers/index.ts";
import { storedAliases } from "../../src/admin/alias-view.ts";
import { createAdmin } from "../../src/admin/index.ts";
import type { AuditTrail } from "../../src/audit/trail.ts";
import { openTrail } from "../../src/auditing.ts";
import { connect, credentialAdmin } from "../../src/connecting.ts";
import { undiciTransport } from "../../src/gateway/transport.undici.ts";
import { createAdministrators } from "../../src/keys/administrators.ts";
import { createDigest } from "../../src/keys/digest.ts";
import { generateAdminKey, hintOf } from "../../src/keys/format.ts";
import { KeyRing } from "../../src/keys/ring.ts";
import { createNotifying } from "../../src/notifying.ts";
import { workerLog } from "../../src/observe/log.worker.ts";
import { undiciPost } from "../../src/observe/webhooks/post.undici.ts";
import { openPromptLibrary } from "../../src/prompts/library.ts";
import { type LiveAliases, openAliases } from "../../src/router/live-aliases.ts";
import { createLiveCatalog, type LiveCatalog } from "../../src/router/live-catalog.ts";
import { Router } from "../../src/router/router.ts";
import { createSignIn, type SignInSettings } from "../../src/signin/index.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { openKeyring } from "../../src/vault/keyring.ts";
import { masterKeyWrapper } from "../../src/vault/wrapper.ts";
import { type ManualClock, manualClock } from "./clock.ts";

export interface AdminServer {
  readonly url: string;
  readonly adminKey: string;
  /** The surface itself, to look at its routes. */
  readonly surface: Hono;
  readonly store: Store;
  readonly ring: KeyRing;
  readonly trail: AuditTrail;
  /** The package's catalogue and what is declared over it. */
  readonly catalog: LiveCatalog;
  readonly aliases: LiveAliases;
  readonly clock: ManualClock;
  /** What the surface reported as its own failures. */
  readonly errors: unknown[];
  /** `fetch` below `/admin/v1` with the administrator's key; a body that is no string is sent as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

const usual: SignInSettings = {
  providers: [],
  times: { idleMs: 30 * 60_000, longestMs: 12 * 3_600_000 },
  publicUrl: null,
  secondFactor: [],
};

/** @param signIn what differs from settings without any provider and without a second factor. */
export async function startAdmin(path = ":memory:", signIn: Partial<SignInSettings> = {}): Promise<AdminServer> {
  const store = await openSqlite(path);
  const clock = manualClock();
  const digest = createDigest(new Uint8Array(32).fill(3));
  const errors: unknown[] = [];
  const ring = new KeyRing({ keys: store.keys, digest, clock, onError: (error) => errors.push(error) });
  const adminKey = generateAdminKey();
  await store.admins.create({
    id: "adm_test",
    name: "test",
    role: "owner",
    hint: hintOf(adminKey),
    digest: digest(adminKey),
    createdAtMs: clock.now(),
    revokedAtMs: null,
  });
  const catalog = createLiveCatalog(catalogRows());
  const models = { catalog, providers: new Set(providers.map(({ id }) => id)), configured: [] };
  const live = await openAliases({
    configured: [],
    source: storedAliases(store.aliases, (name, why) => errors.push([name, why])),
    onLeftOut: (name, why) => errors.push([name, why]),
  });
  const aliases = { live, configured: [], isProvider: (id: string) => models.providers.has(id) };
  const masters = { current: masterKeyWrapper(new Uint8Array(32).fill(3), "the master key"), previous: [] };
  const keyring = await openKeyring({
    store: store.keyring,
    masters,
    now: () => clock.now(),
    founding: async () => new Uint8Array(32).fill(3),
  });
  const router = new Router({ clock });
  const stored = { store, keyring, providers, env: {} };
  const connections = await connect({
    ...stored,
    configured: new Map(),
    sandbox: "off",
    sourceOf: () => null,
    alerts: { raise: () => {}, resolve: () => {}, flush: async () => {} },
    router,
    clock,
    log: workerLog("silent"),
  });
  const administrators = createAdministrators({ admins: store.admins, digest, clock });
  const trail = await openTrail({
    store,
    masterKey: new Uint8Array(32).fill(3),
    clock,
    alerts: null,
    onError: (error) => errors.push(error),
  });
  const network = undiciPost({ allowPrivate: true, timeoutMs: 1_000 });
  const admin = createAdmin({
    store,
    ring,
    administrators,
    signIn: createSignIn({
      store,
      masterKey: new Uint8Array(32).fill(3),
      digest,
      clock,
      settings: { ...usual, ...signIn },
    }),
    models,
    aliases,
    routing: { router, connections: new Map() },
    credentials: credentialAdmin(stored, {
      connections,
      openTransport: () => undiciTransport({ connectTimeoutMs: 1_000 }),
    }),
    vault: { masters, keyring },
    digest,
    prompts: openPromptLibrary({ prompts: store.prompts, masterKey: new Uint8Array(32).fill(3), clock }),
    trail,
    notifying: createNotifying({
      store,
      masterKey: new Uint8Array(32).fill(3),
      allowPrivate: true,
      post: network.post,
      clock,
      log: workerLog("silent"),
      onError: (error) => errors.push(error),
    }),
    clock,
    onError: (error) => errors.push(error),
  });
  const app = new Hono().route("/admin/v1", admin);
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    adminKey,
    surface: admin,
    store,
    ring,
    trail,
    catalog,
    aliases: live,
    clock,
    errors,
    request: (method, path, body, headers = {}) =>
      fetch(`${url}/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminKey}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await ring.close();
      await network.close();
      await store.close();
    },
  };
}

/** The `error` of an answer, with its status. */
export async function errorOf(response: Response): Promise<Record<string, unknown>> {
  const body = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, ...body.error };
}
