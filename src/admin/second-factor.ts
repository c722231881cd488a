// When an administrator's second factor is demanded, and whether it has been shown.
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import type { AdminRecord } from "../store/port-admins.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import type { Permission } from "./endpoints.ts";
import { type Access, accessOf } from "./roles-access.ts";

/** How long a proof serves for what changes who may do what. */
const freshMs = 15 * 60_000;
const delicate: readonly Permission[] = ["admins:write", "settings:write"];

/** Whether the installation or the role demands one. Who signs in elsewhere proves it there. */
export function isFactorRequired(
  admin: Pick<AdminRecord, "provider">,
  access: Pick<Access, "role" | "secondFactor">,
  { signIn }: Pick<AdminDeps, "signIn">,
): boolean {
  if (admin.provider !== null || access.secondFactor === "exempt") return false;
  const { secondFactor } = signIn.settings;
  return access.secondFactor === "required" || secondFactor === "all" || secondFactor.includes(access.role);
}

/** Whether an administrator has any factor that counts. */
export async function hasFactor({ id }: AdminRecord, { store }: Pick<AdminDeps, "store">): Promise<boolean> {
  const totp = await store.factors.totp(id);
  return (totp !== null && totp.confirmedAtMs !== null) || (await store.factors.passkeys(id)).length > 0;
}

/** Whether one is demanded and was not shown in this session. */
export async function factorIsOpen(c: Context<AdminEnv>, deps: AdminDeps): Promise<boolean> {
  const access = c.get("access") ?? (await accessOf(c.var.admin, deps.store.roles));
  return isFactorRequired(c.var.admin, access, deps) && (c.var.session?.verifiedAtMs ?? null) === null;
}

/**
 * Who shows a second factor shows it again before changing who may do what, when the last time is a while ago.
 * @throws GatewayError `second_factor_required`.
 */
export function requireFreshProof(c: Context<AdminEnv>, deps: AdminDeps, permission: Permission): void {
  const provedAtMs = c.var.session?.verifiedAtMs ?? null;
  if (!delicate.includes(permission) || c.req.method === "GET" || provedAtMs === null) return;
  if (deps.clock.now() - provedAtMs < freshMs) return;
  throw new GatewayError(
    "second_factor_required",
    "Show your second factor again for this: POST /admin/v1/session/verify.",
  );
}

/**
 * Before a factor is added or taken away: who has one must have shown it, so that a stolen key alone can't bring its own.
 * @throws GatewayError `second_factor_required`.
 */
export async function requireOwnFactor(c: Context<AdminEnv>, deps: AdminDeps): Promise<void> {
  const provedAtMs = c.var.session?.verifiedAtMs ?? null;
  if (provedAtMs !== null && deps.clock.now() - provedAtMs < freshMs) return;
  if (!(await hasFactor(c.var.admin, deps))) return;
  throw new GatewayError(
    "second_factor_required",
    "You have a second factor: sign in with it, or show it again (POST /admin/v1/session/verify), to change your factors.",
  );
}
