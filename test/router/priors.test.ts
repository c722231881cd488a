import { expect, test } from "vitest";
import { catalogRows } from "../../providers/catalog/rows.ts";
import { priorOf } from "../../src/router/priors.ts";
import { priorMsPerToken, priorTtftMs } from "../../src/router/timing.ts";
import { row, world } from "./planning.ts";

const rows = catalogRows().filter(({ mode }) => mode === "chat");

test("no chat model of the catalogue is taken to be further from the usual than twice", () => {
  expect(rows.length).toBeGreaterThan(500);
  for (const facts of rows) {
    const { ttftMs, msPerToken } = priorOf(facts);
    expect(ttftMs).toBeGreaterThanOrEqual(priorTtftMs);
    expect(ttftMs).toBeLessThanOrEqual(2 * priorTtftMs);
    expect(msPerToken).toBeGreaterThanOrEqual(priorMsPerToken / 2);
    expect(msPerToken).toBeLessThanOrEqual(2 * priorMsPerToken);
  }
});

test("a dearer model is never taken to be faster", () => {
  const priced = rows.filter(({ prices }) => Number(prices?.output) > 0);
  const speeds = priced
    .toSorted((a, b) => Number(a.prices?.output) - Number(b.prices?.output))
    .map((facts) => priorOf(facts).msPerToken);
  expect(speeds).toEqual(speeds.toSorted((a, b) => a - b));
  expect(speeds.at(-1)).toBeGreaterThan(speeds[0] ?? 0);
});

test("a model that reasons is taken to begin later, and one of which nothing is known to be usual", () => {
  const [plain, reasoning] = [row("alpha", "2"), row("alpha", "2", { capabilities: { reasoning: true } })];
  expect(priorOf(reasoning).ttftMs).toBeGreaterThan(priorOf(plain).ttftMs);
  const usual = { ttftMs: priorTtftMs, msPerToken: priorMsPerToken };
  expect([priorOf(null), priorOf(row("alpha", null)), priorOf(row("alpha", "0"))]).toEqual([usual, usual, usual]);
});

test("measurements outweigh it", () => {
  const of = world([row("alpha", "100", { capabilities: { reasoning: true } })]);
  expect(of.plan().steps[0]?.score).toMatchObject({ ttftMs: 1_400 });
  of.answered("alpha", { ttftMs: 200, tokensPerSecond: 200 });
  expect(of.plan().steps[0]?.score.ttftMs).toBeLessThan(250);
});
