// The cookies of browsers that administer: out of reach of scripts, of other hosts, and of plain connections where there are others.
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { AdminDeps } from "./deps.ts";

type Deps = Pick<AdminDeps, "signIn">;

/** Where browsers reach this gateway: as it is set, else where the request says that it was sent to. */
export function baseUrl(c: Context, { signIn }: Deps): URL {
  return new URL(signIn.settings.publicUrl ?? new URL(c.req.url).origin);
}

/** `__Host-` has browsers refuse one that comes from another host or without HTTPS; it is not to be had without HTTPS. */
function named(name: string, c: Context, deps: Deps): string {
  return isSecure(c, deps) ? `__Host-turnpike_${name}` : `turnpike_${name}`;
}

export function sessionCookie(c: Context, deps: Deps): string {
  return named("session", c, deps);
}

/** Of a browser that is away at an identity provider. */
export function loginCookie(c: Context, deps: Deps): string {
  return named("login", c, deps);
}

/** `Lax`, not `Strict`: who comes back from the identity provider comes from another site. */
export function putCookie(
  c: Context,
  deps: Deps,
  cookie: { readonly name: string; readonly value: string; readonly maxAgeMs: number },
): void {
  setCookie(c, cookie.name, cookie.value, {
    path: "/",
    httpOnly: true,
    secure: isSecure(c, deps),
    sameSite: "Lax",
    maxAge: Math.floor(cookie.maxAgeMs / 1_000),
  });
}

export function dropCookie(c: Context, deps: Deps, name: string): void {
  deleteCookie(c, name, { path: "/", secure: isSecure(c, deps) });
}

function isSecure(c: Context, deps: Deps): boolean {
  return baseUrl(c, deps).protocol === "https:";
}
