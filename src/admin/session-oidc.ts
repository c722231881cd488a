// /admin/v1/session/login/{provider} and what follows: signing in at an identity provider, in a browser or for the command line.
import { createHash, randomBytes } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { GatewayError } from "../errors.ts";
import { checkStanding } from "../keys/administrators.ts";
import { createThrottle } from "../keys/throttle.ts";
import { networkOf } from "../limits/addresses.ts";
import { admitIdentity } from "../signin/federated.ts";
import type { Identity, PendingLogin } from "../signin/oidc.ts";
import type { AdminRecord } from "../store/port-admins.ts";
import { addressOf } from "./authenticate.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { adminPath } from "./document.ts";
import { knownError } from "./errors.ts";
import { enter } from "./session.ts";
import { baseUrl, dropCookie, loginCookie, putCookie } from "./session-cookie.ts";
import { tell } from "./session-told.ts";
import * as routes from "./session-view.ts";

/** What is remembered while somebody is away. */
interface Away {
  readonly provider: string;
  readonly pending: PendingLogin;
  /** The browser that went away, by the value of its cookie. */
  readonly browser: string;
  readonly returnTo: string;
  readonly cli: { readonly port: number; readonly challenge: string } | null;
}

/** What the command line's code stands for. */
interface Handed {
  readonly adminId: string;
  readonly challenge: string;
}

const awayMs = 10 * 60_000;
const handedMs = 60_000;
/** Logins that one address may begin in a minute: each asks the provider and leaves something to remember. */
const mostBegun = 30;

export function mountSessionOidc(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { store, signIn } = deps;
  const { oidc, challenges } = signIn;
  const begun = createThrottle(deps.clock, mostBegun);

  app.openapi(routes.listProviders, (c) =>
    c.json(
      {
        object: "list" as const,
        data: oidc.providers.map(({ name }) => ({ name })),
        has_more: false,
        next_cursor: null,
      },
      200,
    ),
  );
  app.openapi(routes.beginLogin, async (c) => {
    countBegun(c);
    const { provider } = c.req.valid("param");
    const { return_to: returnTo, cli_port: port, cli_challenge: challenge } = c.req.valid("query");
    const cli = port === undefined || challenge === undefined ? null : { port, challenge };
    const { url, pending } = await oidc.begin(provider, redirectUri(c, provider));
    const browser = randomBytes(32).toString("base64url");
    await challenges.keep("away", { provider, pending, browser, returnTo, cli } satisfies Away, awayMs, pending.state);
    putCookie(c, deps, { name: loginCookie(c, deps), value: browser, maxAgeMs: awayMs });
    c.header("cache-control", "no-store");
    return c.redirect(url, 302);
  });
  app.openapi(routes.callback, async (c) => {
    const { provider } = c.req.valid("param");
    const { searchParams, search } = new URL(c.req.url);
    const away = await challenges.take<Away>("away", searchParams.get("state") ?? "");
    const browser = getCookie(c, loginCookie(c, deps));
    dropCookie(c, deps, loginCookie(c, deps));
    if (away === null || away.provider !== provider || away.browser !== browser) {
      throw new GatewayError(
        "invalid_request",
        "This login was not begun in this browser, or more than 10 minutes ago. Begin again.",
      );
    }
    const admin = await admitted(c, provider, () =>
      oidc.finish(provider, new URL(redirectUri(c, provider) + search), away.pending),
    );
    if (away.cli !== null) {
      const { port, challenge } = away.cli;
      const code = await challenges.keep("command line", { adminId: admin.id, challenge } satisfies Handed, handedMs);
      return c.redirect(`http://127.0.0.1:${port}/?code=${code}`, 303);
    }
    await enter(c, deps, admin, { kind: "cookie", method: `oidc:${provider}`, proved: false });
    return c.redirect(away.returnTo, 303);
  });
  app.openapi(routes.exchange, async (c) => {
    const { code, verifier } = c.req.valid("json");
    const handed = await challenges.take<Handed>("command line", code);
    const admin = handed === null ? null : await store.admins.get(handed.adminId);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    if (handed === null || admin === null || handed.challenge !== challenge) {
      throw new GatewayError("invalid_request", "This code is not known, or a minute old. Sign in again.");
    }
    return c.json(await enter(c, deps, admin, { kind: "token", method: `oidc:${admin.provider}`, proved: false }), 201);
  });

  app.openapi(routes.beginDevice, async (c) => {
    countBegun(c);
    const { provider } = c.req.valid("param");
    const begun = await oidc.beginDevice(provider);
    if (begun === null) {
      throw new GatewayError("not_found", "This identity provider has no device login. Sign in by a browser.");
    }
    const { deviceCode, userCode, verificationUri, verificationUriComplete, interval, expiresIn } = begun;
    return c.json(
      {
        device_id: await challenges.keep("device", { provider, deviceCode }, expiresIn * 1_000),
        user_code: userCode,
        verification_uri: verificationUri,
        verification_uri_complete: verificationUriComplete,
        interval,
        expires_in: expiresIn,
      },
      200,
    );
  });
  app.openapi(routes.finishDevice, async (c) => {
    const { provider } = c.req.valid("param");
    const { device_id } = c.req.valid("json");
    const device = await challenges.peek<{ provider: string; deviceCode: string }>("device", device_id);
    if (device?.provider !== provider) {
      throw new GatewayError("invalid_request", "This login is not known, or has expired. Begin again.");
    }
    const answer = await told(c, () => oidc.finishDevice(provider, device.deviceCode));
    if (typeof answer === "string") return c.json({ status: answer }, 202);
    await challenges.take("device", device_id);
    const admin = await admitted(c, provider, async () => answer);
    return c.json(await enter(c, deps, admin, { kind: "token", method: `oidc:${provider}`, proved: false }), 201);
  });

  function countBegun(c: Context<AdminEnv>): void {
    const retryAfterMs = begun.failed(networkOf(addressOf(c, deps)));
    if (retryAfterMs === null) return;
    throw new GatewayError("rate_limit_exceeded", "Too many logins were begun here. Wait a while.", { retryAfterMs });
  }

  function redirectUri(c: Context<AdminEnv>, provider: string): string {
    return new URL(`${adminPath}/session/callback/${provider}`, baseUrl(c, deps)).href;
  }

  /** The administrator that somebody has proved to be. */
  function admitted(c: Context<AdminEnv>, provider: string, prove: () => Promise<Identity>): Promise<AdminRecord> {
    return told(c, async () => {
      const identity = await prove();
      const admin = await admitIdentity({ ...store, ...deps }, oidc.settings(provider), identity);
      checkStanding(admin, addressOf(c, deps), deps.clock.now());
      return admin;
    });
  }

  /** Tells the trail of a login that is refused. */
  async function told<T>(c: Context<AdminEnv>, login: () => Promise<T>): Promise<T> {
    try {
      return await login();
    } catch (error) {
      const reason = knownError(error)?.code ?? "internal_error";
      await tell(c, deps, { action: "admin.login", outcome: "denied", reason });
      throw error;
    }
  }
}
