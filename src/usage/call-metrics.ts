// What metrics tell of calls: counted when they begin and when they are settled, without any label that a customer chooses.
import { totalInput, totalOutput } from "../../providers/dialects/usage.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { OpenCall, Settlement } from "../store/port.ts";

export interface CallMetrics {
  opened(call: Pick<OpenCall, "id" | "operation">): void;
  settled(settlement: Settlement): void;
}

/** Seconds. Answers of models take from a tenth of one to minutes. */
const durations = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const firstTokens = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6];
const nanosPerDollar = 1e9;

export function createCallMetrics(metrics: Metrics): CallMetrics {
  /** Operations of calls under way, by their ids. */
  const underway = new Map<string, string>();
  const calls = metrics.counter("turnpike_calls_total", "Calls that were admitted and are settled.", [
    "operation",
    "provider",
    "status",
    "outcome",
  ]);
  const duration = metrics.histogram(
    "turnpike_call_duration_seconds",
    "From a call's arrival to its settlement.",
    ["operation", "provider"],
    durations,
  );
  const ttft = metrics.histogram(
    "turnpike_time_to_first_token_seconds",
    "From an attempt's start to its first content.",
    ["operation", "provider"],
    firstTokens,
  );
  const tokens = metrics.counter("turnpike_tokens_total", "Tokens of settled calls, cached and reasoning included.", [
    "provider",
    "direction",
  ]);
  const cost = metrics.counter("turnpike_cost_usd_total", "What settled calls cost, dollars.", ["provider"]);
  const unpriced = metrics.counter("turnpike_unpriced_calls_total", "Calls whose price is not known.", ["provider"]);
  const attempts = metrics.counter("turnpike_attempts_total", "Tries at providers, by how they ended.", [
    "provider",
    "result",
  ]);
  const failovers = metrics.counter("turnpike_failovers_total", "Calls that another deployment answered.", []);
  metrics.gauge("turnpike_calls_in_flight", "Calls that are admitted and not settled.", [], () => [
    { labels: [], value: underway.size },
  ]);
  return {
    opened({ id, operation }) {
      underway.set(id, operation);
    },
    settled(settlement) {
      const { id, provider: served, httpStatus, outcome, usage, costNanos } = settlement;
      const operation = underway.get(id) ?? "unknown";
      underway.delete(id);
      const provider = served ?? "none";
      calls.add([operation, provider, httpStatus === null ? "none" : String(httpStatus), outcome]);
      duration.observe([operation, provider], settlement.durationMs / 1_000);
      if (settlement.ttftMs !== null) ttft.observe([operation, provider], settlement.ttftMs / 1_000);
      if (usage !== null) {
        tokens.add([provider, "input"], totalInput(usage));
        tokens.add([provider, "output"], totalOutput(usage));
      }
      if (costNanos === null) unpriced.add([provider]);
      else if (costNanos > 0n) cost.add([provider], Number(costNanos) / nanosPerDollar);
      for (const { provider: tried, result } of settlement.attempts) attempts.add([tried, result]);
      if (outcome === "completed" && settlement.attempts.length > 1) failovers.add([]);
    },
  };
}
