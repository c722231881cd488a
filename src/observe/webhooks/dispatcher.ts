// The dispatcher: queues what operators asked to be told of and delivers it, again and again until it is taken or given up.
import type { Log } from "../log.ts";
import type { Deliver, Delivery } from "./deliver.ts";
import type { ClaimedDelivery, Endpoint, OutgoingEvent, TryEnd, WebhookQueue } from "./queue.ts";

export interface DispatcherOptions {
  readonly queue: WebhookQueue;
  readonly deliver: Deliver;
  /** Opens a sealed signing secret of a webhook. */
  open(sealed: Uint8Array, webhookId: string): string;
  now(): number;
  /** From 0 to 1. */
  random(): number;
  newId(prefix: string): string;
  readonly log: Log;
  /** Told of a webhook that gives up or is given up, and of one that takes events again. */
  onTrouble(webhookId: string, message: string): void;
  onRecovered(webhookId: string): void;
  onError(error: unknown): void;
  /** Told of work that nobody waits for, where the runtime must be asked to let it end. */
  readonly outlast?: (work: Promise<void>) => void;
}

export interface Dispatcher {
  /**
   * Queues an event for whoever wants its type, and begins to deliver it. Where the queue can't be written (the disk is full), it is
   * sent at once and once, so that the very trouble can be told of. Never rejects.
   */
  publish(type: string, data: unknown): Promise<void>;
  /** Sends an event to one webhook at once, without the queue. Resolves to what its receiver said. */
  tryOut(endpoint: Endpoint, type: string, data: unknown): Promise<Delivery>;
  /** Delivers what is due; resolves when nothing is left. To be called every second, and after a start. Never rejects. */
  run(): Promise<void>;
  /** Begins no more deliveries. Resolves when what became of those under way is noted. */
  close(): Promise<void>;
}

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
/** The waits between tries; after the last one, some two days in all, a delivery is a dead letter. */
export const retryWaitsMs = [
  5 * seconds,
  30 * seconds,
  2 * minutes,
  10 * minutes,
  30 * minutes,
  1 * hours,
  3 * hours,
  6 * hours,
  12 * hours,
  24 * hours,
] as const;
/** A wait is up to this much longer or shorter, so that what failed together does not come together again. */
const jitter = 0.2;
/** Longer than any try takes: what a dead process has claimed is taken up after it. */
const leaseMs = 60 * seconds;
const atOnce = 20;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { queue, deliver, open, now, newId, log, onTrouble, onRecovered, onError, outlast } = options;
  let running: Promise<void> | null = null;
  /** Something became due while the last look was under way. */
  let again = false;
  let closed = false;

  const run = (): Promise<void> => {
    if (closed) return Promise.resolve();
    if (running !== null) {
      again = true;
      return running;
    }
    running = deliverDue()
      .catch(onError)
      .finally(() => {
        running = null;
      });
    outlast?.(running);
    return running;
  };

  async function deliverDue(): Promise<void> {
    for (;;) {
      again = false;
      const claimed = await queue.claim(now(), now() + leaseMs, atOnce);
      await Promise.all(claimed.map(deliverOne));
      if (closed || (claimed.length === 0 && !again)) return;
    }
  }

  async function deliverOne(one: ClaimedDelivery): Promise<void> {
    const { endpoint, event, tries } = one;
    try {
      const ended = await deliver(endpoint.url, secretsOf(endpoint), event);
      await queue.settle(one.id, endOf(ended, tries));
      await follow(endpoint, ended, tries);
    } catch (error) {
      // Its claim runs out, and it is tried again.
      onError(error);
    }
  }

  /** What a try says of the webhook itself. */
  async function follow({ id }: Endpoint, ended: Delivery, tries: number): Promise<void> {
    if (ended.kind === "delivered") return onRecovered(id);
    log.warn("a webhook was not delivered", { webhook: id, attempts: tries, why: ended.reason });
    if (ended.gone) {
      await queue.disable(id, ended.reason, now());
      onTrouble(id, `The receiver of webhook ${id} wants no more events (410). It is disabled.`);
    } else if (tries > retryWaitsMs.length) {
      onTrouble(id, `An event was given up for webhook ${id}: ${ended.reason}. It is among its dead deliveries.`);
    }
  }

  function endOf(ended: Delivery, tries: number): TryEnd {
    const atMs = now();
    if (ended.kind === "delivered") {
      return { state: "delivered", nextAtMs: null, status: ended.status, reason: null, atMs };
    }
    const { status, reason, gone, retryAfterMs } = ended;
    const wait = retryWaitsMs[tries - 1];
    if (gone || wait === undefined) return { state: "dead", nextAtMs: null, status, reason, atMs };
    const jittered = wait * (1 - jitter + 2 * jitter * options.random());
    return {
      state: "pending",
      nextAtMs: Math.round(atMs + Math.max(jittered, retryAfterMs ?? 0)),
      status,
      reason,
      atMs,
    };
  }

  function secretsOf({ id, sealedSecret, previousSealedSecret, previousUntilMs }: Endpoint): string[] {
    const secrets = [open(sealedSecret, id)];
    if (previousSealedSecret !== null && previousUntilMs !== null && previousUntilMs > now()) {
      secrets.push(open(previousSealedSecret, id));
    }
    return secrets;
  }

  /** An event in the envelope that the specification recommends: its type, when it happened, and what it is about. */
  function eventOf(type: string, data: unknown): OutgoingEvent {
    const atMs = now();
    const body = JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
    return { id: newId("evt"), type, body, atMs };
  }

  async function put(event: OutgoingEvent, wanting: readonly Endpoint[]): Promise<void> {
    const refused = await queue.put(
      event,
      wanting.map(({ id: webhookId }) => ({ id: newId("whd"), webhookId })),
    );
    for (const id of refused) onTrouble(id, `Webhook ${id} has too many events waiting: new ones are not kept for it.`);
  }

  return {
    async publish(type, data) {
      try {
        const event = eventOf(type, data);
        const wanting = await queue.wanting(type);
        if (wanting.length === 0) return;
        try {
          await put(event, wanting);
        } catch (error) {
          onError(error);
          await Promise.all(wanting.map((endpoint) => deliver(endpoint.url, secretsOf(endpoint), event)));
          return;
        }
        void run();
      } catch (error) {
        onError(error);
      }
    },
    tryOut: (endpoint, type, data) => deliver(endpoint.url, secretsOf(endpoint), eventOf(type, data)),
    run,
    async close() {
      closed = true;
      await running;
    },
  };
}
