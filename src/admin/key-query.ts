// Which keys are meant, in a listing: the query of GET /admin/v1/keys and of `turnpike keys list`.
import { z } from "@hono/zod-openapi";
import type { KeyQuery } from "../store/port.ts";

const cursor = z.string().regex(/^key_[0-9a-z]{26}$/, "this is no cursor from an earlier answer");
const days = z.coerce.number().min(0).max(3_650).optional();
const dayMs = 86_400_000;
/** Any other parameter is a member of the keys' metadata. */
const metadataPrefix = "metadata.";

/** Which keys to list; beside these, `metadata.<name>=<value>`. */
export const keyQuery = z
  .looseObject({
    customer: z.string().max(100).optional(),
    project: z.string().max(100).optional(),
    status: z.enum(["active", "suspended", "revoked"]).optional(),
    environment: z.enum(["live", "test", "dev"]).optional(),
    q: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: "A part of the name or of the hint, in any case." }),
    rotation: z.enum(["due", "overlap"]).optional().openapi({
      description: "Keys whose rotation is due by their policy, or whose old secret still works.",
    }),
    unused_days: days.openapi({ description: "Not used for so many days." }),
    expires_within_days: days.openapi({ description: "Expired, or about to." }),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    cursor: cursor.optional().openapi({ description: "`next_cursor` of the page before." }),
  })
  .superRefine((query, context) => {
    for (const [name, value] of Object.entries(query)) {
      if (Object.hasOwn(keyQuery.shape, name)) continue;
      if (name.startsWith(metadataPrefix) && name.length > metadataPrefix.length && typeof value === "string") continue;
      context.addIssue({ code: "unrecognized_keys", keys: [name], input: query });
    }
  });

/** The query as the store takes it. */
export function toKeyQuery(query: z.output<typeof keyQuery>, nowMs: number): KeyQuery {
  const { customer, project, status, environment, q, rotation, unused_days, expires_within_days, limit, cursor } =
    query;
  const metadata = Object.entries(query).flatMap(([name, value]) =>
    name.startsWith(metadataPrefix) ? [[name.slice(metadataPrefix.length), String(value)] as const] : [],
  );
  return {
    limit,
    ...(customer !== undefined && { customer }),
    ...(project !== undefined && { project }),
    ...(status !== undefined && { status }),
    ...(environment !== undefined && { environment }),
    ...(q !== undefined && { search: q }),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
    ...(rotation === "due" && { rotationDueAtMs: nowMs }),
    ...(rotation === "overlap" && { overlapAtMs: nowMs }),
    ...(unused_days !== undefined && { unusedSinceMs: nowMs - unused_days * dayMs }),
    ...(expires_within_days !== undefined && { expiresBeforeMs: nowMs + expires_within_days * dayMs }),
    ...(cursor !== undefined && { cursor }),
  };
}
