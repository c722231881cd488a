import { describe, expect, test } from "vitest";
import { isTimeZone, withinHours } from "../../src/limits/hours.ts";
import { periodOf } from "../../src/limits/period.ts";
import type { Hours } from "../../src/limits/policy.ts";

const office: Hours = {
  timeZone: "Europe/Berlin",
  days: ["mon", "tue", "wed", "thu", "fri"],
  fromMinute: 8 * 60,
  toMinute: 18 * 60,
};
const night: Hours = { timeZone: "America/New_York", days: ["fri"], fromMinute: 22 * 60, toMinute: 6 * 60 };

describe("hours", () => {
  test.each([
    [office, "2026-11-24T06:59:59Z", false],
    [office, "2026-11-24T07:00:00Z", true],
    [office, "2026-11-24T16:59:59Z", true],
    [office, "2026-11-24T17:00:00Z", false],
    // In summer Berlin is two hours ahead.
    [office, "2026-07-21T06:00:00Z", true],
    [office, "2026-07-21T16:00:00Z", false],
    [office, "2026-11-22T12:00:00Z", false],
    // Friday night, and the morning that follows it; not Friday's own morning.
    [night, "2026-11-28T03:00:00Z", true],
    [night, "2026-11-28T10:59:00Z", true],
    [night, "2026-11-28T11:00:00Z", false],
    [night, "2026-11-27T09:00:00Z", false],
    [night, "2026-11-29T03:30:00Z", false],
  ] as const)("%j at %s: %s", (hours, at, expected) => {
    expect(withinHours(hours, Date.parse(at))).toBe(expected);
  });

  test("are in a time zone that exists", () => {
    expect([isTimeZone("Asia/Tokyo"), isTimeZone("UTC"), isTimeZone("Middle/Earth"), isTimeZone("")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("periods", () => {
  const at = Date.parse("2026-11-24T15:30:00Z");
  test.each([
    ["day", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"],
    ["week", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"],
    ["month", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"],
  ] as const)("a %s", (per, from, to) => {
    expect(periodOf(per, at)).toEqual({ fromMs: Date.parse(from), toMs: Date.parse(to) });
    expect(periodOf(per, Date.parse(from))).toEqual({ fromMs: Date.parse(from), toMs: Date.parse(to) });
    expect(periodOf(per, Date.parse(to) - 1)).toEqual({ fromMs: Date.parse(from), toMs: Date.parse(to) });
  });

  test("pass the end of a year", () => {
    expect(new Date(periodOf("month", Date.parse("2026-12-31T23:59:59Z")).toMs).toISOString()).toBe(
      "2027-01-01T00:00:00.000Z",
    );
    expect(new Date(periodOf("week", Date.parse("2027-01-02T00:00:00Z")).fromMs).toISOString()).toBe(
      "2026-12-28T00:00:00.000Z",
    );
  });
});
