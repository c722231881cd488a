// The router in a simulated world: eight deployments of one model that drift, fail, hang, refuse and slow down. The clock is
// the simulation's, and every draw comes from a seed, so that the figures are the same on every machine.
import { describe, expect, test } from "vitest";
import { reaction, report } from "../bench/router/report.ts";
import { simulate } from "../bench/router/simulate.ts";
import { cheapest, lowestLatency, oracle, randomly, roundRobin, turnpike } from "../bench/router/strategies.ts";
import { type Site, sites } from "../bench/router/world.ts";

const minute = 60_000;

describe.each([{ seed: 7 }, { seed: 21 }])("balanced routing of 70,000 calls (seed $seed)", ({ seed }) => {
  const options = { calls: 70_000, perSecond: 20, seed };
  const known = simulate(oracle, options);
  const results = simulate(turnpike(seed), options);
  const told = report(results, known);

  test("answers 99.99 % of them, although no deployment but one is sound all the time", () => {
    expect(told.successShare).toBeGreaterThanOrEqual(0.9999);
  });

  test("costs and takes at most 10 % more than an oracle would", () => {
    expect(told.costTimesLatency / report(known, known).costTimesLatency).toBeLessThanOrEqual(1.1);
    expect(told.regret).toBeLessThanOrEqual(0.1);
  });

  test("leaves a deployment that is refused or silent within 5 calls or a second", () => {
    for (const [fromMs, toMs] of [
      [15 * minute, 20 * minute],
      [50 * minute, 54 * minute],
    ] as const) {
      const gone = reaction(results, { site: "outage", fromMs, toMs });
      expect(gone.calls <= 5 || gone.ms <= 1_000, JSON.stringify(gone)).toBe(true);
    }
  });

  test("does better than every strategy that measures nothing, or one thing", () => {
    for (const make of [roundRobin(), randomly(seed), cheapest, lowestLatency()]) {
      const other = report(simulate(make, options), known);
      expect(told.regret).toBeLessThan(other.regret / 4);
    }
  });
});

describe("when every deployment is down", () => {
  const down = sites.map(
    (site): Site => ({
      ...site,
      truth: () => ({ ttftMs: 400, tokensPerSecond: 90, errors: 1, failAfterMs: 50, hangs: false }),
    }),
  );
  const results = simulate(turnpike(3), { calls: 20_000, perSecond: 20, seed: 3 }, down);

  test("no call makes more attempts than it may", () => {
    expect(Math.max(...results.map(({ attempts }) => attempts))).toBeLessThanOrEqual(3);
  });

  test("breakers cut the attempts to fewer than one in ten calls", () => {
    const steady = results.filter(({ atMs }) => atMs > minute);
    expect(steady.length).toBeGreaterThan(10_000);
    const attempts = steady.reduce((sum, one) => sum + one.attempts, 0);
    expect(attempts / steady.length).toBeLessThan(0.1);
    expect(attempts, "and still try now and then whether one is back").toBeGreaterThan(0);
  });
});
