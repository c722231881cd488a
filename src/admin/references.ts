// /admin/v1/references: the secrets that stand elsewhere, and how reading each of them goes.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type ReferenceState, statuses } from "../vault/references/source.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, listOf, timestamp } from "./schemas.ts";

/** What is known of secrets that stand elsewhere. */
export interface ReferenceAdminDeps {
  describe(): readonly ReferenceState[];
}

export const referenceSchema = z
  .object({
    object: z.literal("reference"),
    reference: z.string().openapi({ example: "vault:secret/openai#key" }),
    manager: z.string().openapi({ example: "vault" }),
    status: z.enum(statuses).openapi({
      description:
        "`waiting`: never read yet. `fresh`: read. `stale`: the last value serves while tries fail. `expired`: that value is older than it may be.",
    }),
    version: z.string().nullable(),
    read_at: timestamp.nullable(),
    expires_at: timestamp.nullable().openapi({ description: "When the manager says that it ends, or its lease does." }),
    next_read_at: timestamp.nullable(),
    failures: z.int().openapi({ description: "Failed tries in a row." }),
    last_error: z.object({ at: timestamp, message: z.string() }).nullable(),
  })
  .openapi("Reference");

const listReferences = createRoute({
  method: "get",
  path: "/references",
  tags: ["credentials"],
  summary: "List the secrets that are read from secrets managers, files and variables, with the state of each",
  description: "As this process sees them. None of their values is in the answer.",
  request: { query: z.strictObject({}) },
  responses: {
    200: {
      description: "All of them.",
      content: { "application/json": { schema: listOf(referenceSchema, "ReferenceList") } },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const referenceRoutes = [listReferences];

export function mountReferences(app: OpenAPIHono<AdminEnv>, { references }: Pick<AdminDeps, "references">): void {
  app.openapi(listReferences, (c) => {
    const data = (references?.describe() ?? []).map(referenceView);
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
}

export function referenceView(state: ReferenceState): z.output<typeof referenceSchema> {
  const { reference, manager, status, version, failures, lastError } = state;
  return {
    object: "reference",
    reference,
    manager,
    status,
    version,
    read_at: iso(state.readAtMs),
    expires_at: iso(state.expiresAtMs),
    next_read_at: iso(state.nextReadAtMs),
    failures,
    last_error: lastError === null ? null : { at: new Date(lastError.atMs).toISOString(), message: lastError.message },
  };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
