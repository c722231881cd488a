// Notifying: alerts are kept, and told to webhooks when they begin and when they are over.
import type { Clock } from "./clock.ts";
import { newId } from "./keys/id.ts";
import { alertView } from "./observe/alert-view.ts";
import { type AlertNews, type Alerts, createAlerts } from "./observe/alerts.ts";
import type { Log } from "./observe/log.ts";
import { createDeliver, type Deliver, type Post } from "./observe/webhooks/deliver.ts";
import { createDispatcher, type Dispatcher } from "./observe/webhooks/dispatcher.ts";
import type { Store } from "./store/port.ts";
import { createSealer, type Sealer } from "./vault/seal.ts";

export interface NotifyingOptions {
  readonly store: Pick<Store, "alerts" | "webhooks">;
  readonly masterKey: Uint8Array;
  /** Whether webhooks may lead to private addresses. */
  readonly allowPrivate: boolean;
  readonly post: Post;
  readonly clock: Clock;
  readonly log: Log;
  onError(error: unknown): void;
  /** Told of work that nobody waits for, where the runtime must be asked to let it end. */
  readonly outlast?: (work: Promise<void>) => void;
}

export interface Notifying {
  readonly alerts: Alerts;
  /** For whoever else has something to post. */
  readonly deliver: Deliver;
  readonly dispatcher: Dispatcher;
  /** Of webhooks' secrets. */
  readonly sealer: Sealer;
  readonly allowPrivate: boolean;
}

/** How long a receiver may take, milliseconds. */
export const deliveryTimeoutMs = 10_000;
const webhookFailing = "webhook_failing";

export function createNotifying(options: NotifyingOptions): Notifying {
  const { store, masterKey, allowPrivate, post, clock, log, onError, outlast } = options;
  const sealer = createSealer(masterKey, "turnpike/webhooks/1");
  const deliver = createDeliver({ post, allowPrivate, now: clock.now });
  const inBackground = outlast === undefined ? {} : { outlast };
  /** Webhooks of which this process knows that they fail. */
  const failing = new Set<string>();
  const dispatcher = createDispatcher({
    queue: store.webhooks,
    deliver,
    open: (sealed, webhookId) => Buffer.from(sealer.open(sealed, webhookId)).toString(),
    now: clock.now,
    random: Math.random,
    newId: (prefix) => newId(prefix, clock.now()),
    log,
    onTrouble(id, message) {
      failing.add(id);
      alerts.raise(webhookFailing, id, message);
    },
    onRecovered(id) {
      if (failing.delete(id)) alerts.resolve(webhookFailing, id);
    },
    onError,
    ...inBackground,
  });
  const announce = ({ change, alert, atMs }: AlertNews): Promise<void> => {
    const resolvedAtMs = change === "resolved" ? atMs : null;
    return dispatcher.publish(`alert.${alert.kind}.${change}`, alertView({ ...alert, resolvedAtMs }));
  };
  const alerts = createAlerts({
    sink: store.alerts,
    now: clock.now,
    newId: () => newId("alert", clock.now()),
    onError,
    announce,
    ...inBackground,
  });
  return { alerts, deliver, dispatcher, sealer, allowPrivate };
}
