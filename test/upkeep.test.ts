// What one run leaves to the next: measurements, and alerts that are open. Over a real database, on the test's clock.
import { beforeEach, describe, expect, test } from "vitest";
import { failed } from "../src/gateway/readers.ts";
import { createAlerts } from "../src/observe/alerts.ts";
import type { Log } from "../src/observe/log.ts";
import type { MeasuresSnapshot } from "../src/router/measures.ts";
import type { Step } from "../src/router/plan.ts";
import { readSnapshot, writeSnapshot } from "../src/router/snapshot.ts";
import type { Store } from "../src/store/port.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import { createUpkeep, type Upkeep } from "../src/upkeep.ts";
import { row, type World, world } from "./router/planning.ts";

const [minute, day] = [60_000, 24 * 60 * 60_000];
let store: Store;
let warnings: string[];
let ids = 0;

beforeEach(async () => {
  store = await openSqlite(":memory:");
  warnings = [];
});

interface Run extends World {
  readonly upkeep: Upkeep;
}

/** A run of a gateway that begins at this time, on what the last one left. */
async function run(atMs: number, providers: readonly string[] = ["alpha", "beta"]): Promise<Run> {
  const of = world(providers.map((id, at) => row(id, `${at + 1}`)));
  of.clock.nowMs = atMs;
  const log: Log = { debug() {}, info() {}, warn: (event) => warnings.push(event), error() {} };
  const clock = { now: () => of.clock.nowMs, monotonic: () => of.clock.nowMs };
  const fail = (error: unknown): never => {
    throw error;
  };
  const alerts = createAlerts({ sink: store.alerts, now: clock.now, newId: () => `alert_${ids++}`, onError: fail });
  const { measures } = of.router;
  const upkeep = createUpkeep({ measures, connections: of.serving.connections, alerts, store, clock, log });
  await upkeep.begin();
  return { ...of, upkeep };
}

const stepOf = (of: World, provider: string): Step => {
  const step = of.plan().steps.find(({ deployment }) => deployment.connection.id === provider);
  if (step === undefined) throw new Error(`${provider} is not planned`);
  return step;
};
const alertsOpen = async () =>
  (await store.alerts.list({ open: true, limit: 10 })).data.map((one) => [one.kind, one.subject]);
const at = Date.UTC(2026, 10, 24, 12);

describe("measurements", () => {
  test("survive a restart, with the times of each provider and of each model", async () => {
    const first = await run(at);
    first.answered("alpha", { ttftMs: 5_000, tokensPerSecond: 10 });
    first.answered("beta", { ttftMs: 100, tokensPerSecond: 200 });
    expect(first.order()[0]).toBe("beta");
    await first.upkeep.tend();
    const second = await run(first.clock.nowMs + minute);
    expect(second.order()[0]).toBe("beta");
    const { score } = stepOf(second, "alpha");
    expect(score.measurements).toBeGreaterThan(10);
    expect(score.ttftMs).toBeGreaterThan(4_000);
  });

  test("are written when something was measured, and not again until something else is", async () => {
    const first = await run(at);
    await first.upkeep.tend();
    expect(await store.snapshots.load("measures")).toBeNull();
    first.answered("alpha", { ttftMs: 100, tokensPerSecond: 10, calls: 1 });
    await first.upkeep.tend();
    const saved = await store.snapshots.load("measures");
    first.clock.nowMs += minute;
    await first.upkeep.tend();
    expect(await store.snapshots.load("measures")).toEqual(saved);
  });

  test("of deployments that a run does not ask are carried on for a week, and no longer", async () => {
    const first = await run(at, ["alpha", "beta"]);
    first.answered("alpha", { ttftMs: 100, tokensPerSecond: 10 });
    await first.upkeep.tend();
    let last = first;
    for (let days = 1; days <= 8; days++) {
      last = await run(at + days * day, ["beta"]);
      last.answered("beta", { ttftMs: 100, tokensPerSecond: 10 });
      await last.upkeep.tend();
      const saved = JSON.parse((await store.snapshots.load("measures"))?.value ?? "") as MeasuresSnapshot;
      expect(Object.keys(saved.timings).toSorted()).toEqual(days < 7 ? ["alpha/model", "beta/model"] : ["beta/model"]);
    }
  });

  test.each([
    ["no JSON", "{"],
    ["another version", JSON.stringify({ version: 2, timings: {}, models: {} })],
    ["weights that are no numbers", damaged((timing) => (timing.ttft.weights = [[3, null]]))],
    ["weights below nothing", damaged((timing) => (timing.ttft.weights = [[3, -1]]))],
    ["a list instead of an object", "[]"],
    ["nothing", "null"],
  ])("that were damaged (%s) are left aside with a warning", async (_what, value) => {
    await store.snapshots.save("measures", { value, savedAtMs: at });
    const next = await run(at);
    expect(warnings).toHaveLength(1);
    expect(next.plan().steps).toHaveLength(2);
  });

  test("from a time to come, and older than a week, are not believed", () => {
    const from = (atMs: number) => {
      const quantiles = { weights: [[10, 5]] as const, atMs };
      return writeSnapshot({
        version: 1,
        timings: { x: { ttft: quantiles, token: quantiles } },
        models: { m: [1, 1, 1, atMs] },
      });
    };
    const kept = (text: string) => {
      const read = readSnapshot(text, at);
      return [Object.keys(read?.timings ?? {}), Object.keys(read?.models ?? {})];
    };
    expect(kept(from(at))).toEqual([["x"], ["m"]]);
    expect(kept(from(at + 1_000))).toEqual([[], []]);
    expect(kept(from(at - 8 * day))).toEqual([[], []]);
  });

  test("are at most a million characters, the latest of them", () => {
    const weights = Array.from({ length: 40 }, (_, bucket) => [bucket, 1.23] as const);
    const timings = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, age) => {
        const quantiles = { weights, atMs: at - age };
        return [`provider/${age}`, { ttft: quantiles, token: quantiles }];
      }),
    );
    const text = writeSnapshot({ version: 1, timings, models: {} });
    expect(text.length).toBeLessThan(1_000_100);
    const names = Object.keys(readSnapshot(text, at)?.timings ?? {});
    expect(names.length).toBeGreaterThan(500);
    expect(names).toEqual(names.map((_, age) => `provider/${age}`));
  });

  test("survive callers who name their models after what every object has", async () => {
    const first = await run(at);
    first.answered("alpha", { ttftMs: 100, tokensPerSecond: 10 });
    await first.upkeep.tend();
    const second = await run(at + minute);
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(second.plan({ models: [`alpha/${name}`] }).steps).toHaveLength(1);
    }
  });
});

describe("a deployment that stays down", () => {
  /** Lets every probe of a deployment fail for so long. */
  const outage = (of: World, step: Step, forMs: number): void => {
    const endMs = of.clock.nowMs + forMs;
    for (; of.clock.nowMs < endMs; of.clock.nowMs += 500) {
      if (step.candidate.statistics.breaker.state(of.clock.nowMs) === "open") continue;
      of.router.failed(step, of.router.begin(step, true), failed("server", "no"));
    }
  };

  test("is told of after a minute, once, until it answers again", async () => {
    const of = await run(at);
    const alpha = stepOf(of, "alpha");
    outage(of, alpha, 40_000);
    await of.upkeep.tend();
    expect(await alertsOpen()).toEqual([]);
    outage(of, alpha, 80_000);
    await of.upkeep.tend();
    await of.upkeep.tend();
    expect(await alertsOpen()).toEqual([["deployment_down", "alpha/model"]]);
    expect((await store.alerts.list({ limit: 1 })).data[0]?.count).toBe(1);
    of.clock.nowMs += minute;
    of.answered("alpha", { ttftMs: 100, tokensPerSecond: 10, calls: 1 });
    await of.upkeep.tend();
    expect(await alertsOpen()).toEqual([]);
  });

  test("is told of no more when nobody has asked for it for a day, also one that an earlier run told of", async () => {
    const of = await run(at);
    outage(of, stepOf(of, "alpha"), 80_000);
    await of.upkeep.tend();
    of.clock.nowMs += day - minute;
    await of.upkeep.tend();
    expect(await alertsOpen()).toEqual([["deployment_down", "alpha/model"]]);
    const next = await run(of.clock.nowMs);
    await next.upkeep.tend();
    next.clock.nowMs += day;
    await next.upkeep.tend();
    await next.upkeep.tend();
    expect(await alertsOpen()).toEqual([]);
  });

  test("is still told of after a restart, until it answers, or can't be called any more", async () => {
    const first = await run(at);
    outage(first, stepOf(first, "alpha"), 3 * minute);
    await first.upkeep.tend();
    const second = await run(first.clock.nowMs);
    await second.upkeep.tend();
    expect(await alertsOpen()).toEqual([["deployment_down", "alpha/model"]]);
    second.answered("alpha", { ttftMs: 100, tokensPerSecond: 10, calls: 1 });
    await second.upkeep.tend();
    expect(await alertsOpen()).toEqual([]);

    outage(second, stepOf(second, "alpha"), 3 * minute);
    await second.upkeep.tend();
    expect(await alertsOpen()).toHaveLength(1);
    await (await run(second.clock.nowMs, ["beta"])).upkeep.tend();
    expect(await alertsOpen()).toEqual([]);
  });
});

function damaged(how: (timing: { ttft: { weights: unknown } }) => void): string {
  const quantiles = { weights: [[10, 5]], atMs: Date.UTC(2026, 10, 24, 11) };
  const timing = { ttft: { ...quantiles }, token: quantiles };
  how(timing);
  return JSON.stringify({ version: 1, timings: { "alpha/model": timing }, models: {} });
}
