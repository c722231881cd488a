// /admin/v1/webhooks: where operators want to be told of events, and what became of each.
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Alerts } from "../observe/alerts.ts";
import type { Dispatcher } from "../observe/webhooks/dispatcher.ts";
import type { Sealer } from "../vault/seal.ts";
import type { AdminDeps, AdminEnv } from "./deps.ts";
import { overlapHours } from "./overlap.ts";
import { errors, idempotencyHeader, listOf } from "./schemas.ts";
import { changeWebhook, createWebhook, known, rotateWebhook, type WebhookDeps } from "./webhook-changes.ts";
import {
  deliverySchema,
  deliveryView,
  issuedWebhookSchema,
  webhookChanges,
  webhookRequest,
  webhookSchema,
  webhookView,
} from "./webhook-view.ts";

/** What webhooks are kept and tried with. */
export interface NotifyingAdminDeps {
  readonly alerts: Pick<Alerts, "raise">;
  readonly sealer: Sealer;
  readonly dispatcher: Pick<Dispatcher, "tryOut" | "run">;
  readonly allowPrivate: boolean;
}

const tags = ["webhooks"];
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });
const id = z.string().max(64);
const params = z.object({ id: id.openapi({ param: { name: "id", in: "path" } }) });
const webhookRotation = z.strictObject({ overlap_hours: overlapHours.default(24) }).openapi("WebhookRotation");
const deliveryParams = params.extend({ delivery: id.openapi({ param: { name: "delivery", in: "path" } }) });

const create = createRoute({
  method: "post",
  path: "/webhooks",
  tags,
  summary: "Be told of events at a URL",
  description:
    "Events are signed as Standard Webhooks says; the secret is in this answer and never again. What is not taken is sent again, " +
    "for some two days, and then kept as dead.",
  request: { headers: idempotencyHeader, body: body(webhookRequest) },
  responses: {
    201: json(issuedWebhookSchema, "The webhook, with its secret."),
    ...errors(400, 401, 403, 409, 413, 415, 429),
  },
});

const list = createRoute({
  method: "get",
  path: "/webhooks",
  tags,
  summary: "List webhooks, oldest first",
  request: { query: z.strictObject({}) },
  responses: { 200: json(listOf(webhookSchema, "WebhookList"), "All of them."), ...errors(400, 401, 403, 429) },
});

const get = createRoute({
  method: "get",
  path: "/webhooks/{id}",
  tags,
  summary: "Read a webhook",
  request: { params },
  responses: { 200: json(webhookSchema, "The webhook."), ...errors(401, 403, 404, 429) },
});

const patch = createRoute({
  method: "patch",
  path: "/webhooks/{id}",
  tags,
  summary: "Change a webhook",
  description:
    "What is absent stays. While it is `disabled`, what it wants is not kept for it, and what waits goes on waiting.",
  request: { params, body: body(webhookChanges) },
  responses: { 200: json(webhookSchema, "The webhook."), ...errors(400, 401, 403, 404, 413, 415, 429) },
});

const remove = createRoute({
  method: "delete",
  path: "/webhooks/{id}",
  tags,
  summary: "Remove a webhook, with its deliveries",
  request: { params },
  responses: {
    200: json(
      z.object({ id: z.string(), object: z.literal("webhook"), deleted: z.literal(true) }).openapi("DeletedWebhook"),
      "Removed.",
    ),
    ...errors(401, 403, 404, 429),
  },
});

const rotate = createRoute({
  method: "post",
  path: "/webhooks/{id}/rotate",
  tags,
  summary: "Give a webhook a new secret",
  description: "During the overlap each event carries two signatures, so that the receiver can change when it likes.",
  request: {
    params,
    headers: idempotencyHeader,
    body: { ...body(webhookRotation), required: false },
  },
  responses: {
    200: json(issuedWebhookSchema, "The webhook, with its new secret."),
    ...errors(400, 401, 403, 404, 409, 413, 415, 429),
  },
});

const test = createRoute({
  method: "post",
  path: "/webhooks/{id}/test",
  tags,
  summary: "Send a `webhook.test` event at once",
  description: "Also to a webhook that is disabled or wants other events. It is sent once, and not kept.",
  request: { params, headers: idempotencyHeader },
  responses: {
    200: json(
      z
        .object({
          object: z.literal("webhook_test"),
          delivered: z.boolean(),
          http_status: z.int().nullable(),
          failure: z.string().nullable(),
        })
        .openapi("WebhookTest"),
      "What its receiver said.",
    ),
    ...errors(401, 403, 404, 409, 429),
  },
});

const deliveries = createRoute({
  method: "get",
  path: "/webhooks/{id}/deliveries",
  tags,
  summary: "List what was, is and will be sent, latest first",
  description: "What was taken is kept for 7 days; what was given up (`dead`), for 30.",
  request: {
    params,
    query: z.strictObject({
      status: deliverySchema.shape.status.optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      cursor: z
        .string()
        .regex(/^whd_[0-9a-z]{26}$/, "expected a cursor of this list")
        .optional(),
    }),
  },
  responses: {
    200: json(listOf(deliverySchema, "WebhookDeliveryList"), "One page."),
    ...errors(400, 401, 403, 404, 429),
  },
});

const resend = createRoute({
  method: "post",
  path: "/webhooks/{id}/deliveries/{delivery}/resend",
  tags,
  summary: "Send an event again, with all its tries",
  request: { params: deliveryParams, headers: idempotencyHeader },
  responses: { 200: json(deliverySchema, "The delivery."), ...errors(401, 403, 404, 409, 429) },
});

export const webhookRoutes = [create, list, get, patch, remove, rotate, test, deliveries, resend];

export function mountWebhooks(app: OpenAPIHono<AdminEnv>, { store, clock, notifying }: AdminDeps): void {
  const { webhooks } = store;
  const { sealer, allowPrivate, dispatcher } = notifying;
  const changes: WebhookDeps = { webhooks, sealer, clock, allowPrivate };

  app.openapi(create, async (c) => {
    const { webhook, secret } = await createWebhook(changes, c.req.valid("json"));
    const view = webhookView(webhook, clock.now());
    c.set("replay", view);
    return c.json({ ...view, secret }, 201);
  });

  app.openapi(list, async (c) => {
    const data = (await webhooks.list()).map((webhook) => webhookView(webhook, clock.now()));
    return c.json({ object: "list" as const, data, has_more: false, next_cursor: null }, 200);
  });

  app.openapi(get, async (c) =>
    c.json(webhookView(known(await webhooks.get(c.req.valid("param").id)), clock.now()), 200),
  );

  app.openapi(patch, async (c) =>
    c.json(webhookView(await changeWebhook(changes, c.req.valid("param").id, c.req.valid("json")), clock.now()), 200),
  );

  app.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    known((await webhooks.remove(id)) || null);
    return c.json({ id, object: "webhook" as const, deleted: true as const }, 200);
  });

  app.openapi(rotate, async (c) => {
    // Without a body there is nothing to validate.
    const { overlap_hours = 24 } = (c.req.valid("json") as z.output<typeof webhookRotation> | undefined) ?? {};
    const { webhook, secret } = await rotateWebhook(changes, c.req.valid("param").id, overlap_hours);
    const view = webhookView(webhook, clock.now());
    c.set("replay", view);
    return c.json({ ...view, secret }, 200);
  });

  app.openapi(test, async (c) => {
    const webhook = known(await webhooks.get(c.req.valid("param").id));
    const ended = await dispatcher.tryOut(webhook, "webhook.test", { webhook: webhook.id });
    const failure = ended.kind === "failed" ? ended.reason : null;
    const view = {
      object: "webhook_test" as const,
      delivered: ended.kind === "delivered",
      http_status: ended.status,
      failure,
    };
    c.set("replay", view);
    return c.json(view, 200);
  });

  app.openapi(deliveries, async (c) => {
    const { status: state, limit, cursor } = c.req.valid("query");
    const { id: webhookId } = known(await webhooks.get(c.req.valid("param").id));
    const page = await webhooks.deliveries({
      webhookId,
      limit,
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { cursor }),
    });
    const has_more = page.nextCursor !== null;
    const data = page.data.map(deliveryView);
    return c.json({ object: "list" as const, data, has_more, next_cursor: page.nextCursor }, 200);
  });

  app.openapi(resend, async (c) => {
    const { id, delivery } = c.req.valid("param");
    const view = deliveryView(known(await webhooks.resend(id, delivery, clock.now())));
    void dispatcher.run();
    c.set("replay", view);
    return c.json(view, 200);
  });
}
