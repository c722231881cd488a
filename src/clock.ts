// Time as a dependency, so that a test can hold it.

export interface Clock {
  /** Epoch milliseconds, UTC. */
  now(): number;
  /** Milliseconds that only grow; for durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
