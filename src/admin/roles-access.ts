// What an administrator may do and whose things it sees: built-in roles, and how roles, scopes and grants compare.
import type { AdminRecord, AdminScope, RoleRecord, RoleStore, ScopeEntry } from "../store/port-admins.ts";
import { type ResourcePermission, resources } from "./endpoints.ts";

/** Every permission that there is. */
export const permissions: readonly ResourcePermission[] = resources.flatMap((resource): ResourcePermission[] => [
  `${resource}:read`,
  `${resource}:write`,
]);

const reads = permissions.filter((permission) => permission.endsWith(":read"));
const keyWork: readonly ResourcePermission[] = [
  ...(["keys:read", "keys:write", "customers:read", "customers:write", "policies:read", "policies:write"] as const),
  ...(["models:read", "aliases:read", "providers:read", "routes:read", "usage:read", "alerts:read"] as const),
];

export interface BuiltInRole {
  readonly description: string;
  readonly permissions: readonly ResourcePermission[];
}

/** Roles that every installation has. */
export const builtInRoles: Readonly<Record<string, BuiltInRole>> = {
  owner: { description: "Everything, and the only one that makes and changes owners.", permissions },
  admin: { description: "Everything but owners.", permissions },
  "key-manager": { description: "Customers, their projects, keys and policies.", permissions: keyWork },
  billing: {
    description: "Credits, prices and usage.",
    permissions: [
      "credits:read",
      "credits:write",
      "usage:read",
      "customers:read",
      "keys:read",
      "models:read",
      "alerts:read",
    ],
  },
  auditor: {
    description: "Reads everything but what customers said to models; changes nothing.",
    permissions: reads.filter((one) => one !== "prompts:read"),
  },
  viewer: {
    description:
      "Reads what is no secret of the operators' own: no administrators, credits, credentials, trail or settings.",
    permissions: reads.filter((one) => keyWork.includes(one)),
  },
};

export interface Access {
  readonly role: string;
  readonly owner: boolean;
  readonly permissions: ReadonlySet<string>;
  /** Null: everybody's. */
  readonly scope: AdminScope | null;
  readonly secondFactor: RoleRecord["secondFactor"];
  readonly expiresAtMs: number | null;
}

/** What a role gives, by its name; nothing where there is no such role any more. */
export async function readRole(
  name: string,
  roles: RoleStore,
): Promise<Omit<RoleRecord, "createdAtMs" | "updatedAtMs">> {
  const builtIn = Object.hasOwn(builtInRoles, name) ? builtInRoles[name] : undefined;
  if (builtIn !== undefined) return { name, ...builtIn, scope: null, secondFactor: null };
  return (await roles.get(name)) ?? { name, description: "", permissions: [], scope: [], secondFactor: null };
}

/** What an administrator has by its role, narrowed by its own scope. */
export async function accessOf(
  { role: name, scope, expiresAtMs }: Pick<AdminRecord, "role" | "scope" | "expiresAtMs">,
  roles: RoleStore,
): Promise<Access> {
  const role = await readRole(name, roles);
  const both = intersection(role.scope, scope);
  return {
    role: name,
    // Who was limited before its groups made it an owner stays limited.
    owner: name === "owner" && both === null,
    permissions: new Set(role.permissions),
    scope: both,
    secondFactor: role.secondFactor,
    expiresAtMs,
  };
}

/**
 * Whether nothing is granted by `other` that `one` does not have: neither permissions, nor customers, nor time, nor leave to do
 * without a second factor.
 */
export function covers(one: Access, other: Access): boolean {
  if (one.owner) return true;
  return (
    !other.owner &&
    [...other.permissions].every((permission) => one.permissions.has(permission)) &&
    scopeCovers(one.scope, other.scope) &&
    (one.expiresAtMs === null || (other.expiresAtMs !== null && other.expiresAtMs <= one.expiresAtMs)) &&
    (other.secondFactor !== "exempt" || one.secondFactor === "exempt")
  );
}

/** Whether all of `other` lies within `scope`. */
export function scopeCovers(scope: AdminScope | null, other: AdminScope | null): boolean {
  if (scope === null) return true;
  return other?.every((entry) => scope.some((mine) => holds(mine, entry))) ?? false;
}

/** Whether a customer's, or one of its projects', things are within a scope. */
export function inScope(scope: AdminScope, customer: string, project?: string): boolean {
  return scope.some((mine) => holds(mine, { customer, project }));
}

function holds(mine: ScopeEntry, entry: ScopeEntry): boolean {
  return mine.customer === entry.customer && (mine.project === undefined || mine.project === entry.project);
}

function intersection(one: AdminScope | null, other: AdminScope | null): AdminScope | null {
  if (one === null) return other;
  if (other === null) return one;
  const within = (entries: AdminScope, scope: AdminScope) =>
    entries.filter(({ customer, project }) => inScope(scope, customer, project));
  const both = [...within(one, other), ...within(other, one)];
  return [...new Map(both.map((entry) => [JSON.stringify([entry.customer, entry.project]), entry])).values()];
}
