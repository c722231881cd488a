// /admin/v1/prompt-logs: what calls were sent and answered, where a policy asks to log it. Every reading of it is told of in the trail.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { GatewayError } from "../errors.ts";
import type { PromptLogRecord } from "../store/port-prompts.ts";
import { actionName } from "./audit-actions.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { json } from "./keys.ts";
import { errors, listOf, timestamp } from "./schemas.ts";
import { readTime, requireSpan } from "./times.ts";

const tags = ["prompt logs"];
const callId = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });
const time = z
  .string()
  .max(40)
  .refine((text) => readTime(text) !== null, "expected a date or a time");

const schema = z
  .object({
    id: z.string().openapi({ description: "The call's." }),
    object: z.literal("prompt_log"),
    customer: z.string(),
    project: z.string(),
    key: z.string(),
    operation: z.string(),
    model: z.string(),
    created_at: timestamp,
    expires_at: timestamp,
  })
  .openapi("PromptLog");
const contentSchema = schema
  .extend({
    request: z.string(),
    response: z.string().openapi({ description: "As it was sent: of a stream its events." }),
    status: z.number().nullable(),
    truncated: z.boolean(),
    redacted: z.enum(["none", "secrets", "personal"]),
  })
  .openapi("PromptLogContent");

const listLogs = createRoute({
  method: "get",
  path: "/prompt-logs",
  tags,
  summary: "List calls whose words were logged, newest first",
  request: {
    query: z.strictObject({
      customer: z.string().max(100).optional(),
      project: z.string().max(100).optional(),
      key: z.string().max(100).optional(),
      from: time.optional(),
      to: time.optional(),
      cursor: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
  },
  responses: {
    200: json(listOf(schema, "PromptLogList"), "A page, without what they say."),
    ...errors(400, 401, 403, 429),
  },
});
const getLog = createRoute({
  method: "get",
  path: "/prompt-logs/{id}",
  tags,
  summary: "Read of a call that its words were logged",
  request: { params: callId },
  responses: { 200: json(schema, "Without what it says."), ...errors(401, 403, 404, 429) },
});
const readLog = createRoute({
  method: "get",
  path: "/prompt-logs/{id}/content",
  tags,
  summary: "Read what a call was sent and what it answered",
  description: "The trail tells that you have read it, before you do.",
  request: { params: callId },
  responses: { 200: json(contentSchema, "With what it says."), ...errors(401, 403, 404, 429) },
});
const deleteLog = createRoute({
  method: "delete",
  path: "/prompt-logs/{id}",
  tags,
  summary: "Remove what was logged of a call",
  request: { params: callId },
  responses: {
    200: json(
      z
        .object({ id: z.string(), object: z.literal("prompt_log"), deleted: z.literal(true) })
        .openapi("DeletedPromptLog"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

export const promptLogRoutes = [listLogs, getLog, readLog, deleteLog];

export function mountPromptLogs(app: OpenAPIHono<AdminEnv>, deps: AdminDeps): void {
  const { prompts } = deps;
  app.openapi(listLogs, async (c) => {
    const { key: keyId, customer, project, from, to, cursor, limit } = c.req.valid("query");
    const [fromMs, toMs] = [from, to].map((text) => (text === undefined ? null : readTime(text)));
    requireSpan(fromMs, toMs);
    const page = await prompts.list({
      limit,
      ...(customer !== undefined && { customer }),
      ...(project !== undefined && { project }),
      ...(keyId !== undefined && { keyId }),
      ...(typeof fromMs === "number" && { fromMs }),
      ...(typeof toMs === "number" && { toMs }),
      ...(cursor !== undefined && { cursor }),
    });
    const has_more = page.nextCursor !== null;
    const data = page.data.map(view);
    return c.json({ object: "list" as const, data, has_more, next_cursor: page.nextCursor }, 200);
  });
  app.openapi(getLog, async (c) => c.json(view(found(await prompts.get(c.req.valid("param").id))), 200));
  app.openapi(readLog, async (c) => {
    const one = found(await prompts.read(c.req.valid("param").id));
    await tellOfReading(c, one, deps);
    c.header("cache-control", "no-store");
    return c.json({ ...view(one), ...one.logged }, 200);
  });
  app.openapi(deleteLog, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await prompts.remove(id))) found(null);
    return c.json({ id, object: "prompt_log" as const, deleted: true as const }, 200);
  });
}

/** Nothing is shown that the trail does not know of. */
async function tellOfReading(c: Context<AdminEnv>, { id, customer, project }: PromptLogRecord, deps: AdminDeps) {
  const userAgent = c.req.header("user-agent");
  await deps.trail.record({
    // As the trail names those who are refused it.
    action: actionName("GET", "/prompt-logs/:id/content"),
    actor: { type: "admin", id: c.var.admin.id },
    target: { type: "prompt-log", id },
    outcome: "success",
    after: { customer, project },
    requestId: c.var.requestId,
    address: c.var.address,
    ...(userAgent !== undefined && { userAgent }),
  });
}

function view(record: PromptLogRecord): z.infer<typeof schema> {
  const { id, customer, project, keyId, operation, model, createdAtMs, expiresAtMs } = record;
  return {
    id,
    object: "prompt_log",
    customer,
    project,
    key: keyId,
    operation,
    model,
    created_at: new Date(createdAtMs).toISOString(),
    expires_at: new Date(expiresAtMs).toISOString(),
  };
}

function found<T>(one: T | null): T {
  if (one === null) throw new GatewayError("not_found", "Nothing is logged of this call, or not any more.");
  return one;
}
