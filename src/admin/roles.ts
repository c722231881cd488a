// /admin/v1/roles: what sorts of administrators there are.
import type { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import type { RoleRecord } from "../store/port-admins.ts";
import * as routes from "./admins-routes.ts";
import { type Granter, requireCovers } from "./admins-rules.ts";
import { type rolePatch, type roleRequest, roleView } from "./admins-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { type Access, builtInRoles, readRole, scopeCovers } from "./roles-access.ts";

type RoleDeps = Pick<AdminDeps, "store" | "clock">;

export function mountRoles(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  app.openapi(routes.createRole, async (c) => {
    const made = roleView(await makeRole(deps, granterOf(c), c.req.valid("json")));
    c.set("replay", made);
    return c.json(made, 201);
  });
  app.openapi(routes.listRoles, async (c) => {
    const data = (await allRoles(deps)).filter((role) => isVisible(c, role)).map(roleView);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
  app.openapi(routes.getRole, async (c) => {
    const role = (await allRoles(deps)).find(({ name }) => name === c.req.valid("param").name);
    if (role === undefined || !isVisible(c, role)) throw noRole();
    return c.json(roleView(role), 200);
  });
  app.openapi(routes.patchRole, async (c) => {
    const role = await own(c);
    return c.json(roleView(await changeRole(deps, granterOf(c), role, c.req.valid("json"))), 200);
  });
  app.openapi(routes.deleteRole, async (c) => {
    const { name } = await own(c);
    await removeRole(deps, name);
    return c.json({ name, object: "role" as const, deleted: true as const }, 200);
  });

  /** The role of the path, which the caller may change. */
  async function own(c: Context<AdminEnv>): Promise<RoleRecord> {
    const role = await changeable(deps, c.req.param("name") ?? "");
    if (!isVisible(c, role)) throw noRole();
    requireCovers(granterOf(c), grantOf(role, granterOf(c)));
    if (role.name === c.var.access.role) {
      throw new GatewayError("permission_denied", "This is your own role. Somebody with another one can change it.");
    }
    return role;
  }
}

/** @throws GatewayError `not_found`, or `conflict` for a built-in one. */
export async function changeable({ store }: Pick<AdminDeps, "store">, name: string): Promise<RoleRecord> {
  if (Object.hasOwn(builtInRoles, name)) throw new GatewayError("conflict", "Built-in roles are as they are.");
  const role = await store.roles.get(name);
  if (role === null) throw noRole();
  return role;
}

type ShownRole = Awaited<ReturnType<typeof readRole>>;

export async function allRoles({ store }: Pick<AdminDeps, "store">): Promise<readonly ShownRole[]> {
  const builtIn = await Promise.all(Object.keys(builtInRoles).map((name) => readRole(name, store.roles)));
  return [...builtIn, ...(await store.roles.list())];
}

/** @throws GatewayError `permission_denied`, `conflict`. */
export async function makeRole(
  { store, clock }: RoleDeps,
  granter: Granter,
  { second_factor, description = "", ...request }: z.output<typeof roleRequest>,
): Promise<RoleRecord> {
  const atMs = clock.now();
  const role = { ...request, description, secondFactor: second_factor, createdAtMs: atMs, updatedAtMs: atMs };
  requireCovers(granter, grantOf(role, granter));
  if (await store.roles.create(role)) return role;
  throw new GatewayError("conflict", "There is a role of this name already. Change it instead.");
}

/** @throws GatewayError `permission_denied`. */
export async function changeRole(
  { store, clock }: RoleDeps,
  granter: Granter,
  role: RoleRecord,
  { second_factor, description, permissions, scope }: z.output<typeof rolePatch>,
): Promise<RoleRecord> {
  const changed: RoleRecord = {
    ...role,
    ...(description !== undefined && { description }),
    ...(permissions !== undefined && { permissions }),
    ...(scope !== undefined && { scope }),
    ...(second_factor !== undefined && { secondFactor: second_factor }),
    updatedAtMs: clock.now(),
  };
  requireCovers(granter, grantOf(changed, granter));
  const { name, createdAtMs: _, ...changes } = changed;
  if (!(await store.roles.update(name, changes))) throw noRole();
  return changed;
}

/** @throws GatewayError `not_found`, or `conflict` while somebody has it. */
export async function removeRole({ store }: Pick<AdminDeps, "store">, name: string): Promise<void> {
  const removed = await store.roles.remove(name);
  if (removed === "missing") throw noRole();
  if (removed === "in_use") {
    throw new GatewayError("conflict", "Some administrators have this role. Give them another one first.");
  }
}

function granterOf(c: Context<AdminEnv>): Granter {
  return { id: c.var.admin.id, access: c.var.access };
}

/** What a role gives, for as long as who gives it has it. */
function grantOf(role: Pick<RoleRecord, "name" | "permissions" | "scope" | "secondFactor">, granter: Granter): Access {
  return {
    role: role.name,
    owner: false,
    permissions: new Set(role.permissions),
    scope: role.scope,
    secondFactor: role.secondFactor,
    expiresAtMs: granter.access?.expiresAtMs ?? null,
  };
}

function isVisible(c: Context<AdminEnv>, role: ShownRole): boolean {
  const { scope } = c.var.access;
  return Object.hasOwn(builtInRoles, role.name) || scope === null || scopeCovers(scope, role.scope);
}

function noRole(): GatewayError {
  return new GatewayError("not_found", "There is no role of this name.");
}
