import { expect, test } from "vitest";
import { budgetAlert, budgetPeriodOver } from "../../src/limits/budget-alert.ts";
import { Purse } from "../../src/limits/purse.ts";

const now = Date.UTC(2026, 2, 11, 12);
const day = 86_400_000;

test.each([
  ["day", "2026-03-11", 1],
  ["week", "2026-03-09", 5],
  ["month", "2026-03-01", 21],
] as const)("a mark of a budget a %s is one alert a period, which is over with it", (per, from, days) => {
  const purse = new Purse({ nanos: 25_000_000_000n, per, alertAt: [80], hard: true }, 0n, now);
  const { subject, message } = budgetAlert("customer:a b", purse, 80, now);
  expect(subject).toBe(`customer:a b ${per} ${from} 80%`);
  expect(message).toBe(`80 % of the budget of $25 a ${per} of customer:a b is spent.`);
  const end = Date.UTC(2026, 2, 11) + days * day;
  expect([budgetPeriodOver(subject, end - 1), budgetPeriodOver(subject, end)]).toEqual([false, true]);
});

test("a mark of a budget without periods stays, and what is no subject of a mark is never over", () => {
  const purse = new Purse({ nanos: 1n, per: "total", alertAt: [100], hard: false }, 0n, now);
  const { subject, message } = budgetAlert("key:key_1", purse, 100, now);
  expect([subject, budgetPeriodOver(subject, Number.MAX_SAFE_INTEGER)]).toEqual(["key:key_1 total ever 100%", false]);
  expect(message).toContain("its calls go on");
  for (const text of ["", "key:x month 80%", "key:x year 2026-01-01 80%"]) {
    expect(budgetPeriodOver(text, Number.MAX_SAFE_INTEGER)).toBe(false);
  }
});
