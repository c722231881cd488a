// The journal in a Worker: a call's records go to the database at once, each from its own request, which is kept alive for them.
import type { Clock } from "../clock.ts";
import type { CallStore, OpenCall, Settlement } from "../store/port.ts";

export interface WorkerJournalOptions {
  readonly calls: CallStore;
  readonly clock: Clock;
  /** Keeps the current request's context alive until the promise is settled. */
  waitUntil(promise: Promise<unknown>): void;
  /** Told of records that could not be written. */
  onError(error: unknown): void;
}

/** How long nothing is admitted after a record could not be written. */
const pauseMs = 5_000;
/** Waits between the tries to write a settlement. After the last one, the call is left to recovery. */
const retryAfterMs = [100, 1_000, 5_000];

interface Entry {
  readonly call: OpenCall;
  /** Resolves when the admission is written, or could not be. */
  opened: Promise<void> | null;
  durable: boolean;
  /** Lets the request go: all that there is to write is written. */
  readonly release: () => void;
}

/**
 * A journal without a group and without a timer, since neither may outlive the request that made it. Where a client
 * leaves, the platform drops the request at once: an open entry holds it until the call has been settled.
 */
export function workerJournal({ calls, clock, waitUntil, onError }: WorkerJournalOptions) {
  const entries = new Map<string, Entry>();
  let failedAt = Number.NEGATIVE_INFINITY;

  async function write(batch: Parameters<CallStore["append"]>[0]): Promise<boolean> {
    try {
      await calls.append(batch);
      return true;
    } catch (error) {
      failedAt = clock.monotonic();
      onError(error);
      return false;
    }
  }

  async function writeSettlement(entry: Entry, settlement: Settlement): Promise<void> {
    await entry.opened;
    const batch = { opened: entry.durable ? [] : [entry.call], settled: [settlement] };
    for (const waitMs of [...retryAfterMs, null]) {
      if ((await write(batch)) || waitMs === null) return;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  return {
    /** There is no log: an answer's end waits for the database (see `opened`). */
    written(then: (kept: boolean) => void): void {
      then(true);
    },
    get healthy(): boolean {
      return clock.monotonic() - failedAt > pauseMs;
    },
    get behind(): boolean {
      return clock.monotonic() - failedAt <= pauseMs;
    },
    open(call: OpenCall): void {
      const settled = Promise.withResolvers<void>();
      waitUntil(settled.promise);
      const entry: Entry = { call, opened: null, durable: false, release: settled.resolve };
      entries.set(call.id, entry);
      entry.opened = write({ opened: [call], settled: [] }).then((written) => {
        entry.durable = written;
        entry.opened = null;
      });
    },
    /** As `CallJournal.opened`. It resolves too when the record could not be written: the settlement then brings it along. */
    opened(id: string): Promise<void> | null {
      return entries.get(id)?.opened ?? null;
    },
    settle(settlement: Settlement): void {
      const entry = entries.get(settlement.id);
      if (entry === undefined) return;
      entries.delete(settlement.id);
      void writeSettlement(entry, settlement).finally(entry.release);
    },
  };
}
