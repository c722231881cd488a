import { describe, expect, test } from "vitest";
import { CredentialHealth } from "../../src/router/credential-health.ts";
import { Headroom } from "../../src/router/headroom.ts";

const now = 1_000_000;
const allowance = (limit: number, remaining: number, resetAtMs: number | null) => ({ limit, remaining, resetAtMs });

describe("headroom", () => {
  test("is full where nobody has said anything", () => {
    expect(new Headroom(true).left(now)).toBe(1);
  });

  test("is what the provider says is left, less what was sent since", () => {
    const headroom = new Headroom(true);
    headroom.told({ requests: allowance(100, 40, now + 60_000), tokens: null }, now);
    expect(headroom.left(now)).toBeCloseTo(0.4);
    for (let sent = 0; sent < 10; sent++) headroom.used();
    expect(headroom.left(now)).toBeCloseTo(0.3);
  });

  test("is the tighter of requests and tokens", () => {
    const headroom = new Headroom(true);
    headroom.told({ requests: allowance(100, 90, null), tokens: allowance(1_000, 50, null) }, now);
    expect(headroom.left(now)).toBeCloseTo(0.05);
  });

  test("is full again once the limit is reset", () => {
    const headroom = new Headroom(true);
    headroom.told({ requests: allowance(100, 0, now + 5_000), tokens: null }, now);
    expect([headroom.left(now), headroom.pausedUntilMs]).toEqual([0, now + 5_000]);
    expect(headroom.left(now + 5_000)).toBe(1);
  });

  test("pauses for as long as a refusal says, and never for hours", () => {
    const headroom = new Headroom(true);
    headroom.refused(7_000, now);
    expect(headroom.pausedUntilMs).toBe(now + 7_000);
    headroom.refused(86_400_000, now);
    expect(headroom.pausedUntilMs).toBe(now + 600_000);
  });

  test("never shortens a pause", () => {
    const headroom = new Headroom(true);
    headroom.refused(20_000, now);
    headroom.refused(1_000, now);
    expect(headroom.pausedUntilMs).toBe(now + 20_000);
  });

  test("pauses longer each time that a refusal does not say how long, and anew after an answer", () => {
    const headroom = new Headroom(true);
    let at = now;
    const pauses: number[] = [];
    for (let refusal = 0; refusal < 7; refusal++) {
      headroom.refused(null, at);
      headroom.refused(null, at);
      pauses.push(headroom.pausedUntilMs - at);
      at = headroom.pausedUntilMs;
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    headroom.served();
    headroom.refused(null, at);
    expect(headroom.pausedUntilMs - at).toBe(1_000);
  });

  test("is without pauses where breakers are off", () => {
    const headroom = new Headroom(false);
    headroom.refused(7_000, now);
    expect(headroom.pausedUntilMs).toBe(0);
  });
});

describe("a credential", () => {
  test("that is refused is left alone for longer each time, and is news once", () => {
    const health = new CredentialHealth(true);
    expect(health.usable(now)).toBe(true);
    expect(health.refused("authentication", now)).toBe(true);
    expect(health.refused("authentication", now + 5)).toBe(false);
    expect([health.usable(now + 29_999), health.usable(now + 30_000)]).toEqual([false, true]);
    expect(health.refused("authentication", now + 30_000)).toBe(false);
    expect([health.usable(now + 89_999), health.usable(now + 90_000)]).toEqual([false, true]);
  });

  test("that is taken again is as before, and is news once", () => {
    const health = new CredentialHealth(true);
    health.refused("quota", now);
    expect([health.accepted(), health.accepted(), health.usable(now), health.trouble]).toEqual([
      true,
      false,
      true,
      null,
    ]);
    health.refused("quota", now);
    expect(health.pausedUntilMs).toBe(now + 30_000);
  });
});
