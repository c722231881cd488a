// Exporting: entries go to a receiver in their order, each at least once, and how far it has come is kept in the database.
import type { AuditRow, AuditStore, DeadLetter } from "../../store/port-audit.ts";

/** Where entries go. */
export interface Sink {
  /**
   * Delivers entries in their order, as far as it can.
   * @throws Error when not even the first one has arrived for sure; what has arrived all the same is sent again.
   */
  send(rows: readonly AuditRow[]): Promise<Sent>;
  close(): Promise<void>;
}

export interface Sent {
  /** The last entry that has arrived, with all before it. */
  readonly through: number;
  /** Those among them that the receiver will never take, and why. */
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
}

export interface ExporterOptions {
  readonly name: string;
  readonly type: string;
  readonly sink: Sink;
  readonly store: Pick<AuditStore, "scan" | "cursors" | "delivered" | "end">;
  now(): number;
  /** Told when deliveries have failed for a while, and (null) when they work again. */
  onTrouble(trouble: string | null): void;
  /** How many entries are sent together, at most. */
  readonly batch?: number;
  /** How often it is looked for new entries. */
  readonly everyMs?: number;
  /** The first wait after a failure; it doubles up to a minute. */
  readonly retryMs?: number;
}

/** As `GET /admin/v1/audit/exporters` shows it. */
export interface ExporterStatus {
  readonly name: string;
  readonly type: string;
  /** The last entry that has arrived; 0 for none. */
  readonly delivered_seq: number;
  readonly delivered_at: string | null;
  /** Entries that have not arrived yet. */
  readonly lag: number;
  readonly failures: number;
  readonly last_error: string | null;
}

export interface Exporter {
  status(): Promise<ExporterStatus>;
  /** Stops after the delivery that is under way; resolves when it has. */
  close(): Promise<void>;
}

const longestWaitMs = 60_000;
/** So many failures in a row are told of. */
const troubling = 3;

/** Begins at once, where it stopped the last time; an exporter that is new begins with the first entry that there is. */
export function runExporter(options: ExporterOptions): Exporter {
  const { name, type, sink, store, now, onTrouble, batch = 200, everyMs = 1_000, retryMs = 1_000 } = options;
  let stopping = false;
  let wake: () => void = () => {};
  let failures = 0;
  let lastError: string | null = null;

  const cursor = async () => (await store.cursors()).find((one) => one.name === name) ?? null;

  /** Sends what is next. Whether there may be more. */
  async function step(): Promise<boolean> {
    const rows = await store.scan((await cursor())?.seq ?? 0, batch);
    const last = rows.at(-1);
    if (last === undefined) return false;
    const { through, refused } = await sink.send(rows);
    const dead = refused.map((one): DeadLetter => ({ ...one, exporter: name, atMs: now() }));
    await store.delivered({ name, seq: through, deliveredAtMs: now() }, dead);
    return through < last.seq || rows.length === batch;
  }

  async function run(): Promise<void> {
    while (!stopping) {
      let waitMs = everyMs;
      try {
        if (await step()) waitMs = 0;
        if (failures >= troubling) onTrouble(null);
        failures = 0;
        lastError = null;
      } catch (error) {
        failures++;
        lastError = error instanceof Error ? error.message : String(error);
        if (failures === troubling) onTrouble(lastError);
        waitMs = Math.min(longestWaitMs, retryMs * 2 ** (failures - 1));
      }
      if (!stopping) await pause(waitMs);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      (timer as { unref?: () => void }).unref?.();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const running = run();
  return {
    async status() {
      const at = await cursor();
      const { last } = await store.end();
      return {
        name,
        type,
        delivered_seq: at?.seq ?? 0,
        delivered_at: at === null ? null : new Date(at.deliveredAtMs).toISOString(),
        lag: Math.max(0, (last?.seq ?? 0) - (at?.seq ?? 0)),
        failures,
        last_error: lastError,
      };
    },
    async close() {
      stopping = true;
      wake();
      await running;
      await sink.close();
    },
  };
}
