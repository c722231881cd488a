import { describe, expect, test } from "vitest";
import { Breaker, breakerDefaults } from "../../src/router/breaker.ts";

const middle = (): number => 0.5;

/** A breaker that has seen this many failures, each sent and failed at once, a millisecond apart from 0 on. */
function failing(times: number, options = breakerDefaults): Breaker {
  const breaker = new Breaker(options, middle);
  for (let at = 0; at < times; at++) breaker.failure(at, breaker.begin(at), at);
  return breaker;
}

describe("a breaker", () => {
  test("opens on consecutive failures, and not before", () => {
    expect(failing(4).state(10)).toBe("closed");
    expect(failing(5).state(10)).toBe("open");
  });

  test("opens on a share of failures, however successes lie between them", () => {
    const breaker = new Breaker(breakerDefaults, middle);
    for (let at = 0; at < 40; at++) {
      if (at % 4 === 0) breaker.success(at, false);
      else breaker.failure(at, false, at);
    }
    expect(breaker.state(40)).toBe("open");
  });

  test("knows how long its deployment has been down by the last probe that failed, and forgets it with one that succeeds", () => {
    const breaker = failing(5);
    expect(breaker.outageMs).toBe(0);
    breaker.failure(2_000, breaker.begin(2_000), 2_004);
    expect(breaker.outageMs).toBe(2_000);
    breaker.success(9_000, breaker.begin(9_000));
    expect(breaker.outageMs).toBe(0);
  });

  test("stays closed on a third of failures", () => {
    const breaker = new Breaker(breakerDefaults, middle);
    for (let at = 0; at < 300; at++) {
      if (at % 3 === 0) breaker.failure(at, false, at);
      else breaker.success(at, false);
    }
    expect(breaker.state(300)).toBe("closed");
  });

  test("lets one probe through after its cool-down, and no second one beside it", () => {
    const breaker = failing(5);
    expect(breaker.state(900)).toBe("open");
    expect(breaker.state(1_100)).toBe("half_open");
    expect(breaker.begin(1_100)).toBe(true);
    expect(breaker.state(1_100)).toBe("open");
    expect(breaker.begin(1_100)).toBe(false);
  });

  test("closes when the probe succeeds, and begins anew", () => {
    const breaker = failing(5);
    breaker.success(1_100, breaker.begin(1_100));
    expect(breaker.state(1_200)).toBe("closed");
    for (let at = 0; at < 4; at++) breaker.failure(1_300 + at, false, 1_300 + at);
    expect(breaker.state(1_400)).toBe("closed");
  });

  test("cools down twice as long after each probe that fails, up to a limit", () => {
    const breaker = failing(5);
    let now = 4;
    const waits: number[] = [];
    for (let probe = 0; probe < 8; probe++) {
      const until = breaker.openUntilMs ?? 0;
      waits.push(until - now);
      now = until;
      breaker.failure(now, breaker.begin(now), now);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("gives the probe's turn back when its client leaves", () => {
    const breaker = failing(5);
    const probe = breaker.begin(1_100);
    breaker.abandoned(probe);
    expect(breaker.state(1_100)).toBe("half_open");
  });

  test("is not closed by an answer that had begun before it opened", () => {
    const breaker = failing(5);
    breaker.success(0, false);
    expect(breaker.state(10)).toBe("open");
  });

  test("is not kept from opening by answers that had begun before the failures did", () => {
    const breaker = new Breaker(breakerDefaults, middle);
    for (let at = 0; at < 5; at++) {
      breaker.failure(1_000 + at, false, 1_000 + at);
      breaker.success(500, false);
    }
    expect(breaker.state(1_010)).toBe("open");
  });

  test("is not opened further by failures that were under way when it opened", () => {
    const breaker = failing(5);
    const until = breaker.openUntilMs;
    for (let late = 0; late < 50; late++) breaker.failure(3, false, 500);
    expect(breaker.openUntilMs).toBe(until);
  });

  test("never opens where breakers are off", () => {
    expect(failing(500, { ...breakerDefaults, enabled: false }).state(600)).toBe("closed");
  });
});
