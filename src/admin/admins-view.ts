// Administrators, roles and sessions as operators write and see them.
import { z } from "@hono/zod-openapi";
import { addressProblem } from "../limits/addresses.ts";
import type { AdminRecord, AdminScope, RoleRecord, SessionRecord } from "../store/port-admins.ts";
import { overlapHours } from "./overlap.ts";
import { builtInRoles, permissions } from "./roles-access.ts";
import { label, timestamp } from "./schemas.ts";
import { moment } from "./times.ts";

export const scopeSchema = z
  .array(z.strictObject({ customer: label(100), project: label(100).optional() }))
  .max(1_000)
  .nullable()
  .openapi("AdminScope", { description: "Customers, or single projects of theirs; null for all." });

const address = z.string().refine((text) => addressProblem(text) === null, "expected an address or a CIDR range");
const roleName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "expected lower-case letters, digits and hyphens");
const expiresAt = moment.nullable();

/** What is needed to make an administrator. The command line checks its options with it too. */
export const adminRequest = z
  .strictObject({
    name: label(100),
    role: roleName.openapi({ example: "key-manager" }),
    scope: scopeSchema.default(null),
    expires_at: expiresAt.default(null),
    ip_allow: z.array(address).max(1_000).nullable().default(null),
    ip_deny: z.array(address).max(1_000).default([]),
  })
  .openapi("AdminRequest");

const { shape } = adminRequest;
export const adminPatch = z
  .strictObject({
    name: shape.name,
    role: shape.role,
    scope: shape.scope.unwrap(),
    expires_at: expiresAt,
    ip_allow: shape.ip_allow.unwrap(),
    ip_deny: shape.ip_deny.unwrap(),
  })
  .partial()
  .openapi("AdminPatch");

export const rotateAdminRequest = z
  .strictObject({
    overlap_hours: overlapHours.default(24).openapi({ description: "How long the old key works too." }),
  })
  .openapi("RotateAdminRequest");

export const adminSchema = z
  .object({
    id: z.string(),
    object: z.literal("admin"),
    name: z.string(),
    role: z.string(),
    scope: scopeSchema,
    hint: z.string().openapi({ description: "What may be shown of its key; empty for those who sign in elsewhere." }),
    status: z.enum(["active", "suspended", "revoked", "expired"]),
    ip_allow: z.array(z.string()).nullable(),
    ip_deny: z.array(z.string()),
    provider: z.string().nullable().openapi({ description: "Where it signs in, if not here." }),
    email: z.string().nullable(),
    created_at: timestamp,
    created_by: z.string().nullable(),
    expires_at: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    rotated_at: timestamp.nullable(),
    old_key_expires_at: timestamp.nullable(),
    last_used_at: timestamp.nullable().openapi({ description: "A minute behind." }),
  })
  .openapi("Admin");

export function adminView(admin: AdminRecord, nowMs: number): z.infer<typeof adminSchema> {
  const expired = admin.expiresAtMs !== null && admin.expiresAtMs <= nowMs;
  return {
    id: admin.id,
    object: "admin",
    name: admin.name,
    role: admin.role,
    scope: shownScope(admin.scope),
    hint: admin.hint,
    status: admin.revokedAtMs !== null ? "revoked" : expired ? "expired" : admin.status,
    ip_allow: admin.ipAllow === null ? null : [...admin.ipAllow],
    ip_deny: [...admin.ipDeny],
    provider: admin.provider,
    email: admin.email,
    created_at: new Date(admin.createdAtMs).toISOString(),
    created_by: admin.createdBy,
    expires_at: iso(admin.expiresAtMs),
    revoked_at: iso(admin.revokedAtMs),
    rotated_at: iso(admin.rotatedAtMs),
    old_key_expires_at: iso(admin.oldExpiresAtMs),
    last_used_at: iso(admin.lastUsedAtMs),
  };
}

const granted = z.array(z.enum(permissions)).min(1);
const factor = z.enum(["required", "exempt"]).nullable().openapi({
  description: "Whether its holders need a second factor, or need none, whatever the installation demands.",
});

/** What is needed to make a role. The command line checks its options with it too. */
export const roleRequest = z
  .strictObject({
    name: roleName.refine((name) => !Object.hasOwn(builtInRoles, name), "this is the name of a built-in role"),
    description: label(500).optional(),
    permissions: granted.openapi({ example: ["keys:read", "usage:read"] }),
    scope: scopeSchema.default(null),
    second_factor: factor.default(null),
  })
  .openapi("RoleRequest");

export const rolePatch = z
  .strictObject({ description: label(500), permissions: granted, scope: scopeSchema, second_factor: factor })
  .partial()
  .openapi("RolePatch");

export const roleSchema = z
  .object({
    name: z.string(),
    object: z.literal("role"),
    built_in: z.boolean(),
    description: z.string(),
    permissions: z.array(z.string()),
    scope: scopeSchema,
    second_factor: factor,
  })
  .openapi("Role");

export function roleView(
  role: Pick<RoleRecord, "name" | "description" | "permissions" | "scope" | "secondFactor">,
): z.infer<typeof roleSchema> {
  return {
    name: role.name,
    object: "role",
    built_in: Object.hasOwn(builtInRoles, role.name),
    description: role.description,
    permissions: [...role.permissions],
    scope: shownScope(role.scope),
    second_factor: role.secondFactor,
  };
}

export const sessionSchema = z
  .object({
    id: z.string(),
    object: z.literal("session"),
    current: z.boolean(),
    kind: z.enum(["cookie", "token"]),
    method: z.string().openapi({ example: "key+totp" }),
    created_at: timestamp,
    last_used_at: timestamp,
    expires_at: timestamp,
    verified_at: timestamp.nullable().openapi({ description: "When a second factor was last shown." }),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .openapi("Session");

export function sessionView(session: SessionRecord, currentId: string | null): z.infer<typeof sessionSchema> {
  return {
    id: session.id,
    object: "session",
    current: session.id === currentId,
    kind: session.kind,
    method: session.method,
    created_at: new Date(session.createdAtMs).toISOString(),
    last_used_at: new Date(session.lastUsedAtMs).toISOString(),
    expires_at: new Date(session.expiresAtMs).toISOString(),
    verified_at: iso(session.verifiedAtMs),
    address: session.address,
    user_agent: session.userAgent,
  };
}

export function shownScope(scope: AdminScope | null): z.infer<typeof scopeSchema> {
  return scope?.map((entry) => ({ ...entry })) ?? null;
}

export function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
