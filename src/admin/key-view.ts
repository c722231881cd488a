// A customer's key as the admin surface and the command line show it.
import { z } from "@hono/zod-openapi";
import type { KeyRecord } from "../store/port.ts";
import { policySchema, rotationSchema, rotationView } from "./policy-view.ts";
import { timestamp } from "./schemas.ts";

export const keySchema = z
  .object({
    id: z.string().openapi({ example: "key_01k8z3v9qe4m7x2n5r6t8w0yab" }),
    object: z.literal("key"),
    name: z.string(),
    customer: z.string(),
    project: z.string(),
    environment: z.enum(["live", "test", "dev"]),
    hint: z.string().openapi({ description: "What may be shown of the secret.", example: "tp_live_Ab12…x9Yz" }),
    status: z.enum(["active", "suspended", "revoked"]),
    metadata: z.record(z.string(), z.string()),
    policy: policySchema,
    rotation: rotationSchema.nullable(),
    rotation_due_at: timestamp.nullable(),
    idle_days: z.number().nullable(),
    created_at: timestamp,
    expires_at: timestamp.nullable(),
    revoked_at: timestamp.nullable(),
    last_used_at: timestamp.nullable().openapi({ description: "Some seconds behind." }),
  })
  .openapi("Key");

export type KeyView = z.infer<typeof keySchema>;

/** The key without any secret, in snake_case with ISO times. */
export function keyView(key: KeyRecord): KeyView {
  return {
    id: key.id,
    object: "key",
    name: key.name,
    customer: key.customer,
    project: key.project,
    environment: key.environment,
    hint: key.hint,
    status: key.status,
    metadata: key.metadata,
    policy: key.policy as KeyView["policy"],
    rotation: rotationView(key.rotation),
    rotation_due_at: iso(rotationDueAtMs(key)),
    idle_days: key.idleDays,
    created_at: new Date(key.createdAtMs).toISOString(),
    expires_at: iso(key.expiresAtMs),
    revoked_at: iso(key.revokedAtMs),
    last_used_at: iso(key.lastUsedAtMs),
  };
}

const dayMs = 86_400_000;

/** When a key's secret is to be replaced, by its rotation policy; null where it has none. */
export function rotationDueAtMs({ rotation, rotatedAtMs, createdAtMs }: KeyRecord): number | null {
  return rotation === null ? null : (rotatedAtMs ?? createdAtMs) + rotation.everyDays * dayMs;
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
