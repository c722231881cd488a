// /admin/v1/audit: proving the trail, the key that it is signed with, and how far its exporters are.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { readCheckpoint } from "../audit/checkpoint.ts";
import { verifyStore } from "../audit/verify.ts";
import { GatewayError } from "../errors.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, listOf, timestamp } from "./schemas.ts";

const tags = ["audit"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const verificationSchema = z
  .object({
    object: z.literal("audit_verification"),
    ok: z.boolean(),
    entries: z.int(),
    first_seq: z.int().nullable(),
    last_seq: z.int().nullable(),
    last_hash: z.string().nullable(),
    checkpoints: z.int().openapi({ description: "Signed checkpoints that hold." }),
    signed_through: z.int().openapi({ description: "The last entry that one of them covers." }),
    outside_checkpoints: z.int().openapi({ description: "Given checkpoints that hold." }),
    removed_through: z.int().openapi({ description: "The last entry that retention has removed; 0 for none." }),
    kid: z.string().nullable(),
    problem: z
      .object({ kind: z.string(), seq: z.int().openapi({ description: "The first bad entry." }), message: z.string() })
      .nullable(),
  })
  .openapi("AuditVerification");

const verify = createRoute({
  method: "get",
  path: "/audit/verify",
  tags,
  summary: "Verify the whole trail",
  description:
    "Takes a minute for a million entries, in which the gateway goes on serving. What is added meanwhile is left for the next time.",
  responses: { 200: json(verificationSchema, "What was found."), ...errors(401, 403, 429) },
});

const verifyWith = createRoute({
  method: "post",
  path: "/audit/verify",
  tags,
  summary: "Verify the whole trail against checkpoints that were kept outside",
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({ checkpoints: z.array(z.unknown()).min(1).max(1_000) }).openapi("AuditCheckpoints"),
        },
      },
    },
  },
  responses: { 200: json(verificationSchema, "What was found."), ...errors(400, 401, 403, 413, 415, 429) },
});

const key = createRoute({
  method: "get",
  path: "/audit/key",
  tags,
  summary: "Read the public key of the trail's checkpoints",
  responses: {
    200: json(
      z
        .object({
          object: z.literal("audit_key"),
          kid: z.string(),
          algorithm: z.literal("Ed25519"),
          public_key: z.string().openapi({ description: "SPKI, base64." }),
        })
        .openapi("AuditKey"),
      "The key.",
    ),
    ...errors(401, 403, 429),
  },
});

const exporters = createRoute({
  method: "get",
  path: "/audit/exporters",
  tags,
  summary: "List exporters, and how far each has come",
  responses: {
    200: json(
      listOf(
        z.object({
          name: z.string(),
          type: z.string(),
          delivered_seq: z.int(),
          delivered_at: timestamp.nullable(),
          lag: z.int().openapi({ description: "Entries that have not arrived yet." }),
          failures: z.int().openapi({ description: "In a row." }),
          last_error: z.string().nullable(),
          dead_letters: z.array(z.object({ seq: z.int(), at: timestamp, reason: z.string() })),
        }),
        "AuditExporters",
      ),
      "Those of the configuration file.",
    ),
    ...errors(401, 403, 429),
  },
});

export const auditProofRoutes = [verify, verifyWith, key, exporters];

/** Of each exporter so many are shown, the latest. */
const shownDeadLetters = 100;

export function mountAuditProof(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { trail, store } = deps;
  const object = "audit_verification" as const;

  app.openapi(verify, async (c) => c.json({ object, ...(await verifyStore(store.audit, trail.signer)) }, 200));

  app.openapi(verifyWith, async (c) => {
    const outside = c.req.valid("json").checkpoints.map((given, index) => {
      const checkpoint = readCheckpoint(given);
      if (checkpoint !== null) return checkpoint;
      const param = `checkpoints.${index}`;
      throw new GatewayError("invalid_request", `\`${param}\` is no checkpoint.`, { param });
    });
    return c.json({ object, ...(await verifyStore(store.audit, trail.signer, outside)) }, 200);
  });

  app.openapi(key, (c) => {
    const { kid, publicKey: public_key } = trail.signer;
    return c.json({ object: "audit_key" as const, kid, algorithm: "Ed25519" as const, public_key }, 200);
  });

  app.openapi(exporters, async (c) => {
    const statuses = (await deps.exporters?.()) ?? [];
    const data = await Promise.all(
      statuses.map(async (status) => {
        const letters = await store.audit.deadLetters(status.name, shownDeadLetters);
        const dead_letters = letters.map(({ seq, atMs, reason }) => ({
          seq,
          at: new Date(atMs).toISOString(),
          reason,
        }));
        return { ...status, dead_letters };
      }),
    );
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
}
