// /admin/v1/keys/{id}/rotate, /end-overlap, /secrets: new secrets for a key, and how its old ones are still used.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { endOverlap, rotateKey } from "../keys/rotate.ts";
import type { KeySecretRecord } from "../store/port.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { revoked } from "./key-changes.ts";
import { keySchema, keyView } from "./key-view.ts";
import { found, json, keyId } from "./keys.ts";
import { overlapHours } from "./overlap.ts";
import { errors, idempotencyHeader, listOf, timestamp } from "./schemas.ts";

const tags = ["keys"];

/** How a key is to be rotated. */
export const rotateRequest = z
  .strictObject({
    overlap_hours: overlapHours.optional().openapi({
      description: "How long the old secret works beside the new one; else as the key's rotation policy says, or 24.",
    }),
  })
  .openapi("RotateRequest");

const secretSchema = z
  .object({
    object: z.literal("key_secret"),
    hint: z.string().nullable(),
    current: z.boolean(),
    created_at: timestamp,
    expires_at: timestamp.nullable().openapi({ description: "When an old secret stops working, or has." }),
    last_used_at: timestamp.nullable().openapi({ description: "Some seconds behind." }),
  })
  .openapi("KeySecret");

const rotate = createRoute({
  method: "post",
  path: "/keys/{id}/rotate",
  tags,
  summary: "Give a key a new secret",
  description:
    "The new secret is in this answer (`key`) and never again; a repetition with the same key does not show it. The old one works on " +
    "until the overlap ends, and its callers are told so by the header `x-turnpike-key-expires`.",
  request: {
    params: keyId,
    headers: idempotencyHeader,
    body: { required: false, content: { "application/json": { schema: rotateRequest } } },
  },
  responses: {
    200: json(
      keySchema
        .extend({ key: z.string().optional(), old_secret_expires_at: timestamp.nullable() })
        .openapi("RotatedKey"),
      "The key, with its new secret.",
    ),
    ...errors(400, 401, 403, 404, 409, 413, 415, 429),
  },
});

const end = createRoute({
  method: "post",
  path: "/keys/{id}/end-overlap",
  tags,
  summary: "Let a key's old secrets work no longer",
  request: {
    params: keyId,
    headers: idempotencyHeader,
    body: { required: false, content: { "application/json": { schema: z.strictObject({}) } } },
  },
  responses: { 200: json(keySchema, "The key."), ...errors(400, 401, 403, 404, 409, 413, 415, 429) },
});

const listSecrets = createRoute({
  method: "get",
  path: "/keys/{id}/secrets",
  tags,
  summary: "List a key's secrets, newest first",
  description: "What may be shown of each, and when it was last used: an old one that is not can be ended early.",
  request: { params: keyId },
  responses: { 200: json(listOf(secretSchema, "KeySecretList"), "All of them."), ...errors(401, 403, 404, 429) },
});

export const keyRotationRoutes = [rotate, end, listSecrets];

export function mountKeyRotation(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { digest, clock } = deps;
  const { keys } = deps.store;
  const rotation = { keys, digest, clock, onChange: (id: string) => deps.ring.forget(id) };

  app.openapi(rotate, async (c) => {
    const { id } = c.req.valid("param");
    found(await keys.get(id));
    // Without a body there is nothing to validate.
    const { overlap_hours = null } = (c.req.valid("json") as z.output<typeof rotateRequest> | undefined) ?? {};
    const rotated = await rotateKey(rotation, id, overlap_hours);
    if (rotated === null) throw revoked();
    const [, old] = await secretsOf(keys, id);
    const view = { ...keyView(rotated.key), old_secret_expires_at: old?.expires_at ?? null };
    c.set("replay", view);
    c.header("cache-control", "no-store");
    return c.json({ ...view, key: rotated.secret }, 200);
  });

  app.openapi(end, async (c) => {
    const { id } = c.req.valid("param");
    found(await keys.get(id));
    const view = keyView(found(await endOverlap(rotation, id)));
    c.set("replay", view);
    return c.json(view, 200);
  });

  app.openapi(listSecrets, async (c) => {
    const { id } = c.req.valid("param");
    found(await keys.get(id));
    const data = await secretsOf(keys, id);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
}

/** The secrets of a key as they may be shown, newest first. */
export async function secretsOf(
  { secrets }: { secrets(id: string): Promise<readonly KeySecretRecord[]> },
  id: string,
): Promise<z.infer<typeof secretSchema>[]> {
  const iso = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  // Two may have been made in one millisecond.
  const all = (await secrets(id)).toSorted((a, b) => Number(b.expiresAtMs === null) - Number(a.expiresAtMs === null));
  return all.map(({ hint, createdAtMs, expiresAtMs, lastUsedAtMs }) => ({
    object: "key_secret",
    hint,
    current: expiresAtMs === null,
    created_at: new Date(createdAtMs).toISOString(),
    expires_at: iso(expiresAtMs),
    last_used_at: iso(lastUsedAtMs),
  }));
}
