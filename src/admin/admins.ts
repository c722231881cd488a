// /admin/v1/admins: who administers, and what each may do.
import type { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import { issueAdmin, rotateAdmin } from "../keys/administrators.ts";
import type { AdminChanges, AdminRecord } from "../store/port-admins.ts";
import * as routes from "./admins-routes.ts";
import {
  checkRole,
  type Granter,
  noAdmin,
  refuseSelf,
  requireChanged,
  requireCovers,
  requireMayChange,
} from "./admins-rules.ts";
import { type adminPatch, type adminRequest, adminView, type rotateAdminRequest, sessionView } from "./admins-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { readExpiry } from "./keys.ts";
import { accessOf, scopeCovers } from "./roles-access.ts";

type ChangeDeps = Pick<AdminDeps, "store" | "digest" | "clock">;

export function mountAdmins(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { store, clock } = deps;
  const { admins, sessions, factors } = store;
  const view = (admin: AdminRecord) => adminView(admin, clock.now());

  app.openapi(routes.createAdmin, async (c) => {
    const { id, secret } = await makeAdmin(deps, granterOf(c), c.req.valid("json"));
    const made = view(await visible(c, deps, id));
    c.set("replay", made);
    c.header("cache-control", "no-store");
    return c.json({ ...made, key: secret }, 201);
  });
  app.openapi(routes.listAdmins, async (c) => {
    const all = await admins.list();
    const seen = await Promise.all(all.map((admin) => isVisible(c, deps, admin)));
    const data = all.filter((_, index) => seen[index]).map(view);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
  app.openapi(routes.getAdmin, async (c) => c.json(view(await visible(c, deps, c.req.valid("param").id)), 200));
  app.openapi(routes.patchAdmin, async (c) => {
    const admin = await visible(c, deps, c.req.valid("param").id);
    await changeAdmin(deps, granterOf(c), admin, c.req.valid("json"));
    return c.json(view(await visible(c, deps, admin.id)), 200);
  });
  app.openapi(routes.deleteAdmin, async (c) => {
    const { id } = await mine(c);
    requireChanged(await admins.remove(id));
    return c.json({ id, object: "admin" as const, deleted: true as const }, 200);
  });
  app.openapi(routes.rotateAdmin, async (c) => {
    const admin = await mine(c);
    const { overlap_hours = 24 } = (c.req.valid("json") as z.output<typeof rotateAdminRequest> | undefined) ?? {};
    const secret = await newKey(deps, admin, overlap_hours);
    const rotated = view(await visible(c, deps, admin.id));
    c.set("replay", rotated);
    c.header("cache-control", "no-store");
    return c.json({ ...rotated, key: secret }, 200);
  });
  app.openapi(routes.suspendAdmin, async (c) => c.json(await turn(c, { status: "suspended" }), 200));
  app.openapi(routes.resumeAdmin, async (c) => c.json(await turn(c, { status: "active" }), 200));
  app.openapi(routes.revokeAdmin, async (c) => c.json(await turn(c, { revokedAtMs: clock.now() }), 200));
  app.openapi(routes.resetFactors, async (c) => {
    const admin = await mine(c);
    await factors.reset(admin.id);
    await sessions.removeOf(admin.id);
    const reset = view(admin);
    c.set("replay", reset);
    return c.json(reset, 200);
  });
  app.openapi(routes.listAdminSessions, async (c) => {
    const { id } = await visible(c, deps, c.req.valid("param").id);
    const data = (await sessions.list(id)).map((session) => sessionView(session, c.var.session?.id ?? null));
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
  app.openapi(routes.endAdminSessions, async (c) => {
    const { id } = await mine(c);
    return c.json({ object: "sessions" as const, ended: await sessions.removeOf(id) }, 200);
  });

  /** The administrator of the path, whom the caller may change. */
  async function mine(c: Context<AdminEnv>): Promise<AdminRecord> {
    const admin = await visible(c, deps, c.req.param("id") ?? "");
    await requireMayChange(granterOf(c), admin, store.roles);
    refuseSelf(granterOf(c), admin);
    return admin;
  }

  async function turn(c: Context<AdminEnv>, changes: AdminChanges) {
    const admin = await mine(c);
    if (admin.revokedAtMs !== null) throw new GatewayError("conflict", "This administrator is revoked, for good.");
    requireChanged(await admins.update(admin.id, changes));
    if (changes.status !== "active") await sessions.removeOf(admin.id);
    const turned = view(await visible(c, deps, admin.id));
    c.set("replay", turned);
    return turned;
  }
}

function granterOf(c: Context<AdminEnv>): Granter {
  return { id: c.var.admin.id, access: c.var.access };
}

/** Those whose scope lies in the caller's. */
async function isVisible(c: Context<AdminEnv>, { store }: AdminDeps, admin: AdminRecord): Promise<boolean> {
  const { scope } = c.var.access;
  return scope === null || scopeCovers(scope, (await accessOf(admin, store.roles)).scope);
}

async function visible(c: Context<AdminEnv>, deps: AdminDeps, id: string): Promise<AdminRecord> {
  const admin = await deps.store.admins.get(id);
  if (admin === null || !(await isVisible(c, deps, admin))) throw noAdmin();
  return admin;
}

/** Makes an administrator. @throws GatewayError `permission_denied`, `invalid_request`. */
export async function makeAdmin(
  { store, digest, clock }: ChangeDeps,
  granter: Granter,
  { expires_at, ip_allow, ip_deny, ...request }: z.output<typeof adminRequest>,
): Promise<{ readonly id: string; readonly secret: string }> {
  const expiresAtMs = readExpiry(expires_at, clock.now());
  await checkRole(request.role, request.scope, store.roles);
  requireCovers(granter, await accessOf({ ...request, expiresAtMs }, store.roles));
  return issueAdmin(
    { admins: store.admins, digest, clock },
    { ...request, expiresAtMs, ipAllow: ip_allow, ipDeny: ip_deny, createdBy: granter.id },
  );
}

/** Changes an administrator. @throws GatewayError `permission_denied`, `invalid_request`, `conflict`. */
export async function changeAdmin(
  { store, clock }: ChangeDeps,
  granter: Granter,
  admin: AdminRecord,
  { name, role, scope, expires_at, ip_allow, ip_deny }: z.output<typeof adminPatch>,
): Promise<void> {
  if (admin.provider !== null && role !== undefined) {
    throw new GatewayError("conflict", "This administrator's role comes from its groups at each login.", {
      param: "role",
    });
  }
  refuseSelf(granter, admin);
  await requireMayChange(granter, admin, store.roles);
  const changes: AdminChanges = {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(scope !== undefined && { scope }),
    ...(expires_at !== undefined && { expiresAtMs: readExpiry(expires_at, clock.now()) }),
    ...(ip_allow !== undefined && { ipAllow: ip_allow }),
    ...(ip_deny !== undefined && { ipDeny: ip_deny }),
  };
  if (Object.keys(changes).length === 0) return;
  const changed = { ...admin, ...changes };
  await checkRole(changed.role, changed.scope, store.roles);
  await requireMayChange(granter, changed, store.roles);
  requireChanged(await store.admins.update(admin.id, changes));
}

/** @throws GatewayError `conflict` for who is revoked, or has no key. */
export async function newKey(
  { store, digest, clock }: ChangeDeps,
  admin: AdminRecord,
  overlapHours: number,
): Promise<string> {
  if (admin.provider !== null)
    throw new GatewayError("conflict", "This administrator signs in elsewhere and has no key.");
  if (admin.revokedAtMs !== null) throw new GatewayError("conflict", "This administrator is revoked, for good.");
  const secret = await rotateAdmin({ admins: store.admins, digest, clock }, admin.id, overlapHours);
  if (secret === null) throw noAdmin();
  return secret;
}
