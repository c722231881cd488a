// Observing on Node: what the process itself tells, and what was counted written every few seconds.
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Alerts } from "./observe/alerts.ts";
import { createObserving, type Observing, type ObservingOptions } from "./observing.ts";
import type { Journal } from "./usage/journal.ts";

export interface NodeObserving extends Observing {
  /** Tells of what waits to be recorded, and raises an alert while too much does. */
  followJournal(journal: Pick<Journal, "queued" | "healthy" | "behind">, alerts: Alerts): void;
  /** Stops, and writes what was counted. */
  close(): Promise<void>;
}

const flushMs = 5_000;
const tickMs = 20;
const nanosPerSecond = 1e9;

export function observeOnNode({
  onError,
  ...options
}: ObservingOptions & { onError(error: unknown): void }): NodeObserving {
  const observing = createObserving(options);
  const { metrics } = observing;
  const delay = monitorEventLoopDelay({ resolution: tickMs });
  delay.enable();
  metrics.gauge(
    "turnpike_event_loop_delay_seconds",
    "How late the event loop was since the last scrape.",
    ["quantile"],
    () => {
      const readings = [0.5, 0.99, 1].map((quantile) => ({
        labels: [String(quantile)],
        // It measures how long its own ticks take, which are no delay where they come in time.
        value: Math.max(
          0,
          (quantile === 1 ? delay.max : delay.percentile(quantile * 100)) / nanosPerSecond - tickMs / 1_000,
        ),
      }));
      delay.reset();
      return readings;
    },
  );
  metrics.gauge("process_resident_memory_bytes", "Resident memory of this process.", [], () => [
    { labels: [], value: process.memoryUsage.rss() },
  ]);
  metrics.gauge("nodejs_heap_used_bytes", "Memory that JavaScript uses.", [], () => [
    { labels: [], value: process.memoryUsage().heapUsed },
  ]);
  metrics.gauge("process_start_time_seconds", "When this process started, seconds since 1970.", [], () => [
    { labels: [], value: Math.round(Date.now() / 1_000 - process.uptime()) },
  ]);
  const timer = setInterval(() => void observing.flush().catch(onError), flushMs).unref();
  let stopFollowing = (): void => {};
  return {
    ...observing,
    followJournal(journal, alerts) {
      metrics.gauge("turnpike_journal_queue", "Records of calls that the database does not have yet.", [], () => [
        { labels: [], value: journal.queued },
      ]);
      stopFollowing = watchJournal(journal, alerts);
    },
    async close() {
      stopFollowing();
      clearInterval(timer);
      delay.disable();
      await observing.flush().catch(onError);
    },
  };
}

const journalBehind = "journal_behind";
const lookMs = 2_000;

/** Looks every two seconds: raised once when records wait too long, over when they do no more. */
function watchJournal(journal: Pick<Journal, "queued" | "healthy" | "behind">, alerts: Alerts): () => void {
  let told = false;
  const timer = setInterval(() => {
    const wrong = journal.behind || !journal.healthy;
    if (wrong === told) return;
    told = wrong;
    if (!wrong) return alerts.resolve(journalBehind, "calls");
    const then = journal.healthy
      ? "Calls under hard budgets are refused until it does."
      : "All calls are refused until it does.";
    alerts.raise(
      journalBehind,
      "calls",
      `The database does not take the records of calls: ${journal.queued} wait. ${then}`,
    );
  }, lookMs).unref();
  return () => clearInterval(timer);
}
