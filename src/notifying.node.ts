// Notifying on Node: what is due is delivered every second, and what was due when the last run ended.
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createNotifying, deliveryTimeoutMs, type Notifying } from "./notifying.ts";
import type { Log } from "./observe/log.ts";
import { undiciPost } from "./observe/webhooks/post.undici.ts";
import type { Store } from "./store/port.ts";

export interface NodeNotifying extends Notifying {
  /** Ends deliveries; what is not delivered is the next run's. */
  close(): Promise<void>;
}

export interface NodeNotifyingOptions {
  readonly store: Store;
  readonly masterKey: Uint8Array;
  readonly config: Pick<Config, "webhooksPrivate">;
  readonly clock: Clock;
  readonly log: Log;
  onError(error: unknown): void;
}

const everyMs = 1_000;
const sweepEveryMs = 60 * 60 * 1_000;

export function notifyOnNode({ config, ...options }: NodeNotifyingOptions): NodeNotifying {
  const { store, clock, onError } = options;
  const allowPrivate = config.webhooksPrivate;
  const { post, close } = undiciPost({ allowPrivate, timeoutMs: deliveryTimeoutMs });
  const notifying = createNotifying({ ...options, allowPrivate, post });
  const run = setInterval(() => void notifying.dispatcher.run(), everyMs).unref();
  const sweep = setInterval(() => void store.webhooks.sweep(clock.now()).catch(onError), sweepEveryMs).unref();
  return {
    ...notifying,
    async close() {
      clearInterval(run);
      clearInterval(sweep);
      await notifying.alerts.flush();
      const ended = notifying.dispatcher.close();
      // What is under way fails by it, and is tried again by the next run.
      await close();
      await ended;
    },
  };
}
