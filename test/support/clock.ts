// A clock that stands still until a test moves it.
import type { Clock } from "../../src/clock.ts";

export interface ManualClock extends Clock {
  /** Moves both the time of day and the monotonic time. */
  advance(ms: number): void;
}

export function manualClock(startMs = Date.UTC(2026, 10, 24, 12)): ManualClock {
  let elapsedMs = 0;
  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    advance(ms) {
      elapsedMs += ms;
    },
  };
}
