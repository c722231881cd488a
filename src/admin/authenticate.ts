// Who administers: the administrator's key in the headers, and nothing else.
import type { Context, MiddlewareHandler } from "hono";
import { GatewayError } from "../errors.ts";
import { sameDigest } from "../keys/digest.ts";
import { parseKey } from "../keys/format.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { createThrottle } from "./throttle.ts";

/** Lets administrators pass. A customer's key is told that it is one (403); anything else is unknown (401, then 429). */
export function authenticateAdmin(deps: AdminDeps): MiddlewareHandler<AdminEnv> {
  const throttle = createThrottle(deps.clock);
  const addressOf = deps.clientAddress ?? peerAddress;
  return async (c, next) => {
    const secret = presentedSecret((name) => c.req.header(name) ?? null, new URL(c.req.url));
    const kind = parseKey(secret)?.kind;
    if (kind === "customer") {
      throw new GatewayError("permission_denied", "This is a customer's key. It calls models and administers nothing.");
    }
    const digest = kind === "admin" ? deps.digest(secret) : null;
    const admin = digest === null ? null : await deps.store.admins.findByDigest(digest);
    if (admin === null || digest === null || !sameDigest(admin.digest, digest) || admin.revokedAtMs !== null) {
      const retryAfterMs = throttle.failed(addressOf(c));
      if (retryAfterMs === null) throw invalidApiKey();
      throw new GatewayError("rate_limit_exceeded", "Too many failed attempts. Wait a while.", { retryAfterMs });
    }
    c.set("admin", admin);
    await next();
  };
}

/** The other end of the socket, as `@hono/node-server` lends it. */
function peerAddress(c: Context): string {
  const env = c.env as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress ?? "unknown";
}
