// Who administers: a key or a session's token in the headers, or a browser's session in its cookie.
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { GatewayError } from "../errors.ts";
import { checkStanding, noteUse } from "../keys/administrators.ts";
import { parseKey } from "../keys/format.ts";
import { presentedSecret } from "../keys/presented.ts";
import { invalidApiKey } from "../keys/refusal.ts";
import type { SessionRecord } from "../store/port-admins.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { baseUrl, sessionCookie } from "./session-cookie.ts";

const credentials = ["authorization", "x-api-key", "x-goog-api-key"];

/**
 * Finds out who asks, and says it in the context. A customer's key is told that it is one (403); anything else is unknown (401,
 * then 429). What stands in the headers counts before a cookie.
 * @throws GatewayError as `Administrators.recognise` and `checkStanding` do.
 */
export async function authenticate(c: Context<AdminEnv>, deps: AdminDeps): Promise<void> {
  const address = addressOf(c, deps);
  c.set("address", address);
  c.set("session", null);
  const cookie = getCookie(c, sessionCookie(c, deps));
  if (cookie !== undefined && credentials.every((name) => c.req.header(name) === undefined)) {
    await enter(c, deps, cookie, "cookie");
    return;
  }
  const secret = presentedSecret((name) => c.req.header(name) ?? null, c.req.url);
  const kind = parseKey(secret)?.kind;
  if (kind === "customer") {
    throw new GatewayError("permission_denied", "This is a customer's key. It calls models and administers nothing.");
  }
  if (kind === "session") {
    await enter(c, deps, secret, "token");
    return;
  }
  const admin = await deps.administrators.recognise(secret, address);
  if (admin === null) throw invalidApiKey();
  c.set("admin", admin);
}

/** By a session of this kind: what a browser keeps in a cookie serves in no header. */
async function enter(c: Context<AdminEnv>, deps: AdminDeps, token: string, kind: SessionRecord["kind"]): Promise<void> {
  const session = await deps.signIn.sessions.find(token);
  const admin = session === null ? null : await deps.store.admins.get(session.adminId);
  if (session === null || session.kind !== kind || admin === null) throw sessionEnded();
  const nowMs = deps.clock.now();
  checkStanding(admin, c.var.address, nowMs);
  await noteUse(admin, deps.store.admins, nowMs);
  c.set("admin", admin);
  c.set("session", session);
  c.set("sessionToken", token);
}

function sessionEnded(): GatewayError {
  return new GatewayError("invalid_api_key", "This session has ended, or never was. Sign in again.");
}

/**
 * Lets no other site use a browser's cookie: a change must come from a page of this gateway (`Sec-Fetch-Site`, or else `Origin`),
 * and carry the token that only such a page can have read (`x-turnpike-csrf`, from GET /session).
 * @throws GatewayError `origin_not_allowed`.
 */
export function checkIntent(c: Context<AdminEnv>, deps: AdminDeps): void {
  const { session, sessionToken } = c.var;
  if (session?.kind !== "cookie" || sessionToken === undefined) return;
  if (c.req.method === "GET" || c.req.method === "HEAD") return;
  const site = c.req.header("sec-fetch-site");
  const own = site === undefined ? c.req.header("origin") === baseUrl(c, deps).origin : site === "same-origin";
  if (own && deps.signIn.sessions.meant(sessionToken, c.req.header("x-turnpike-csrf") ?? "")) return;
  throw new GatewayError(
    "origin_not_allowed",
    "A change in a browser's session must come from this gateway's own pages, with the header x-turnpike-csrf.",
  );
}

/** Where a request comes from, as far as that is believed. */
export function addressOf(c: Context, { clientAddress }: Pick<AdminDeps, "clientAddress">): string {
  return (clientAddress ?? peerAddress)(c);
}

/** The other end of the socket, as `@hono/node-server` lends it. */
export function peerAddress(c: Context): string {
  const env = c.env as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress ?? "unknown";
}
