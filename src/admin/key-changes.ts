// /admin/v1/keys/{id}: changing, suspending, resuming and removing a key.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import type { KeyChanges, KeyRecord, KeyStore } from "../store/port.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { checkName } from "./key-rules.ts";
import { keySchema, keyView } from "./key-view.ts";
import { found, json, keyId, keyRequest, readExpiry } from "./keys.ts";
import { policySchema, rotationSchema, toPolicyJson, toRotation } from "./policy-view.ts";
import { errors, idempotencyHeader } from "./schemas.ts";

const tags = ["keys"];
const { name, metadata, expires_at, idle_days } = keyRequest.shape;

/** What may be changed of a key. The command line checks its options with it too. */
export const keyPatch = z
  .strictObject({
    name: name.optional(),
    metadata: metadata.unwrap().optional().openapi({ description: "Replaces all of it." }),
    policy: policySchema.optional().openapi({ description: "Replaces all of it." }),
    rotation: rotationSchema.nullable().optional(),
    idle_days: idle_days.unwrap().optional(),
    expires_at: expires_at.unwrap().optional(),
  })
  .openapi("KeyPatch");

const patchKey = createRoute({
  method: "patch",
  path: "/keys/{id}",
  tags,
  summary: "Change a key",
  description: "What is absent stays. In force at once in this process, in others within half a second.",
  request: { params: keyId, body: { required: true, content: { "application/json": { schema: keyPatch } } } },
  responses: { 200: json(keySchema, "The key."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

const deleteKey = createRoute({
  method: "delete",
  path: "/keys/{id}",
  tags,
  summary: "Remove a key",
  description: "Its secrets stop working at once. What it has used stays in the ledger and in `usage`.",
  request: { params: keyId },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("key"), deleted: z.literal(true) }).openapi("DeletedKey"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

/** The actions that take nothing but the key. */
const turn = (action: "suspend" | "resume", summary: string) =>
  createRoute({
    method: "post",
    path: `/keys/{id}/${action}`,
    tags,
    summary,
    request: {
      params: keyId,
      headers: idempotencyHeader,
      body: { required: false, content: { "application/json": { schema: z.strictObject({}) } } },
    },
    responses: { 200: json(keySchema, "The key."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
  });

const suspendKey = turn("suspend", "Refuse a key until it is resumed");
const resumeKey = turn("resume", "Let a suspended key in again");

export const keyChangeRoutes = [patchKey, deleteKey, suspendKey, resumeKey];

export function mountKeyChanges(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { clock, ring } = deps;
  const { keys } = deps.store;
  const onChange = (id: string) => ring.forget(id);

  app.openapi(patchKey, async (c) => {
    const patch = c.req.valid("json");
    if (patch.name !== undefined) checkName(patch.name, deps.keyNames);
    const key = await changeKey({ keys, onChange }, c.req.valid("param").id, toKeyChanges(patch, clock.now()));
    return c.json(keyView(key), 200);
  });

  app.openapi(deleteKey, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await keys.remove(id))) found(null);
    onChange(id);
    return c.json({ id, object: "key" as const, deleted: true as const }, 200);
  });

  app.openapi(suspendKey, async (c) => {
    const view = keyView(await changeKey({ keys, onChange }, c.req.valid("param").id, { status: "suspended" }));
    c.set("replay", view);
    return c.json(view, 200);
  });

  app.openapi(resumeKey, async (c) => {
    const view = keyView(await changeKey({ keys, onChange }, c.req.valid("param").id, { status: "active" }));
    c.set("replay", view);
    return c.json(view, 200);
  });
}

/** @throws GatewayError `invalid_request` for an expiry that has passed. */
export function toKeyChanges(patch: z.output<typeof keyPatch>, nowMs: number): KeyChanges {
  const { name, metadata, policy, rotation, idle_days, expires_at } = patch;
  return {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(policy !== undefined && { policy: toPolicyJson(policy) }),
    ...(rotation !== undefined && { rotation: toRotation(rotation) }),
    ...(idle_days !== undefined && { idleDays: idle_days }),
    ...(expires_at !== undefined && { expiresAtMs: readExpiry(expires_at, nowMs) }),
  };
}

export interface ChangeDeps {
  readonly keys: KeyStore;
  /** Told when the change stands, so that this process takes it up at once. Other processes notice themselves. */
  readonly onChange: (id: string) => void;
}

/** @throws GatewayError `not_found`, or `conflict` for a key that is revoked: that is for good. */
export async function changeKey({ keys, onChange }: ChangeDeps, id: string, changes: KeyChanges): Promise<KeyRecord> {
  const key = found(await keys.get(id));
  if (key.status === "revoked") throw revoked();
  if (Object.keys(changes).length === 0) return key;
  await keys.update(id, changes);
  onChange(id);
  const changed = found(await keys.get(id));
  if (changed.status === "revoked") throw revoked();
  return changed;
}

export function revoked(): GatewayError {
  return new GatewayError("conflict", "This key is revoked, for good. Make another one.");
}
