// What administrators may do to administrators: nothing beyond what they have themselves, and nothing that shuts everybody out.
import { GatewayError } from "../errors.ts";
import type { AdminChange, AdminRecord, AdminScope, RoleStore } from "../store/port-admins.ts";
import { type Access, accessOf, builtInRoles, covers } from "./roles-access.ts";

/** Who changes, and what it may. The command line may everything: it has the database. */
export interface Granter {
  readonly id: string;
  readonly access: Access | null;
}

/** @throws GatewayError `permission_denied`. */
export function requireCovers({ access }: Granter, other: Access): void {
  if (access === null || covers(access, other)) return;
  throw new GatewayError(
    "permission_denied",
    "Nobody gives, changes or takes more than they have: this is about permissions, customers or a time beyond your own.",
  );
}

/** @throws GatewayError `permission_denied` where an administrator has, or would have, more than who changes it. */
export async function requireMayChange(granter: Granter, admin: AdminRecord, roles: RoleStore): Promise<void> {
  requireCovers(granter, await accessOf(admin, roles));
}

/**
 * An administrator who is no owner does not change itself: neither its role and scope nor what limits it.
 * @throws GatewayError `permission_denied`.
 */
export function refuseSelf({ id, access }: Granter, admin: AdminRecord): void {
  if (access === null || access.owner || id !== admin.id) return;
  throw new GatewayError("permission_denied", "You can't change yourself. Another administrator can.");
}

/** @throws GatewayError `invalid_request` for a role that there is not, or an owner of some customers alone. */
export async function checkRole(role: string, scope: AdminScope | null, roles: RoleStore): Promise<void> {
  if (!Object.hasOwn(builtInRoles, role) && (await roles.get(role)) === null) {
    throw new GatewayError("invalid_request", "`role`: there is no role of this name.", { param: "role" });
  }
  if (role === "owner" && scope !== null) {
    throw new GatewayError("invalid_request", "`scope`: an owner has all. Take the role admin, or one of your own.", {
      param: "scope",
    });
  }
}

/** @throws GatewayError `not_found`, or `conflict` where the last owner would go. */
export function requireChanged(change: AdminChange): void {
  if (change === "missing") throw noAdmin();
  if (change === "last_owner") {
    throw new GatewayError(
      "conflict",
      "This is the last owner with a key that does not expire. Make another one first.",
    );
  }
}

export function noAdmin(): GatewayError {
  return new GatewayError("not_found", "There is no administrator of this id.");
}
