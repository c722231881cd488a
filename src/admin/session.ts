// /admin/v1/session: signing in with a key and a second factor, the session itself, and signing out.
import type { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import type { OpenedSession } from "../signin/sessions.ts";
import type { AdminRecord, SessionRecord } from "../store/port-admins.ts";
import { sessionView } from "./admins-view.ts";
import { addressOf } from "./authenticate.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { hasFactor } from "./second-factor.ts";
import { baseUrl, dropCookie, putCookie, sessionCookie } from "./session-cookie.ts";
import { tell } from "./session-told.ts";
import * as routes from "./session-view.ts";

export function mountSession(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { store, signIn } = deps;

  app.openapi(routes.login, async (c) => {
    const { as = "cookie", ...proof } = (c.req.valid("json") as z.output<typeof routes.loginRequest> | undefined) ?? {};
    const { admin, session } = c.var;
    if (session !== null)
      throw new GatewayError("conflict", "You are signed in. Sign in with your key to begin another session.");
    const shown = await proved(c, deps, proof);
    if (shown === null && (await hasFactor(admin, deps))) {
      await tell(c, deps, { action: "admin.login", outcome: "denied", reason: "second_factor_required" });
      throw new GatewayError(
        "second_factor_required",
        "Send your second factor too: `code`, `recovery_code` or `passkey`.",
      );
    }
    return c.json(
      await enter(c, deps, admin, {
        kind: as,
        method: shown === null ? "key" : `key+${shown}`,
        proved: shown !== null,
      }),
      201,
    );
  });
  app.openapi(routes.askProof, async (c) => {
    const { challengeId, options } = await signIn.passkeys.beginProof(c.var.admin.id, baseUrl(c, deps).origin);
    return c.json({ challenge_id: challengeId, options }, 200);
  });
  app.openapi(routes.verify, async (c) => {
    const session = requireSession(c);
    if ((await proved(c, deps, c.req.valid("json"))) === null) {
      throw new GatewayError("invalid_request", "Send your second factor: `code`, `recovery_code` or `passkey`.");
    }
    const renewed = await signIn.sessions.renew(session);
    return c.json(given(c, deps, renewed), 200);
  });
  app.openapi(routes.getSession, async (c) => {
    const session = requireSession(c);
    c.header("cache-control", "no-store");
    return c.json({ ...sessionView(session, session.id), csrf_token: csrfOf(deps, session, c.var.sessionToken) }, 200);
  });
  app.openapi(routes.logout, async (c) => {
    const { id, kind } = requireSession(c);
    await store.sessions.remove(id);
    if (kind === "cookie") dropCookie(c, deps, sessionCookie(c, deps));
    await tell(c, deps, { action: "session.revoke", outcome: "success", target: { type: "session", id } });
    return c.json({ object: "session" as const, deleted: true as const }, 200);
  });
}

function requireSession(c: Context<AdminEnv>): SessionRecord {
  if (c.var.session !== null) return c.var.session;
  throw new GatewayError(
    "not_found",
    "You came with your key, not in a session. POST /admin/v1/session/login begins one.",
  );
}

/**
 * Which second factor was shown; null when none was.
 * @throws GatewayError `permission_denied` for a wrong one, `rate_limit_exceeded`.
 */
async function proved(
  c: Context<AdminEnv>,
  deps: AdminDeps,
  { code, recovery_code, passkey }: routes.Proof,
): Promise<"totp" | "recovery" | "passkey" | null> {
  const { codes, passkeys } = deps.signIn;
  const { id } = c.var.admin;
  const judge = async (kind: "totp" | "recovery" | "passkey", right: Promise<boolean>) => {
    if (await right) return kind;
    await tell(c, deps, {
      action: "admin.login",
      outcome: "denied",
      reason: "permission_denied",
      after: { factor: kind },
    });
    throw new GatewayError("permission_denied", "This second factor is wrong, or was used already.");
  };
  if (code !== undefined) return judge("totp", codes.prove(id, code));
  if (recovery_code !== undefined) return judge("recovery", codes.recover(id, recovery_code));
  if (passkey === undefined) return null;
  const { challenge_id: challengeId, response } = passkey;
  return judge("passkey", passkeys.prove(id, { challengeId, response }));
}

export interface Entry {
  readonly kind: SessionRecord["kind"];
  readonly method: string;
  /** Whether a second factor was shown. */
  readonly proved: boolean;
}

/** Begins a session for somebody who has proved who it is, and tells the trail. A browser gets its cookie. */
export async function enter(
  c: Context<AdminEnv>,
  deps: AdminDeps,
  admin: AdminRecord,
  { kind, method, proved }: Entry,
): Promise<z.infer<typeof routes.openedSchema>> {
  const opened = await deps.signIn.sessions.open({
    adminId: admin.id,
    kind,
    method,
    verifiedAtMs: proved ? deps.clock.now() : null,
    address: addressOf(c, deps),
    userAgent: c.req.header("user-agent")?.slice(0, 300) ?? null,
  });
  await tell(c, deps, {
    action: "admin.login",
    outcome: "success",
    actor: { type: "admin", id: admin.id },
    target: { type: "admin", id: admin.id },
    after: { method, session: opened.session.id },
  });
  return given(c, deps, opened);
}

function given(c: Context<AdminEnv>, deps: AdminDeps, { session, token }: OpenedSession) {
  c.header("cache-control", "no-store");
  const view = { ...sessionView(session, session.id), csrf_token: csrfOf(deps, session, token) };
  if (session.kind === "token") return { ...view, token };
  putCookie(c, deps, { name: sessionCookie(c, deps), value: token, maxAgeMs: session.expiresAtMs - deps.clock.now() });
  return view;
}

function csrfOf({ signIn }: AdminDeps, { kind }: SessionRecord, token: string | undefined): string | null {
  return kind === "cookie" && token !== undefined ? signIn.sessions.csrfToken(token) : null;
}
