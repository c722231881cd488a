// Who administers: the administrator's key in the headers, and nothing else.
import type { Context, MiddlewareHandler } from "hono";
import { GatewayError } from "../errors.ts";
import { parseKey } from "../keys/format.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";

/** Lets administrators pass. A customer's key is told that it is one (403); anything else is unknown (401, then 429). */
export function authenticateAdmin(deps: AdminDeps): MiddlewareHandler<AdminEnv> {
  const addressOf = deps.clientAddress ?? peerAddress;
  return async (c, next) => {
    const secret = presentedSecret((name) => c.req.header(name) ?? null, new URL(c.req.url));
    if (parseKey(secret)?.kind === "customer") {
      throw new GatewayError("permission_denied", "This is a customer's key. It calls models and administers nothing.");
    }
    const admin = await deps.administrators.recognise(secret, addressOf(c));
    if (admin === null) throw invalidApiKey();
    c.set("admin", admin);
    await next();
  };
}

/** The other end of the socket, as `@hono/node-server` lends it. */
export function peerAddress(c: Context): string {
  const env = c.env as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress ?? "unknown";
}
