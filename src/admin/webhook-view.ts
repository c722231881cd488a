// Webhooks as the admin surface and the command line take and show them.
import { z } from "@hono/zod-openapi";
import { urlProblem } from "../observe/webhooks/deliver.ts";
import type { DeliveryRecord, WebhookRecord } from "../store/port-webhooks.ts";
import { label, timestamp } from "./schemas.ts";

const url = z.string().max(2_000).openapi({
  description:
    "Where events are posted to: `https://`, and a public address unless `TURNPIKE_WEBHOOKS_PRIVATE` is `on`.",
  example: "https://hooks.example.com/turnpike",
});
const events = z
  .array(
    z
      .string()
      .max(100)
      .regex(/^[a-z0-9_.*]+$/, "expected a type of event, such as alert.budget_reached.*"),
  )
  .min(1)
  .max(50)
  .openapi({ description: "Patterns of types of events; `*` stands for any part.", example: ["alert.*.opened"] });
const description = label(200).or(z.literal(""));
const status = z.enum(["active", "disabled"]);

export const webhookRequest = z
  .strictObject({ url, events: events.default(["*"]), description: description.default("") })
  .openapi("WebhookRequest");

export const webhookChanges = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.optional(),
    status: status.optional(),
  })
  .openapi("WebhookChanges");

export const webhookSchema = z
  .object({
    id: z.string().openapi({ example: "whk_01k8z3v9qe4m7x2n5r6t8w0yab" }),
    object: z.literal("webhook"),
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    status,
    disabled_reason: z
      .string()
      .nullable()
      .openapi({ description: "Why it was disabled, where nobody did it by hand." }),
    previous_secret_until: timestamp
      .nullable()
      .openapi({ description: "Until when events are signed with the secret before the rotation as well." }),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .openapi("Webhook");

export const issuedWebhookSchema = webhookSchema
  .extend({
    secret: z.string().openapi({ description: "What its events are signed with: in this answer and never again." }),
  })
  .openapi("IssuedWebhook");

export const deliverySchema = z
  .object({
    id: z.string().openapi({ example: "whd_01k8z3v9qe4m7x2n5r6t8w0yab" }),
    object: z.literal("webhook_delivery"),
    webhook: z.string(),
    event_id: z.string().openapi({ description: "`webhook-id`: the same for every try." }),
    event_type: z.string(),
    event: z.unknown().openapi({ description: "What is sent." }),
    status: z.enum(["pending", "delivered", "dead"]),
    tries: z.int(),
    next_try_at: timestamp.nullable(),
    last_tried_at: timestamp.nullable(),
    last_http_status: z.int().nullable(),
    last_failure: z.string().nullable(),
    created_at: timestamp,
  })
  .openapi("WebhookDelivery");

export type WebhookView = z.infer<typeof webhookSchema>;

/** A webhook without its secrets. */
export function webhookView(webhook: WebhookRecord, nowMs: number): WebhookView {
  const { previousUntilMs } = webhook;
  return {
    id: webhook.id,
    object: "webhook",
    url: webhook.url,
    description: webhook.description,
    events: [...webhook.events],
    status: webhook.status,
    disabled_reason: webhook.disabledReason,
    previous_secret_until: time(previousUntilMs !== null && previousUntilMs > nowMs ? previousUntilMs : null),
    created_at: new Date(webhook.createdAtMs).toISOString(),
    updated_at: new Date(webhook.updatedAtMs).toISOString(),
  };
}

export function deliveryView(delivery: DeliveryRecord): z.infer<typeof deliverySchema> {
  const pending = delivery.state === "pending";
  return {
    id: delivery.id,
    object: "webhook_delivery",
    webhook: delivery.webhookId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    event: JSON.parse(delivery.body) as unknown,
    status: delivery.state,
    tries: delivery.tries,
    next_try_at: time(pending ? delivery.nextAtMs : null),
    last_tried_at: time(delivery.lastTriedAtMs),
    last_http_status: delivery.lastStatus,
    last_failure: delivery.state === "delivered" ? null : delivery.lastReason,
    created_at: new Date(delivery.createdAtMs).toISOString(),
  };
}

/** Why events can't be sent there, for the member `url` of a request; null when they can. */
export function webhookUrlProblem(text: string | undefined, allowPrivate: boolean): string | null {
  return text === undefined ? null : urlProblem(text, { allowPrivate });
}

function time(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
