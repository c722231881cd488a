import { describe, expect, test } from "vitest";
import { failed } from "../../src/gateway/readers.ts";
import type { Preferences } from "../../src/router/ask.ts";
import { row, start, type World, world } from "./planning.ts";

const fresh = () => world([row("alpha", "1"), row("beta", "2"), row("gamma", "4")]);

/** The shares of calls that providers are asked first in. */
function shares(of: World, calls = 1_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let call = 0; call < calls; call++) {
    const [first = "none"] = of.order();
    counts[first] = (counts[first] ?? 0) + 1 / calls;
  }
  return counts;
}

describe("where nothing was measured", () => {
  test("the cheapest is asked first in most calls, and the others stand by in the order of their prices", () => {
    const { alpha = 0 } = shares(fresh());
    expect(alpha).toBeGreaterThan(0.85);
    expect(fresh().order({}, { sort: "price" })).toEqual(["alpha", "beta", "gamma"]);
  });

  test("what could be better is tried out now and then, and what could not is left alone", () => {
    const of = world([row("alpha", "1"), row("beta", "2"), row("dear", "40")]);
    of.answered("alpha", { ttftMs: 700, tokensPerSecond: 66 });
    const asked = shares(of);
    expect(asked.beta).toBeGreaterThan(0.01);
    expect(asked.dear ?? 0).toBe(0);
  });

  test("an unknown price, and a zero that nobody vouches for, come last", () => {
    const of = world([row("unknown", null), row("free", "0", { zeroPrice: true }), row("alpha", "3")]);
    expect(of.order({}, { sort: "price" })[0]).toBe("alpha");
  });
});

describe("measured deployments", () => {
  test("are chosen by cost times time, and by one of both where that is wanted", () => {
    const of = fresh();
    of.answered("alpha", { ttftMs: 6_000, tokensPerSecond: 10 });
    of.answered("beta", { ttftMs: 300, tokensPerSecond: 100 });
    of.answered("gamma", { ttftMs: 200, tokensPerSecond: 120 });
    expect(of.order()[0]).toBe("beta");
    expect(of.order({}, { sort: "price" })[0]).toBe("alpha");
    expect(of.order({}, { sort: "latency" })[0]).toBe("gamma");
    expect(of.order({}, { sort: "throughput" })[0]).toBe("gamma");
    expect(of.order({ models: ["lab/model:nitro"] })[0]).toBe("gamma");
    expect(of.order({ models: ["lab/model:floor"] })[0]).toBe("alpha");
    expect(of.order({}, { sort: { price: 5, latency: 1, throughput: 0, time: 0 } })[0]).toBe("alpha");
  });

  test("of which none is better share the load", () => {
    const of = world([row("alpha", "1"), row("beta", "1"), row("gamma", "3")]);
    for (const provider of ["alpha", "beta", "gamma"]) of.answered(provider, { ttftMs: 500, tokensPerSecond: 50 });
    const { alpha = 0, beta = 0, gamma = 0 } = shares(of);
    expect(Math.abs(alpha - beta)).toBeLessThan(0.1);
    expect(gamma).toBe(0);
  });

  test("go to the one with fewer calls under way, of two that are as good", () => {
    const of = world([row("alpha", "1"), row("beta", "1")]);
    for (const provider of ["alpha", "beta"]) of.answered(provider, { ttftMs: 500, tokensPerSecond: 50 });
    const [busy] = of.plan({}, { only: ["alpha"] }).steps;
    if (busy === undefined) throw new Error("no step");
    for (let call = 0; call < 10; call++) of.router.begin(busy, true);
    expect(shares(of).beta).toBeGreaterThan(0.7);
  });

  test("are left when they fail, and come back when they have not failed for a while", () => {
    const of = world([row("alpha", "1"), row("beta", "1.3")]);
    for (const provider of ["alpha", "beta"]) of.answered(provider, { ttftMs: 500, tokensPerSecond: 50 });
    expect(of.order()[0]).toBe("alpha");
    const [step] = of.plan({}, { only: ["alpha"] }).steps;
    if (step === undefined) throw new Error("no step");
    for (let call = 0; call < 3; call++) of.router.failed(step, of.router.begin(step, true), failed("server", "no"));
    expect(of.order()[0]).toBe("beta");
    of.clock.nowMs += 120_000;
    expect(of.order()[0]).toBe("alpha");
  });

  test("are left when they keep silent, long before they time out", () => {
    const of = world([row("alpha", "1"), row("beta", "1.3")]);
    for (const provider of ["alpha", "beta"]) of.answered(provider, { ttftMs: 500, tokensPerSecond: 50 });
    const [step] = of.plan({}, { only: ["alpha"] }).steps;
    if (step === undefined) throw new Error("no step");
    of.router.begin(step, true);
    expect(of.order()[0]).toBe("alpha");
    of.clock.nowMs += 1_500;
    expect(of.order()[0]).toBe("beta");
  });
});

describe("a provider that has asked to be left alone", () => {
  test("comes last, and says when it may be asked", () => {
    const of = fresh();
    const [step] = of.plan({}, { only: ["alpha"] }).steps;
    if (step === undefined) throw new Error("no step");
    of.router.failed(step, of.router.begin(step, true), { ...failed("rate_limit", "slow down"), retryAfterMs: 8_000 });
    expect(of.order().at(-1)).toBe("alpha");
    const last = of.plan().steps.at(-1);
    expect(last?.readyAtMs).toBe(start + 8_000);
    of.clock.nowMs += 8_000;
    expect(of.order({}, { sort: "price" })[0]).toBe("alpha");
  });
});

describe("a pool of credentials", () => {
  test("shares the load, and stays together where fallbacks are not allowed", () => {
    const of = world([row("alpha", "1"), row("beta", "2")], { pools: { alpha: 2 } });
    const asked = shares(of);
    expect(asked.alpha).toBeGreaterThan(0.3);
    expect(asked["alpha#2"]).toBeGreaterThan(0.3);
    expect(of.order({}, { allowFallbacks: false, sort: "price" }).sort()).toEqual(["alpha", "alpha#2"]);
  });

  test("is left alone one by one, and says what is wrong when none is left", () => {
    const of = world([row("alpha", "1")], { pools: { alpha: 2 } });
    for (const step of of.plan().steps)
      of.router.failed(step, of.router.begin(step, true), failed("authentication", "no"));
    const refusal = of.refusal();
    expect([refusal.code, refusal.status]).toEqual(["upstream_error", 502]);
    expect(refusal.retryAfterMs).toBe(30_000);
  });
});

describe("a conversation", () => {
  const long = { textLength: 40_000, opening: () => "You are a very long system prompt" };

  test("stays with the deployment that holds it in its cache, while that is worth its price", () => {
    const cached = (provider: string, price: string, cacheRead: string) =>
      row(provider, price, { prices: { input: price, output: price, cacheRead, tiers: [], modes: {} } });
    const of = world([cached("alpha", "1", "0.1"), cached("beta", "0.8", "0.08")]);
    for (const provider of ["alpha", "beta"]) of.answered(provider, { ttftMs: 500, tokensPerSecond: 50 });
    expect(of.order({}, {}, long)[0]).toBe("beta");
    const planned = of.plan({}, { only: ["alpha"] }, long);
    const [step] = planned.steps;
    if (step === undefined) throw new Error("no step");
    const times = { ttftMs: 500, durationMs: 2_500 };
    of.router.succeeded(step, of.router.begin(step, true), times, { inputTokens: 9_800, outputTokens: 100 }, planned);
    const next = of.plan({}, {}, long);
    expect([next.steps[0]?.deployment.connection.id, next.steps[0]?.reason]).toEqual(["alpha", "keeps_cache"]);
    expect(of.order({}, {}, { ...long, opening: () => "Another prompt" })[0]).toBe("beta");
    of.clock.nowMs += 6 * 60_000;
    expect(of.order({}, {}, long)[0]).toBe("beta");
  });
});

describe("preferences", () => {
  const cases: readonly [string, Partial<Preferences>, readonly string[]][] = [
    ["order", { order: ["gamma", "beta"] }, ["gamma", "beta", "alpha"]],
    ["order without fallbacks", { order: ["gamma", "beta"], allowFallbacks: false }, ["gamma", "beta"]],
    ["only", { only: ["beta"] }, ["beta"]],
    ["ignore", { ignore: ["alpha"], sort: "price" }, ["beta", "gamma"]],
    ["max_price", { maxPrice: { prompt: 2.5 }, sort: "price" }, ["alpha", "beta"]],
  ];

  test.each(cases)("%s", (_name, preferences, expected) => {
    expect(fresh().order({}, preferences)).toEqual(expected);
  });

  test("a wished-for speed moves what is slower behind, and removes nothing", () => {
    const of = fresh();
    of.answered("alpha", { ttftMs: 400, tokensPerSecond: 20 });
    of.answered("beta", { ttftMs: 3_000, tokensPerSecond: 200 });
    expect(of.order({}, { sort: "price", minThroughput: 100 }).slice(0, 1)).toEqual(["beta"]);
    expect(of.order({}, { sort: "price", only: ["alpha", "beta"], maxLatencyS: 1 })).toEqual(["alpha", "beta"]);
    expect(of.order({}, { sort: "price", only: ["alpha", "beta"], minThroughput: 1_000 })).toHaveLength(2);
  });
});
