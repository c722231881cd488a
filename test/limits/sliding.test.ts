import { describe, expect, test } from "vitest";
import { type SlidingWindow, slidingWindow } from "../../src/limits/sliding.ts";
import { seeded } from "../bench/router/world.ts";

const minute = 60_000;
const start = 1_700_000_000_000;

/** Offers requests at these times; the times of those that were admitted. */
function admitted(window: SlidingWindow, limit: number, times: readonly number[]): number[] {
  return times.filter((time) => {
    if (window.fitsAtMs(1, limit, time) !== time) return false;
    window.add(1, time);
    return true;
  });
}

function mostInAnyWindow(times: readonly number[], windowMs: number): number {
  let first = 0;
  let most = 0;
  for (const [at, time] of times.entries()) {
    while ((times[first] ?? 0) <= time - windowMs) first += 1;
    most = Math.max(most, at - first + 1);
  }
  return most;
}

/** Ten times what is allowed, for so long, at random times. */
function offered(limit: number, windowMs: number, forMs: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: (10 * limit * forMs) / windowMs }, () => start + Math.floor(random() * forMs)).sort(
    (a, b) => a - b,
  );
}

describe.each([
  { limit: 60, name: "counted one by one" },
  { limit: 20_000, name: "counted by slices" },
])("a limit of $limit a minute, $name", ({ limit }) => {
  const times = admitted(
    slidingWindow(minute, limit, { ones: true }),
    limit,
    offered(limit, minute, 3 * minute, limit),
  );

  test("is never exceeded in any window", () => {
    expect(mostInAnyWindow(times, minute)).toBeLessThanOrEqual(limit);
  });

  test("is used to within 1 % in each minute of ten times the load", () => {
    for (const from of [start, start + minute, start + 2 * minute]) {
      const within = times.filter((time) => time >= from && time < from + minute).length;
      expect(within).toBeGreaterThanOrEqual(Math.floor(0.99 * limit));
      expect(within).toBeLessThanOrEqual(limit);
    }
  });

  test("holds where a burst ends one minute and another begins the next", () => {
    const window = slidingWindow(minute, limit, { ones: true });
    const bursts = [...Array(limit).fill(start + minute - 1), ...Array(limit).fill(start + minute + 1)];
    expect(admitted(window, limit, bursts)).toHaveLength(limit);
  });

  test("says when the next one fits, and it does, and not before", () => {
    const window = slidingWindow(minute, limit, { ones: true });
    admitted(window, limit, Array(limit).fill(start + 5));
    const at = window.fitsAtMs(1, limit, start + 1_000) ?? 0;
    expect(at).toBeGreaterThan(start + minute);
    expect(at).toBeLessThanOrEqual(start + 5 + minute * 1.01);
    expect(window.fitsAtMs(1, limit, at - 1)).toBeGreaterThan(at - 1);
    expect(window.fitsAtMs(1, limit, at)).toBe(at);
  });
});

describe("a limit of tokens", () => {
  test("takes an estimate, and then what it really was", () => {
    const window = slidingWindow(minute, 1_000, { ones: false });
    window.add(800, start);
    expect(window.fitsAtMs(300, 1_000, start + 10)).toBeGreaterThan(start + 10);
    window.correct(-700, start, start + 2_000);
    expect(window.used(start + 2_000)).toBe(100);
    expect(window.fitsAtMs(900, 1_000, start + 2_000)).toBe(start + 2_000);
    window.correct(300, start, start + 3_000);
    expect(window.used(start + 3_000)).toBe(400);
  });

  test("forgets a correction of what has left the window", () => {
    const window = slidingWindow(minute, 1_000, { ones: false });
    window.add(800, start);
    window.correct(500, start, start + 2 * minute);
    expect([window.used(start + 2 * minute), window.idle(start + 2 * minute)]).toEqual([0, true]);
  });

  test("never fits what is larger than the limit", () => {
    expect(slidingWindow(minute, 1_000, { ones: false }).fitsAtMs(1_001, 1_000, start)).toBeNull();
  });
});

test("what is counted is never less than a plain list of all uses says, and at most a slice more", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = seeded(seed);
    const window = slidingWindow(minute, 1e6, { ones: false });
    const uses: { readonly at: number; amount: number }[] = [];
    let now = start;
    for (let step = 0; step < 3_000; step++) {
      now += Math.floor(random() * 400);
      const past = uses[Math.floor(random() * uses.length)];
      if (past !== undefined && random() < 0.3) {
        const change = Math.floor(random() * 100) - Math.min(50, past.amount);
        past.amount += change;
        window.correct(change, past.at, now);
      } else {
        const amount = Math.floor(random() * 1_000);
        uses.push({ at: now, amount });
        window.add(amount, now);
      }
      const sum = (fromMs: number) =>
        uses.filter(({ at }) => at > fromMs).reduce((total, { amount }) => total + amount, 0);
      expect(window.used(now)).toBeGreaterThanOrEqual(sum(now - minute));
      expect(window.used(now)).toBeLessThanOrEqual(sum(now - minute * (1 + 2 / 128)));
    }
  }
});
