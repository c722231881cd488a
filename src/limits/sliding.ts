// Sliding windows: how much has been used in the last so many milliseconds, never told as less than it is.

export interface SlidingWindow {
  /** What was used in the window that ends now. It may be told as more than it is by `granularity` of the limit, never as less. */
  used(nowMs: number): number;
  add(amount: number, nowMs: number): void;
  /** Corrects what was added at a time, by more or less; nothing when that has left the window. */
  correct(amount: number, addedAtMs: number, nowMs: number): void;
  /** The first time at which so much more fits under the limit; null when it never will. */
  fitsAtMs(amount: number, limit: number, nowMs: number): number | null;
  /** When all that was used has left. */
  emptyAtMs(nowMs: number): number;
  /** Whether nothing is left in it, so that it may be forgotten. */
  idle(nowMs: number): boolean;
}

/** Up to so many uses are each remembered with their time; above that a window is cut into slices. */
const mostRemembered = 1_000;
/** The oldest slice counts whole although part of it has left: at most one part in so many is told too much. */
const slices = 128;

/**
 * A window for a limit of this many uses (requests) or of this amount (tokens).
 * @param ones whether only single uses are added: a few of them are counted exactly.
 */
export function slidingWindow(windowMs: number, limit: number, { ones }: { readonly ones: boolean }): SlidingWindow {
  return ones && limit <= mostRemembered ? new ExactWindow(windowMs, limit) : new SlicedWindow(windowMs);
}

/** Remembers the time of each use: a ring of as many as the limit allows. */
class ExactWindow implements SlidingWindow {
  readonly #windowMs: number;
  readonly #times: Float64Array;
  #oldest = 0;
  #count = 0;

  constructor(windowMs: number, limit: number) {
    this.#windowMs = windowMs;
    this.#times = new Float64Array(Math.max(1, Math.ceil(limit)));
  }

  used(nowMs: number): number {
    while (this.#count > 0 && this.#at(0) <= nowMs - this.#windowMs) {
      this.#oldest = (this.#oldest + 1) % this.#times.length;
      this.#count -= 1;
    }
    return this.#count;
  }

  add(_amount: number, nowMs: number): void {
    this.used(nowMs);
    // More than the limit is added only where a limit was lowered or restored: the oldest then counts no longer.
    if (this.#count === this.#times.length) this.#drop();
    this.#times[(this.#oldest + this.#count) % this.#times.length] = nowMs;
    this.#count += 1;
  }

  correct(amount: number, addedAtMs: number, nowMs: number): void {
    if (amount >= 0) return;
    this.used(nowMs);
    for (let at = this.#count - 1; at >= 0; at--) {
      if (this.#at(at) !== addedAtMs) continue;
      for (let later = at; later + 1 < this.#count; later++) this.#set(later, this.#at(later + 1));
      this.#count -= 1;
      return;
    }
  }

  fitsAtMs(amount: number, limit: number, nowMs: number): number | null {
    if (amount > limit) return null;
    const excess = this.used(nowMs) + amount - limit;
    return excess <= 0 ? nowMs : this.#at(Math.ceil(excess) - 1) + this.#windowMs;
  }

  emptyAtMs(nowMs: number): number {
    return this.used(nowMs) === 0 ? nowMs : this.#at(this.#count - 1) + this.#windowMs;
  }

  idle(nowMs: number): boolean {
    return this.used(nowMs) === 0;
  }

  #drop(): void {
    this.#oldest = (this.#oldest + 1) % this.#times.length;
    this.#count -= 1;
  }

  #at(index: number): number {
    return this.#times[(this.#oldest + index) % this.#times.length] ?? 0;
  }

  #set(index: number, timeMs: number): void {
    this.#times[(this.#oldest + index) % this.#times.length] = timeMs;
  }
}

/** Adds up by slices of the window; a slice leaves only when all of it has left. */
class SlicedWindow implements SlidingWindow {
  readonly #sliceMs: number;
  /** One more than the window has: it seldom begins where a slice does. */
  readonly #amounts = new Float64Array(slices + 1);
  /** The number of the newest slice, counted from the epoch. */
  #newest = 0;
  /** The number of the last slice that anything was added to. */
  #lastAdded = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slices;
  }

  used(nowMs: number): number {
    this.#advance(nowMs);
    return Math.max(0, this.#total);
  }

  add(amount: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#lastAdded = this.#newest;
    this.#put(this.#newest, amount);
  }

  correct(amount: number, addedAtMs: number, nowMs: number): void {
    this.#advance(nowMs);
    const slice = Math.floor(addedAtMs / this.#sliceMs);
    if (slice > this.#newest - this.#amounts.length && slice <= this.#newest) this.#put(slice, amount);
  }

  fitsAtMs(amount: number, limit: number, nowMs: number): number | null {
    if (amount > limit) return null;
    let excess = this.used(nowMs) + amount - limit;
    if (excess <= 0) return nowMs;
    for (let age = slices; age >= 0; age--) {
      excess -= this.#amounts[this.#place(this.#newest - age)] ?? 0;
      // A slice has left when the window that ends then begins at its end.
      if (excess <= 0) return (this.#newest - age + 1) * this.#sliceMs + slices * this.#sliceMs;
    }
    return (this.#newest + 1 + slices) * this.#sliceMs;
  }

  emptyAtMs(nowMs: number): number {
    return this.used(nowMs) === 0 ? nowMs : (this.#lastAdded + 1 + slices) * this.#sliceMs;
  }

  idle(nowMs: number): boolean {
    return this.used(nowMs) === 0;
  }

  #advance(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice <= this.#newest) return;
    const passed = Math.min(slice - this.#newest, this.#amounts.length);
    for (let step = 1; step <= passed; step++) {
      const place = this.#place(slice - passed + step);
      this.#total -= this.#amounts[place] ?? 0;
      this.#amounts[place] = 0;
    }
    if (passed === this.#amounts.length) this.#total = 0;
    this.#newest = slice;
  }

  #put(slice: number, amount: number): void {
    const place = this.#place(slice);
    this.#amounts[place] = (this.#amounts[place] ?? 0) + amount;
    this.#total += amount;
  }

  #place(slice: number): number {
    const length = this.#amounts.length;
    // `%` of numbers beyond 31 bits costs more than all the rest.
    return slice - length * Math.floor(slice / length);
  }
}
