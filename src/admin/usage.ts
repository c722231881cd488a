// /admin/v1/usage: what was used, by whom and of what, as JSON or CSV.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { UsageQuery } from "../store/port.ts";
import { toCsv } from "./csv.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, listOf } from "./schemas.ts";
import { readTime, requireSpan } from "./times.ts";
import { groupBy, usageColumns, usageSchema, usageView } from "./usage-view.ts";

/** Without `from`, the last 30 days. */
export const defaultSpanMs = 30 * 24 * 60 * 60 * 1000;

/** A time in a query. */
export const time = z
  .string()
  .transform((text, context) => {
    const atMs = readTime(text);
    if (atMs !== null) return atMs;
    context.addIssue("expected a date, an ISO 8601 time, or seconds since 1970");
    return z.NEVER;
  })
  .openapi({ type: "string", example: "2026-11-01" });

/** Which usage to sum up. The command line checks its options with it too. */
export const usageQuery = z.strictObject({
  group_by: groupBy,
  from: time.optional().openapi({ description: "Calls from this time on. By default 30 days before `to`." }),
  to: time.optional().openapi({ description: "Calls before this time. By default now." }),
  customer: z.string().max(100).optional(),
  project: z.string().max(100).optional(),
  key: z.string().max(100).optional().openapi({ description: "A key's id, not its secret." }),
  format: z.enum(["json", "csv"]).optional().openapi({ description: "By default what `Accept` asks for." }),
});

const getUsage = createRoute({
  method: "get",
  path: "/usage",
  tags: ["usage"],
  summary: "Sum up usage and cost of settled calls",
  request: { query: usageQuery },
  responses: {
    200: {
      description: "One row per group, ordered by the group.",
      content: { "application/json": { schema: listOf(usageSchema, "UsageList") }, "text/csv": { schema: z.string() } },
    },
    ...errors(400, 401, 403, 429),
  },
});

export const usageRoutes = [getUsage];

export function mountUsage(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  app.openapi(getUsage, async (c) => {
    const query = c.req.valid("query");
    const rows = await deps.store.calls.usage(toUsageQuery(query, deps.clock.now()));
    const data = rows.map(usageView);
    if (query.format === "csv" || (query.format === undefined && asksForCsv(c.req.header("accept")))) {
      c.header("content-type", "text/csv; charset=utf-8");
      c.header("content-disposition", 'attachment; filename="usage.csv"');
      return c.body(toCsv([...new Set(query.group_by), ...usageColumns], data), 200);
    }
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });
}

/** The store's query for what was asked. @throws GatewayError where it ends before it begins. */
export function toUsageQuery(query: z.output<typeof usageQuery>, nowMs: number): UsageQuery {
  const toMs = query.to ?? nowMs;
  const fromMs = query.from ?? toMs - defaultSpanMs;
  requireSpan(fromMs, toMs);
  return {
    groupBy: query.group_by,
    fromMs,
    toMs,
    ...(query.customer !== undefined && { customer: query.customer }),
    ...(query.project !== undefined && { project: query.project }),
    ...(query.key !== undefined && { keyId: query.key }),
  };
}

/** Whether an `Accept` header wants CSV rather than JSON. */
export function asksForCsv(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/csv\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}
