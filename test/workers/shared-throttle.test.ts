// Workers slow guessers down together.
import { expect, test } from "vitest";
import { createThrottle } from "../../src/keys/throttle.ts";
import { type SharedThrottle, shareThrottle } from "../../src/workers/shared-throttle.ts";
import { manualClock } from "../support/clock.ts";

test("failures at several workers are answered as such as often as at one, and cost no messages beyond", () => {
  const clock = manualClock();
  const throttles: SharedThrottle[] = [];
  let told = 0;
  for (let at = 0; at < 3; at++) {
    const tell = (address: string): void => {
      told += 1;
      for (const [other, throttle] of throttles.entries()) if (other !== at) throttle.hear(address);
    };
    throttles.push(shareThrottle(createThrottle(clock, 12), tell));
  }
  const answers = Array.from({ length: 60 }, (_, at) => throttles[at % 3]?.failed("192.0.2.1"));
  expect(answers.filter((waitMs) => waitMs === null)).toHaveLength(12);
  expect(answers.slice(12).every((waitMs) => Number(waitMs) > 0)).toBe(true);
  expect(told).toBe(12);
  expect(throttles[1]?.failed("192.0.2.2"), "another network").toBeNull();
});
