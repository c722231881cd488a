// Slows down guessing: counts failed authentications by address, in bounded memory.
import type { Clock } from "../clock.ts";

const windowMs = 60_000;
/** Failures of one address in a window that are answered as such; further ones are told to wait. */
const usuallyAllowed = 10;
/** Addresses remembered; the one that began failing first is forgotten first. */
const capacity = 10_000;

export interface Throttle {
  /** Counts a failure. Resolves how long this address should wait, in milliseconds; null when it may try on. */
  failed(address: string): number | null;
}

/** Whoever holds a right key is never counted: only failures are, so one caller can't lock out another. */
export function createThrottle(clock: Clock, allowed: number = usuallyAllowed): Throttle {
  const failures = new Map<string, { count: number; readonly untilMs: number }>();
  return {
    failed(address) {
      const now = clock.monotonic();
      const standing = failures.get(address);
      if (standing !== undefined && standing.untilMs > now) {
        standing.count++;
        return standing.count > allowed ? standing.untilMs - now : null;
      }
      failures.delete(address);
      const oldest = failures.keys().next();
      if (failures.size >= capacity && oldest.done !== true) failures.delete(oldest.value);
      failures.set(address, { count: 1, untilMs: now + windowMs });
      return null;
    },
  };
}
