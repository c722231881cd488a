// What keeps usage fast and the ledger small, as the rooms above see it: sums by hour and day beside the calls.

/** Calls are rolled up with their settlements. Those that an earlier version settled are rolled up after the start. */
export interface RollupStore {
  /**
   * Rolls up one more hour of calls that were settled by an earlier version, from the latest back; false when there is none.
   * Usage is the same all the while, and slower.
   */
  fill(): Promise<boolean>;
  /**
   * Removes settled calls that were opened before this time, the oldest first, so many at the most; their sums stay. Removes nothing
   * before all are rolled up. Resolves to how many there were.
   * @param beforeMs the beginning of an hour.
   */
  removeCalls(beforeMs: number, limit: number): Promise<number>;
}
