// The declarations of /admin/v1/admins and /roles.
import { createRoute, z } from "@hono/zod-openapi";
import {
  adminPatch,
  adminRequest,
  adminSchema,
  rolePatch,
  roleRequest,
  roleSchema,
  rotateAdminRequest,
  sessionSchema,
} from "./admins-view.ts";
import { json, keyId } from "./keys.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";

const admins = { path: "/admins", tags: ["administrators"] };
const oneAdmin = { path: "/admins/{id}" as const, tags: ["administrators"] };
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const optional = <T extends z.ZodType>(schema: T) => ({ required: false, content: { "application/json": { schema } } });
const withKey = adminSchema.extend({ key: z.string().optional() });
const grants = "Nobody gives more than they have themselves.";
const changing = errors(400, 401, 403, 404, 409, 413, 415, 429);

export const createAdmin = createRoute({
  ...admins,
  method: "post",
  summary: "Make an administrator",
  description: `The key is in this answer and never again. ${grants}`,
  request: { headers: idempotencyHeader, body: body(adminRequest) },
  responses: {
    201: json(withKey.openapi("NewAdmin"), "The administrator, with its key."),
    ...errors(400, 401, 403, 409, 413, 415, 429),
  },
});
export const listAdmins = createRoute({
  ...admins,
  method: "get",
  summary: "List administrators, oldest first",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(adminSchema, "AdminList"), "All of them."), ...errors(400, 401, 403, 429) },
});
export const getAdmin = createRoute({
  ...oneAdmin,
  method: "get",
  summary: "Read an administrator",
  request: { params: keyId },
  responses: { 200: json(adminSchema, "The administrator."), ...errors(401, 403, 404, 429) },
});
export const patchAdmin = createRoute({
  ...oneAdmin,
  method: "patch",
  summary: "Change an administrator",
  description: `What is absent stays. In force with its next request. ${grants}`,
  request: { params: keyId, body: body(adminPatch) },
  responses: { 200: json(adminSchema, "The administrator."), ...changing },
});
export const deleteAdmin = createRoute({
  ...oneAdmin,
  method: "delete",
  summary: "Remove an administrator, with its sessions and second factors",
  request: { params: keyId },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("admin"), deleted: z.literal(true) }).openapi("DeletedAdmin"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 409, 429),
  },
});
export const rotateAdmin = createRoute({
  method: "post",
  path: "/admins/{id}/rotate",
  tags: admins.tags,
  summary: "Give an administrator a new key",
  description: "The new key is in this answer and never again; the old one works on until the overlap ends.",
  request: { params: keyId, headers: idempotencyHeader, body: optional(rotateAdminRequest) },
  responses: { 200: json(withKey.openapi("RotatedAdmin"), "The administrator, with its new key."), ...changing },
});

const turn = (action: "suspend" | "resume" | "revoke" | "reset-second-factors", summary: string) =>
  createRoute({
    method: "post",
    path: `/admins/{id}/${action}`,
    tags: admins.tags,
    summary,
    request: { params: keyId, headers: idempotencyHeader, body: optional(z.strictObject({})) },
    responses: { 200: json(adminSchema, "The administrator."), ...changing },
  });
export const suspendAdmin = turn("suspend", "Keep an administrator out until it is resumed");
export const resumeAdmin = turn("resume", "Let a suspended administrator in again");
export const revokeAdmin = turn("revoke", "Keep an administrator out for good");
export const resetFactors = turn(
  "reset-second-factors",
  "Take an administrator's second factors away, so that it can enrol others",
);

export const listAdminSessions = createRoute({
  method: "get",
  path: "/admins/{id}/sessions",
  tags: admins.tags,
  summary: "List an administrator's sessions",
  request: { params: keyId },
  responses: { 200: json(listOf(sessionSchema, "AdminSessionList"), "All of them."), ...errors(401, 403, 404, 429) },
});
export const endAdminSessions = createRoute({
  method: "delete",
  path: "/admins/{id}/sessions",
  tags: admins.tags,
  summary: "End all of an administrator's sessions",
  request: { params: keyId },
  responses: {
    200: json(
      z.object({ object: z.literal("sessions"), ended: z.int() }).openapi("EndedSessions"),
      "How many there were.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

const roles = { path: "/roles", tags: ["roles"] };
const oneRole = { path: "/roles/{name}" as const, tags: ["roles"] };
const roleName = z.object({ name: z.string().openapi({ param: { name: "name", in: "path" } }) });

export const createRole = createRoute({
  ...roles,
  method: "post",
  summary: "Make a role",
  description: grants,
  request: { headers: idempotencyHeader, body: body(roleRequest) },
  responses: { 201: json(roleSchema, "The role."), ...errors(400, 401, 403, 409, 413, 415, 429) },
});
export const listRoles = createRoute({
  ...roles,
  method: "get",
  summary: "List roles, built-in ones first",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(roleSchema, "RoleList"), "All of them."), ...errors(400, 401, 403, 429) },
});
export const getRole = createRoute({
  ...oneRole,
  method: "get",
  summary: "Read a role",
  request: { params: roleName },
  responses: { 200: json(roleSchema, "The role."), ...errors(401, 403, 404, 429) },
});
export const patchRole = createRoute({
  ...oneRole,
  method: "patch",
  summary: "Change a role that is not built in",
  description: `In force with the next request of each holder. ${grants}`,
  request: { params: roleName, body: body(rolePatch) },
  responses: { 200: json(roleSchema, "The role."), ...changing },
});
export const deleteRole = createRoute({
  ...oneRole,
  method: "delete",
  summary: "Remove a role that nobody has",
  request: { params: roleName },
  responses: {
    200: json(
      z.object({ name: z.string(), object: z.literal("role"), deleted: z.literal(true) }).openapi("DeletedRole"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 409, 429),
  },
});

export const administratorRoutes = [
  ...[createAdmin, listAdmins, getAdmin, patchAdmin, deleteAdmin, rotateAdmin, suspendAdmin, resumeAdmin, revokeAdmin],
  ...[resetFactors, listAdminSessions, endAdminSessions],
  ...[createRole, listRoles, getRole, patchRole, deleteRole],
];
