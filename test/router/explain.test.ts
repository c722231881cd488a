import { describe, expect, test } from "vitest";
import { failed } from "../../src/gateway/readers.ts";
import { type ExplainedPlan, explainPlan, planHeader } from "../../src/router/explain.ts";
import type { Plan, Step } from "../../src/router/plan.ts";
import { row, start, type World, world } from "./planning.ts";

const explain = (of: World, plan: Plan): ExplainedPlan => explainPlan(plan, of.router.measures, of.clock.nowMs);

describe("an explained plan", () => {
  test("names each deployment in order, how much worse than the best it is, and what is expected of it", () => {
    const of = world([row("alpha", "1"), row("beta", "2"), row("unknown", null)], { random: () => 0.9 });
    of.answered("alpha", { ttftMs: 500, tokensPerSecond: 100 });
    of.answered("beta", { ttftMs: 500, tokensPerSecond: 100 });
    const { steps } = explain(of, of.plan({}, { sort: "price" }));
    expect(steps.map(({ credential }) => credential)).toEqual(["alpha", "beta", "unknown"]);
    // A price weighs 2 where it decides alone.
    expect(steps.map(({ score }) => score)).toEqual([1, 4, 9]);
    expect(steps[0]).toMatchObject({
      provider: "alpha",
      model: "model",
      canonical_model: "lab/model",
      name: "lab/model",
      reason: "best",
      failure_share: 0,
      headroom: 1,
      cached_share: 0,
      measurements: expect.toSatisfy((count: number) => count > 20),
      ready_at: null,
    });
    expect(steps[0]?.ttft_ms).toBeGreaterThan(400);
    expect(steps[0]?.tokens_per_second).toBeGreaterThan(85);
    expect(steps[0]?.cost_usd).toMatch(/^0\.000\d+$/);
    expect(steps[2]?.cost_usd).toBeNull();
  });

  test("compares the models of a list with their own kind only", () => {
    const of = world([row("alpha", "10"), row("beta", "0.1", { canonical: "lab/small", providerModelId: "small" })]);
    const { steps } = explain(of, of.plan({ models: ["lab/model", "lab/small"] }));
    expect(steps.map(({ name, score }) => [name, score])).toEqual([
      ["lab/model", 1],
      ["lab/small", 1],
    ]);
  });

  test("tells what is removed by which filter, in words, and when it may come back", () => {
    const of = world([row("alpha", "1"), row("beta", "2"), row("gamma", "3"), row("delta", "4")]);
    const fail = (provider: string, kind: "authentication" | "server"): void => {
      const [step] = of.plan({}, { only: [provider] }).steps as readonly [Step];
      of.router.failed(step, of.router.begin(step, true), failed(kind, "no"));
    };
    fail("alpha", "authentication");
    for (let time = 0; time < 5; time++) fail("beta", "server");
    const { steps, removed } = explain(of, of.plan({}, { ignore: ["gamma"] }));
    expect(steps.map(({ provider }) => provider)).toEqual(["delta"]);
    expect(removed.map(({ provider, filter }) => [provider, filter])).toEqual([
      ["alpha", "credential"],
      ["beta", "breaker"],
      ["gamma", "provider"],
    ]);
    expect(removed[0]).toMatchObject({
      why: "The provider has refused this credential, which is left alone for a while.",
      ready_at: new Date(start + 30_000).toISOString(),
    });
    expect(Date.parse(removed[1]?.ready_at ?? "")).toBeGreaterThan(start);
    expect(removed[2]?.ready_at).toBeNull();
  });

  test("says of what its provider asked to leave alone when it may be asked", () => {
    const of = world([row("alpha", "1"), row("beta", "2")]);
    const [step] = of.plan({}, { only: ["alpha"] }).steps as readonly [Step];
    of.router.failed(step, of.router.begin(step, true), { ...failed("rate_limit", "no"), retryAfterMs: 8_000 });
    const { steps } = explain(of, of.plan());
    expect(steps.map(({ provider, ready_at }) => [provider, ready_at])).toEqual([
      ["beta", null],
      ["alpha", new Date(start + 8_000).toISOString()],
    ]);
  });

  test("is finite where a deployment misses what the caller would like", () => {
    const of = world([row("alpha", "1"), row("beta", "2")]);
    of.answered("alpha", { ttftMs: 5_000, tokensPerSecond: 5 });
    of.answered("beta", { ttftMs: 100, tokensPerSecond: 200 });
    const { steps } = explain(of, of.plan({}, { minThroughput: 50 }));
    expect(steps.at(-1)).toMatchObject({ provider: "alpha", score: 1_000_000 });
  });
});

describe("making a plan and explaining it", () => {
  test("changes nothing that is measured, however often it is done", () => {
    const of = world([row("alpha", "1"), row("beta", "1.01"), row("gamma", "2")]);
    of.answered("alpha", { ttftMs: 300, tokensPerSecond: 80 });
    of.plan();
    const measured = () => JSON.stringify([of.router.measures.snapshot(of.clock.nowMs), numbers(of)]);
    const before = measured();
    for (let time = 0; time < 100; time++) explain(of, of.plan());
    expect(measured()).toBe(before);
  });
});

/** What a deployment's statistics are made of, but for what snapshots hold. */
function numbers({ router, clock }: World): unknown[] {
  return [...router.measures.deployments()].map(([id, one]) => [
    id,
    one.inFlight,
    one.lastUsedAtMs,
    one.cacheHits,
    one.failureShare(clock.nowMs),
    one.headroom.left(clock.nowMs),
    one.headroom.pausedUntilMs,
    one.breaker.state(clock.nowMs),
  ]);
}

describe("the header of a plan", () => {
  const many = world(Array.from({ length: 40 }, (_, at) => row(`provider${at}`, `${at + 1}`)));

  test("is the whole plan as ASCII JSON where that fits", () => {
    const of = world([row("alpha", "1", { providerModelId: "modèle\u0007" }), row("beta", "2")]);
    const plan = explain(of, of.plan({}, { ignore: ["beta"] }));
    const text = planHeader(plan);
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text)).toEqual({ steps: plan.steps, removed: plan.removed.map(({ why: _, ...rest }) => rest) });
  });

  test("leaves out the removed ones, then the last steps, and says how many, within 4 kB", () => {
    const plan = explain(many, many.plan({}, { ignore: ["provider39"] }));
    const text = planHeader(plan);
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(text.length).toBeGreaterThan(3_500);
    const told = JSON.parse(text) as ExplainedPlan & { omitted: number };
    expect(told.steps).toEqual(plan.steps.slice(0, told.steps.length));
    expect(told.removed).toEqual([]);
    expect(told.steps.length + told.omitted).toBe(40);
  });
});
