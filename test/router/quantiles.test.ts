import { describe, expect, test } from "vitest";
import { Quantiles } from "../../src/router/quantiles.ts";
import { seeded } from "../bench/router/world.ts";

const minute = 60_000;

function observed(values: readonly number[], everyMs = 10): Quantiles {
  const quantiles = new Quantiles();
  for (const [at, value] of values.entries()) quantiles.observe(value, 1_000_000 + at * everyMs);
  return quantiles;
}

describe("quantiles", () => {
  test("are unknown before anything was observed", () => {
    expect(new Quantiles().quantile(0.5)).toBeNull();
    expect(new Quantiles().count(0)).toBe(0);
  });

  test.each([3, 47, 850, 12_345, 600_000])("of one value are that value, within a bucket of 12 %% (%i)", (value) => {
    for (const q of [0.01, 0.5, 0.95]) {
      const estimate = observed(Array(50).fill(value)).quantile(q) ?? 0;
      expect(Math.abs(estimate / value - 1)).toBeLessThan(0.12);
    }
  });

  test("of a spread of values keep their order and come near the true ones", () => {
    const random = seeded(4);
    const values = Array.from({ length: 2_000 }, () => 100 * Math.exp(2 * random()));
    const quantiles = observed(values);
    const recent = values.slice(-400).sort((a, b) => a - b);
    const [p10, p50, p90] = [0.1, 0.5, 0.9].map((q) => quantiles.quantile(q) ?? 0) as [number, number, number];
    expect(p10).toBeLessThan(p50);
    expect(p50).toBeLessThan(p90);
    expect(Math.abs(p50 / (recent[200] ?? 0) - 1)).toBeLessThan(0.25);
  });

  test("follow a change within some fifty observations", () => {
    const quantiles = observed([...Array(500).fill(300), ...Array(50).fill(3_000)]);
    expect(quantiles.quantile(0.5)).toBeGreaterThan(2_500);
  });

  test("are backed by less and less when nothing is observed any more", () => {
    const quantiles = observed(Array(200).fill(300));
    const now = 1_000_000 + 200 * 10;
    expect(quantiles.count(now)).toBeCloseTo(60, -1);
    expect(quantiles.count(now + 4 * minute)).toBeCloseTo(30, -1);
    expect(quantiles.count(now + 60 * minute)).toBeLessThan(0.01);
    expect(quantiles.quantile(0.5)).not.toBeNull();
  });

  test("survive a year of silence, and a million observations, without losing their numbers", () => {
    const quantiles = observed(Array(1_000).fill(300));
    quantiles.observe(500, 1_000_000 + 365 * 24 * 60 * minute);
    expect(quantiles.quantile(0.5)).toBeCloseTo(500, -2);
    for (let at = 0; at < 1_000_000; at++) quantiles.observe(200, 40_000_000_000 + at);
    expect(quantiles.quantile(0.5)).toBeCloseTo(200, -2);
    expect(quantiles.count(40_000_000_000 + 1_000_000)).toBeCloseTo(60, 0);
  });

  test("are the same after a snapshot, and take up again from there", () => {
    const random = seeded(9);
    const before = observed(Array.from({ length: 300 }, () => 50 + 1_000 * random()));
    const now = 1_000_000 + 3_000;
    const after = new Quantiles();
    after.restore(JSON.parse(JSON.stringify(before.snapshot(now))));
    expect(after.count(now)).toBeCloseTo(before.count(now), 0);
    for (const q of [0.5, 0.9]) {
      expect(Math.abs((after.quantile(q) ?? 0) / (before.quantile(q) ?? 1) - 1)).toBeLessThan(0.03);
    }
    for (let at = 0; at < 60; at++) after.observe(9_000, now + at);
    expect(after.quantile(0.5)).toBeGreaterThan(8_000);
  });

  test("take nothing from a snapshot that makes no sense", () => {
    const quantiles = new Quantiles();
    quantiles.restore({
      weights: [
        [-1, 3],
        [999, 3],
        [5, -1],
        [6, Number.NaN],
        [7, Infinity],
      ],
      atMs: 0,
    });
    expect(quantiles.quantile(0.5)).toBeNull();
  });
});
