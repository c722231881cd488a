// /admin/v1/vault: how the keys that seal what is stored are wrapped, and wrapping them anew.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { ConfigError } from "../config.ts";
import { GatewayError } from "../errors.ts";
import type { Keyring, Masters } from "../vault/keyring.ts";
import { rekey, type VaultStatus, vaultStatus } from "../vault/rekey.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, idempotencyHeader, timestamp } from "./schemas.ts";

export interface VaultAdminDeps {
  readonly masters: Masters;
  readonly keyring: Pick<Keyring, "refresh">;
}

export const vaultSchema = z
  .object({
    object: z.literal("vault"),
    master: z
      .string()
      .openapi({ description: "Which master key or KMS wraps from now on; nothing of the key itself." }),
    previous: z.array(z.string()).openapi({ description: "Former ones that this process still accepts." }),
    rekey_due: z.boolean().openapi({ description: "Something is still wrapped by a former one." }),
    restart_due: z.boolean().openapi({
      description:
        "Another process has wrapped keys by a master key or KMS that this one was not given: restart it with that.",
    }),
    keys: z.array(
      z.object({ id: z.string(), wrapper: z.string(), created_at: timestamp, data_keys: z.int() }).openapi("VaultKey"),
    ),
  })
  .openapi("Vault");

const json = (description: string) => ({ description, content: { "application/json": { schema: vaultSchema } } });
const tags = ["vault"];

const status = createRoute({
  method: "get",
  path: "/vault",
  tags,
  summary: "Tell how the keys of the vault are wrapped",
  responses: { 200: json("How it stands."), ...errors(401, 403, 429) },
});

const rekeyRequest = z
  .strictObject({
    renew: z.boolean().default(false).openapi({
      description: "Make another key-encryption key although the master key is the same.",
    }),
  })
  .openapi("RekeyRequest");

const rekeyRoute = createRoute({
  method: "post",
  path: "/vault/rekey",
  tags,
  summary: "Wrap all keys by the present master key or KMS",
  description:
    "Calls go on meanwhile. This process must have been started with the new one, and with the former one as " +
    "TURNPIKE_MASTER_KEY_PREVIOUS or TURNPIKE_KMS_PREVIOUS. What was broken off is gone on with when it is asked for again.",
  request: {
    headers: idempotencyHeader,
    body: { required: false, content: { "application/json": { schema: rekeyRequest } } },
  },
  responses: { 200: json("How it stands afterwards."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});

export const vaultRoutes = [status, rekeyRoute];

export function vaultView(seen: VaultStatus, { previous }: Masters): z.output<typeof vaultSchema> {
  return {
    object: "vault",
    master: seen.master,
    previous: previous.map(({ id }) => id),
    rekey_due: seen.rekeyDue,
    restart_due: seen.restartDue,
    keys: seen.keys.map(({ id, wrapper, createdAtMs, dataKeys }) => ({
      id,
      wrapper,
      created_at: new Date(createdAtMs).toISOString(),
      data_keys: dataKeys,
    })),
  };
}

export function mountVault(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { masters, keyring } = deps.vault;
  const store = deps.store.keyring;
  const view = async () => vaultView(await vaultStatus(store, masters), masters);

  app.openapi(status, async (c) => c.json(await view(), 200));

  app.openapi(rekeyRoute, async (c) => {
    const { renew = false } = (c.req.valid("json") as z.output<typeof rekeyRequest> | undefined) ?? {};
    try {
      await rekey({ store, masters, renew, now: () => deps.clock.now() });
      await keyring.refresh();
    } catch (error) {
      if (error instanceof ConfigError) throw new GatewayError("conflict", error.message);
      throw error;
    }
    return c.json(await view(), 200);
  });
}
