// Observing: what is counted as calls go by, for metrics and for who looks for misuse. The same way for every runtime.
import type { Clock } from "./clock.ts";
import type { CallJournal } from "./gateway/admit.ts";
import type { Digest } from "./keys/digest.ts";
import { networkOf } from "./limits/addresses.ts";
import { type CallWatch, createCallWatch } from "./observe/call-watch.ts";
import { createMetrics, type Metrics, type Reading } from "./observe/metrics.ts";
import { createNetworkWatch } from "./observe/networks.ts";
import { createRefusalCounter } from "./observe/refusals.ts";
import type { Measures } from "./router/measures.ts";
import type { Store } from "./store/port.ts";
import { createCallMetrics } from "./usage/call-metrics.ts";

export interface ObservingOptions {
  readonly store: Pick<Store, "refusals" | "networks">;
  readonly measures: Measures;
  readonly digest: Digest;
  readonly clock: Clock;
}

export interface Observing {
  readonly metrics: Metrics;
  readonly watch: CallWatch;
  /** The journal, counted. */
  journal(of: CallJournal): CallJournal;
  /** Writes what was counted. Rejects when the database does not take it. */
  flush(): Promise<void>;
}

export function createObserving({ store, measures, digest, clock }: ObservingOptions): Observing {
  const metrics = createMetrics();
  const calls = createCallMetrics(metrics);
  const refusals = createRefusalCounter({ add: (rows) => store.refusals.add(rows) });
  const networks = createNetworkWatch({
    nameOf: (address) => digest(networkOf(address)).slice(0, 24),
    note: (uses) => store.networks.note(uses),
  });
  const refused = metrics.counter(
    "turnpike_refused_calls_total",
    "Calls that were refused before they cost anything.",
    ["code"],
  );
  metrics.gauge(
    "turnpike_deployments",
    "Deployments that were called, by the state of their breakers.",
    ["provider", "state"],
    () => breakersOf(measures, clock.now()),
  );
  return {
    metrics,
    watch: createCallWatch({ refusals, networks, refused, now: clock.now }),
    journal: (of) => ({
      get healthy() {
        return of.healthy;
      },
      get behind() {
        return of.behind;
      },
      open(call) {
        of.open(call);
        calls.opened(call);
      },
      written: (then) => of.written(then),
      opened: (id) => of.opened(id),
      settle(settlement) {
        of.settle(settlement);
        calls.settled(settlement);
      },
    }),
    async flush() {
      await Promise.all([refusals.flush(), networks.flush()]);
    },
  };
}

function breakersOf(measures: Measures, nowMs: number): Reading[] {
  const counts = new Map<string, number>();
  for (const [id, { breaker }] of measures.deployments()) {
    // Ids are `<connection>/<model>`, and a connection's `<provider>` or `<provider>#<nth>`.
    const provider = /^[^/#]*/.exec(id)?.[0] ?? "";
    const name = `${provider} ${breaker.state(nowMs)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, value]) => ({ labels: name.split(" "), value }));
}
