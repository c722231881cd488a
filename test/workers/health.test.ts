// What one worker finds out about a provider, others go by; what all have counted is shown together.
import { beforeEach, describe, expect, test } from "vitest";
import { openai } from "../../providers/openai.ts";
import { breakerDefaults } from "../../src/router/breaker.ts";
import type { Deployment } from "../../src/router/deployment.ts";
import { Measures } from "../../src/router/measures.ts";
import { mergeSnapshots } from "../../src/router/snapshot.ts";
import type { Connection } from "../../src/vault/credentials.ts";
import { type HealthWatch, takeCensus, watchHealth } from "../../src/workers/health.ts";

const connection: Connection = { id: "openai", provider: openai, secret: null, baseUrl: "https://api.example.test" };
const connections = new Map([[connection.id, connection]]);
const deployment: Deployment = { connection, model: "gpt-4o-mini", facts: null, traits: {} };
const failure = { kind: "server", message: "it broke", retryAfterMs: null } as never;
const now = 1_000_000;

interface Process {
  readonly measures: Measures;
  readonly watch: HealthWatch;
}

function startProcess(): Process {
  const measures = new Measures(breakerDefaults, () => 0.5);
  return { measures, watch: watchHealth({ measures, connections: { current: () => connections } }) };
}

let one: Process;
let other: Process;

beforeEach(() => {
  one = startProcess();
  other = startProcess();
});

const statisticsAt = ({ measures }: Process) => measures.ofDeployment(deployment);

function fail(at: Process, times: number, atMs = now): void {
  for (let time = 0; time < times; time++) {
    const statistics = statisticsAt(at);
    statistics.failed(statistics.begin(atMs, 1_000), failure, atMs);
  }
}

/** What one has found out is told to the other. */
function share(from: Process, to: Process): void {
  const health = from.watch.changes();
  if (health !== null) to.watch.adopt(JSON.parse(JSON.stringify(health)));
}

describe("a breaker that opens in one worker", () => {
  test("is open in the other for as long, and closes there when its probe succeeds here", () => {
    fail(one, 5);
    share(one, other);
    expect(statisticsAt(other).breaker.state(now)).toBe("open");
    expect(statisticsAt(other).breaker.openUntilMs).toBe(statisticsAt(one).breaker.openUntilMs);
    const later = (statisticsAt(one).breaker.openUntilMs ?? 0) + 1;
    const probe = statisticsAt(one).begin(later, 1_000);
    statisticsAt(one).succeeded(probe, { ttftMs: 10, durationMs: 20, outputTokens: 10 }, later);
    share(one, other);
    expect(statisticsAt(other).breaker.state(now)).toBe("closed");
  });

  test("is not told back by whoever was told", () => {
    fail(one, 5);
    share(one, other);
    expect(other.watch.changes()).toBeNull();
    expect(one.watch.changes()).toBeNull();
  });

  test("is known to a worker that begins later", () => {
    fail(one, 5);
    const later = startProcess();
    later.watch.adopt(one.watch.present());
    expect(statisticsAt(later).breaker.state(now)).toBe("open");
  });

  test("is not closed by a worker that has only counted something", () => {
    fail(one, 5);
    fail(other, 1);
    share(other, one);
    expect(other.watch.counts(now)).not.toBeNull();
    expect(statisticsAt(one).breaker.state(now)).toBe("open");
  });
});

test("a refused credential and a provider's wish to be left alone are the other's too", () => {
  one.measures.ofCredential(connection).refused("authentication", now);
  statisticsAt(one).headroom.refused(5_000, now);
  share(one, other);
  expect(other.measures.ofCredential(connection)).toMatchObject({
    trouble: "authentication",
    pausedUntilMs: now + 30_000,
  });
  expect(statisticsAt(other).headroom.pausedUntilMs).toBe(now + 5_000);
  one.measures.ofCredential(connection).accepted();
  share(one, other);
  expect(other.measures.ofCredential(connection)).toMatchObject({ trouble: null, pausedUntilMs: 0 });
});

test("what workers have counted is shown together, that of a dead one included", () => {
  const keeper = startProcess();
  const census = takeCensus({ measures: keeper.measures, connections: { current: () => connections } });
  fail(one, 3);
  fail(other, 1, now + 5);
  statisticsAt(other).begin(now + 6, 1_000);
  for (const [number, { watch }] of [one, other].entries()) census.count(number, watch.counts(now + 10) ?? []);
  expect(statisticsAt(keeper)).toMatchObject({ attempts: 5, failures: 4, inFlight: 1, lastUsedAtMs: now + 6 });
  census.leave(1);
  expect(statisticsAt(keeper)).toMatchObject({ attempts: 5, failures: 4, inFlight: 0 });
  expect(one.watch.counts(now + 20), "nothing new").toBeNull();
});

test("times that two workers have measured are one after a restart, and weigh no more than each", () => {
  for (const [{ measures }, ttftMs] of [
    [one, 100],
    [other, 300],
  ] as const) {
    const statistics = measures.ofDeployment(deployment);
    for (let time = 0; time < 50; time++) {
      statistics.succeeded(statistics.begin(now, 1_000), { ttftMs, durationMs: 2 * ttftMs, outputTokens: 20 }, now);
    }
  }
  const next = startProcess();
  next.measures.restore(mergeSnapshots([one.measures.snapshot(now), other.measures.snapshot(now)]));
  const { timing } = statisticsAt(next);
  expect(timing.measurements(now)).toBeCloseTo(statisticsAt(one).timing.measurements(now), 0);
  expect(timing.ttftQuantile(0.1)).toBeCloseTo(100, -2);
  expect(timing.ttftQuantile(0.9)).toBeGreaterThan(250);
});
