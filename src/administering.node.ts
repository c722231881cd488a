// The operators' surface of an installation on Node.
import { type Context, Hono } from "hono";
import type { AdminDeps } from "./admin/deps.ts";
import { credentialAdmin } from "./connecting.ts";
import { peerAddress } from "./gateway/sink.node.ts";
import { undiciTransport } from "./gateway/transport.undici.ts";
import type { House } from "./house.node.ts";
import { describeError } from "./observe/log.ts";
import { openPromptLibrary } from "./prompts/library.ts";
import { signingIn } from "./signing-in.ts";

type Parts = Pick<AdminDeps, "ring" | "notifying" | "exporters"> & { peer?(c: Context): string | null };

/**
 * The surface, to be mounted at `/admin/v1`. Its schemas are a fifth of a start and no call needs them: they are loaded when
 * an operator asks for the first time.
 * @param parts `ring`: told of keys that have changed. `peer`: who asks, where that is not the peer of the socket.
 */
export function administer(house: House, parts: Parts): Hono {
  let opened: Promise<Hono> | null = null;
  return new Hono().all("*", async (c) => {
    opened ??= open(house, parts);
    return (await opened).fetch(c.req.raw, c.env);
  });
}

async function open(house: House, { ring, notifying, peer = peerAddress, ...auditing }: Parts): Promise<Hono> {
  const { createAdmin } = await import("./admin/index.ts");
  const { store, reading, config, file, catalog, aliases, administrators, router, connections, providerIds } = house;
  const { masterKey, digest, trail, clock, log } = house;
  const admin = createAdmin({
    store: reading,
    ring,
    keyNames: config.keyNames,
    administrators,
    ...signingIn({ config, store, masterKey, digest, clock, peerAddress: peer }),
    models: { catalog, providers: providerIds, configured: file.models },
    aliases: { live: aliases, configured: file.aliases, isProvider: (id) => providerIds.has(id) },
    routing: {
      router,
      get connections() {
        return connections.current();
      },
    },
    credentials: credentialAdmin(house, {
      connections,
      openTransport: () => undiciTransport({ connectTimeoutMs: config.connectTimeoutMs }),
    }),
    vault: { masters: house.masters, keyring: house.keyring },
    references: house.references,
    digest,
    prompts: openPromptLibrary({ prompts: reading.prompts, masterKey, clock }),
    trail,
    ...auditing,
    notifying,
    clock,
    onError: (error, requestId) => log.error("admin request failed", { request: requestId, ...describeError(error) }),
  });
  return new Hono().route("/admin/v1", admin);
}
