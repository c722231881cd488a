// The tables of webhooks.
import { sql } from "drizzle-orm";
import { blob, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { DeliveryState, WebhookStatus } from "./port-webhooks.ts";

export const webhooks = sqliteTable("webhooks", {
  id: text("id").primaryKey(),
  url: text("url").notNull(),
  description: text("description").notNull(),
  events: text("events", { mode: "json" }).$type<readonly string[]>().notNull(),
  status: text("status").$type<WebhookStatus>().notNull(),
  disabledReason: text("disabled_reason"),
  /** Encrypted, as the next one. */
  sealedSecret: blob("sealed_secret", { mode: "buffer" }).notNull(),
  previousSealedSecret: blob("previous_secret", { mode: "buffer" }),
  previousUntilMs: integer("previous_until_ms"),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** One event's way to one webhook. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    id: text("id").primaryKey(),
    webhookId: text("webhook_id")
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    eventId: text("event_id").notNull(),
    eventType: text("event_type").notNull(),
    body: text("body").notNull(),
    state: text("state").$type<DeliveryState>().notNull(),
    tries: integer("tries").notNull(),
    nextAtMs: integer("next_at_ms"),
    lastStatus: integer("last_status"),
    lastReason: text("last_reason"),
    lastTriedAtMs: integer("last_tried_at_ms"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    index("webhook_deliveries_due").on(table.nextAtMs).where(sql`state = 'pending'`),
    index("webhook_deliveries_webhook").on(table.webhookId, table.state, table.id),
    index("webhook_deliveries_created").on(table.createdAtMs),
  ],
);
