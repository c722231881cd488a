// What the store keeps of webhooks, as the rooms above see it.
import type { Endpoint, WebhookQueue } from "../observe/webhooks/queue.ts";
import type { Page } from "./port.ts";

export type WebhookStatus = "active" | "disabled";

/** Where an operator wants to be told of events. Its secrets are sealed before they come here. */
export interface WebhookRecord extends Endpoint {
  readonly description: string;
  /** Patterns of types of events, `*` for any part. */
  readonly events: readonly string[];
  readonly status: WebhookStatus;
  /** Why it was disabled, where nobody did it by hand. */
  readonly disabledReason: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type WebhookChanges = Partial<
  Pick<
    WebhookRecord,
    | "url"
    | "description"
    | "events"
    | "status"
    | "disabledReason"
    | "sealedSecret"
    | "previousSealedSecret"
    | "previousUntilMs"
  >
>;

export type DeliveryState = "pending" | "delivered" | "dead";

/** One event's way to one webhook. */
export interface DeliveryRecord {
  /** `whd_…` */
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly tries: number;
  /** When it is tried next; null when it is not. */
  readonly nextAtMs: number | null;
  /** HTTP status of the last try; null when there was none. */
  readonly lastStatus: number | null;
  readonly lastReason: string | null;
  readonly lastTriedAtMs: number | null;
  readonly createdAtMs: number;
}

export interface DeliveryQuery {
  readonly webhookId: string;
  readonly state?: DeliveryState;
  readonly cursor?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface WebhookStore extends WebhookQueue {
  create(webhook: WebhookRecord): Promise<void>;
  get(id: string): Promise<WebhookRecord | null>;
  /** All of them, oldest first. */
  list(): Promise<readonly WebhookRecord[]>;
  /** Resolves to what stands; null when there is none of this id. */
  update(id: string, changes: WebhookChanges, atMs: number): Promise<WebhookRecord | null>;
  /** Removes it with its deliveries. False when there is none of this id. */
  remove(id: string): Promise<boolean>;
  /** Latest first. */
  deliveries(query: DeliveryQuery): Promise<Page<DeliveryRecord>>;
  /** Begins a delivery of this webhook anew, whatever became of it. Resolves to what stands; null when there is none of this id. */
  resend(webhookId: string, deliveryId: string, atMs: number): Promise<DeliveryRecord | null>;
}
