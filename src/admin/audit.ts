// /admin/v1/audit: reading the trail, and taking it out.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { auditFilter, entrySchema, entryView, exportedText, exportFormats, toAuditQuery } from "./audit-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, listOf } from "./schemas.ts";

const tags = ["audit"];

const listAudit = createRoute({
  method: "get",
  path: "/audit",
  tags,
  summary: "Read the trail, newest first",
  description: "Reading the trail is told of in it.",
  request: {
    query: auditFilter.extend({
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/, "this is no cursor from an earlier answer")
        .optional(),
    }),
  },
  responses: {
    200: {
      description: "A page of entries.",
      content: { "application/json": { schema: listOf(entrySchema, "AuditList") } },
    },
    ...errors(400, 401, 403, 429),
  },
});

const exportAudit = createRoute({
  method: "get",
  path: "/audit/export",
  tags,
  summary: "Take the trail out, oldest first",
  description:
    "JSON lines, CSV (RFC 4180), CEF lines, or OCSF 1.9.0 events (API Activity) as JSON lines. JSON lines without a filter can be " +
    "verified by themselves: `turnpike audit verify --file`.",
  request: { query: auditFilter.extend({ format: z.enum(exportFormats).default("json") }) },
  responses: {
    200: {
      description: "One entry a line.",
      content: { "application/x-ndjson": { schema: z.string() }, "text/csv": { schema: z.string() } },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const auditRoutes = [listAudit, exportAudit];

const mediaTypes = {
  json: "application/x-ndjson",
  ocsf: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
  cef: "text/plain; charset=utf-8",
} as const;

export function mountAudit(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { audit } = deps.store;

  app.openapi(listAudit, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    const query = { ...toAuditQuery(filter), ...(cursor !== undefined && { before: Number(cursor) }) };
    const rows = await audit.list({ ...query, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const has_more = rows.length > limit;
    const next_cursor = has_more ? String(page.at(-1)?.seq) : null;
    return c.json({ object: "list" as const, data: page.map(entryView), has_more, next_cursor }, 200);
  });

  app.openapi(exportAudit, async (c) => {
    const { format, ...filter } = c.req.valid("query");
    const text = exportedText(audit, toAuditQuery(filter), format);
    c.header("content-type", mediaTypes[format]);
    c.header("content-disposition", `attachment; filename="audit.${format === "csv" ? "csv" : "log"}"`);
    return c.body(streamOf(text)) as never;
  });
}

/** Pieces are read as they are taken; who goes away stops the reading. */
function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
