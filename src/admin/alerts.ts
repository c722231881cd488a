// /admin/v1/alerts: what operators should know of, and who has seen it.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { GatewayError } from "../errors.ts";
import { alertView } from "../observe/alert-view.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { errors, idempotencyHeader, listOf, timestamp } from "./schemas.ts";

const alertSchema = z
  .object({
    id: z.string(),
    object: z.literal("alert"),
    kind: z.string().openapi({ example: "credential_refused" }),
    subject: z.string().openapi({ description: "What it is about: an id, as its kind has it.", example: "openai#2" }),
    message: z.string(),
    status: z.enum(["open", "acknowledged", "resolved"]),
    count: z.int().openapi({ description: "How often it was raised while it was open." }),
    first_at: timestamp,
    last_at: timestamp,
    acknowledged_at: timestamp.nullable(),
    acknowledged_by: z.string().nullable().openapi({ description: "The administrator's id." }),
    resolved_at: timestamp.nullable(),
  })
  .openapi("Alert");

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const listAlerts = createRoute({
  method: "get",
  path: "/alerts",
  tags: ["alerts"],
  summary: "List alerts, newest first",
  request: {
    query: z.strictObject({
      open: z
        .enum(["true", "false"])
        .optional()
        .openapi({ description: "Only those that are not over, or only those that are." }),
      kind: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: z
        .string()
        .regex(/^alert_[0-9a-z]{26}$/, "this is no cursor from an earlier answer")
        .optional()
        .openapi({ description: "`next_cursor` of the page before." }),
    }),
  },
  responses: { 200: json(listOf(alertSchema, "AlertList"), "A page of them."), ...errors(400, 401, 403, 429) },
});

const acknowledgeAlert = createRoute({
  method: "post",
  path: "/alerts/{id}/acknowledge",
  tags: ["alerts"],
  summary: "Say that an alert has been seen",
  description: "Who said so first is kept. The alert ends when what it tells of is over.",
  request: {
    params: z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) }),
    headers: idempotencyHeader,
  },
  responses: { 200: json(alertSchema, "The alert."), ...errors(401, 403, 404, 409, 429) },
});

export const alertRoutes = [listAlerts, acknowledgeAlert];

export function mountAlerts(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { alerts } = deps.store;

  app.openapi(listAlerts, async (c) => {
    const { open, kind, limit, cursor } = c.req.valid("query");
    const page = await alerts.list({
      limit,
      ...(open !== undefined && { open: open === "true" }),
      ...(kind !== undefined && { kind }),
      ...(cursor !== undefined && { cursor }),
    });
    const has_more = page.nextCursor !== null;
    return c.json(
      { object: "list" as const, data: page.data.map(alertView), has_more, next_cursor: page.nextCursor },
      200,
    );
  });

  app.openapi(acknowledgeAlert, async (c) => {
    const record = await alerts.acknowledge(c.req.valid("param").id, c.var.admin.id, deps.clock.now());
    if (record === null) throw new GatewayError("not_found", "There is no alert of this id.");
    const view = alertView(record);
    c.set("replay", view);
    return c.json(view, 200);
  });
}
