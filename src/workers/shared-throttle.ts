// Failures that slow a network down, counted by all workers together: what one of them counts it tells the others.

/** As `Throttle` in keys/throttle.ts. */
interface Counting {
  failed(address: string): number | null;
}

export interface SharedThrottle extends Counting {
  /** Another worker has counted a failure. */
  hear(address: string): void;
}

/**
 * @param own counts for this worker.
 * @param tell told of each failure that is not slowed down yet: whoever is slowed down here is so everywhere by then, and guessing
 * costs the others nothing more.
 */
export function shareThrottle(own: Counting, tell: (address: string) => void): SharedThrottle {
  return {
    failed(address) {
      const waitMs = own.failed(address);
      if (waitMs === null) tell(address);
      return waitMs;
    },
    hear: (address) => void own.failed(address),
  };
}
