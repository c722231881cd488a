// The queue of webhooks as its dispatcher sees it: what waits to be delivered survives the process.

/** Something that happened, on its way to whoever asked for its type. */
export interface OutgoingEvent {
  /** `evt_…`, which receivers know it by (`webhook-id`). */
  readonly id: string;
  /** `alert.budget_reached.opened` */
  readonly type: string;
  /** JSON, as it is signed and sent. */
  readonly body: string;
  readonly atMs: number;
}

/** Where events go, with what proves them. */
export interface Endpoint {
  /** `whk_…` */
  readonly id: string;
  readonly url: string;
  /** `whsec_…`, sealed for this webhook. */
  readonly sealedSecret: Uint8Array;
  /** The one before the last rotation, until `previousUntilMs`. */
  readonly previousSealedSecret: Uint8Array | null;
  readonly previousUntilMs: number | null;
}

/** A delivery that this process has to try now. */
export interface ClaimedDelivery {
  /** `whd_…` */
  readonly id: string;
  readonly event: { readonly id: string; readonly body: string };
  readonly endpoint: Endpoint;
  /** This try included. */
  readonly tries: number;
}

/** How a try ended: `pending` is tried again at `nextAtMs`, `dead` by itself never. */
export interface TryEnd {
  readonly state: "delivered" | "pending" | "dead";
  readonly nextAtMs: number | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly atMs: number;
}

export interface WebhookQueue {
  /** The active webhooks that want events of this type. */
  wanting(type: string): Promise<readonly Endpoint[]>;
  /** Queues an event for webhooks, all in one transaction. Resolves to those that it was not queued for: they have too many waiting. */
  put(
    event: OutgoingEvent,
    deliveries: readonly { readonly id: string; readonly webhookId: string }[],
  ): Promise<readonly string[]>;
  /** Takes deliveries that are due, a few of each webhook; nobody else gets them before `untilMs`. */
  claim(nowMs: number, untilMs: number, limit: number): Promise<readonly ClaimedDelivery[]>;
  settle(deliveryId: string, end: TryEnd): Promise<void>;
  /** Sends nothing more to this webhook until an operator says so. */
  disable(webhookId: string, reason: string, atMs: number): Promise<void>;
  /** Forgets what was delivered or given up long ago. */
  sweep(nowMs: number): Promise<void>;
}
