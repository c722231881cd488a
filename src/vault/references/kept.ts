// One secret of a manager, kept fresh beside the calls: read ahead of its end, tried again while the manager is away, and told of.
import { ProviderError } from "../../../providers/dialects/failure.ts";
import { ManagerError, type Reading } from "./manager.ts";

export interface KeptOptions {
  read(): Promise<Reading>;
  watch(onChange: () => void): () => void;
  /** How old a reading gets, milliseconds; null where it never changes. */
  readonly ttlMs: number | null;
  now(): number;
  /** In [0, 1). */
  random(): number;
  later(ms: number, then: () => void): () => void;
  /** Told after each try. */
  onTry(outcome: TryOutcome): void;
}

export interface TryOutcome {
  /** Null when it succeeded. */
  readonly error: string | null;
  /** How many have failed in a row, this one included. */
  readonly failures: number;
  readonly isNew: boolean;
}

/** Takes a reading; throws a ManagerError when what it needs is not in it. */
export type Taker = (reading: Reading) => void;

/** After a failed try the next comes after so long, twice as long each time, at most `longestPauseMs`. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** A call that waits for another value waits no longer than this. */
const renewTimeoutMs = 5_000;
/** What lives for a time is read anew, or prolonged, after this share of it. */
const share = 2 / 3;
/** A lease that is prolonged to less than this share of its first life nears its last end. */
const nearlyOver = 1 / 2;
/** Of a delay, this much is left to chance, so that many gateways do not ask at once. */
const jitter = 0.1;
const shortestDelayMs = 1_000;
/** What timers take; longer delays would come at once. */
const longestDelayMs = 2 ** 31 - 1;

export class Kept {
  readonly #options: KeptOptions;
  readonly #takers = new Set<Taker>();
  #ttlMs: number | null;
  #reading: Reading | null = null;
  #lifeMs = 0;
  #flight: Promise<void> | null = null;
  #cancel: (() => void) | null = null;
  #unwatch: (() => void) | null = null;
  #closed = false;
  readAtMs: number | null = null;
  endsAtMs: number | null = null;
  nextAtMs: number | null = null;
  failures = 0;
  lastError: { readonly atMs: number; readonly message: string } | null = null;

  constructor(options: KeptOptions) {
    this.#options = options;
    this.#ttlMs = options.ttlMs;
  }

  get reading(): Reading | null {
    return this.#reading;
  }

  /** Whether its secret is on loan, and ends with what it was asked for with. */
  get leased(): boolean {
    return this.#reading?.lease !== undefined;
  }

  /** @throws ManagerError when there is a reading already, and it lacks what this one needs. */
  add(taker: Taker): void {
    this.#takers.add(taker);
    if (this.#reading !== null) taker(this.#reading);
  }

  /** Returns whether nobody needs it any more. */
  remove(taker: Taker): boolean {
    this.#takers.delete(taker);
    return this.#takers.size === 0;
  }

  /** Somebody wants it read at least this often. */
  atMost(ttlMs: number): void {
    this.#ttlMs = Math.min(this.#ttlMs ?? ttlMs, ttlMs);
  }

  begin(): Promise<void> {
    this.#unwatch ??= this.#options.watch(() => void this.refresh());
    return this.refresh();
  }

  /** Reads it; once, for all who want that at the same time. Never rejects. */
  refresh(): Promise<void> {
    this.#flight ??= this.#read().finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  /**
   * Reads it for one who has a value that is refused, until `differs` or a read that began after this call has ended.
   * Resolves to whether it differs.
   */
  async renew(differs: () => boolean): Promise<boolean> {
    if (differs()) return true;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#options.later(renewTimeoutMs, resolve);
    });
    const reading = async (): Promise<void> => {
      // What is being read already may be of before the change.
      if (this.#flight !== null) await this.#flight;
      if (!differs()) await this.refresh();
    };
    await Promise.race([reading(), late]);
    cancel();
    return differs();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#unwatch?.();
  }

  async #read(): Promise<void> {
    try {
      const reading = await this.#options.read();
      const { now } = this.#options;
      const before = this.#reading;
      this.#reading = reading;
      this.readAtMs = now();
      this.endsAtMs = reading.endsAtMs;
      this.#lifeMs = reading.endsAtMs === null ? 0 : reading.endsAtMs - now();
      this.#take(reading);
      this.#succeeded(before !== null && JSON.stringify(before.content) !== JSON.stringify(reading.content));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** All that can take it do; the first failure is the whole's. */
  #take(reading: Reading): void {
    const errors: unknown[] = [];
    for (const taker of this.#takers) {
      try {
        taker(reading);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  async #prolong(): Promise<void> {
    const lease = this.#reading?.lease;
    const endsAtMs = lease === undefined ? null : await lease.renew().catch(() => null);
    if (this.#closed) return;
    if (endsAtMs === null || endsAtMs - this.#options.now() < this.#lifeMs * nearlyOver) return this.refresh();
    this.endsAtMs = endsAtMs;
    this.#schedule();
  }

  #succeeded(isNew: boolean): void {
    this.failures = 0;
    this.lastError = null;
    this.#options.onTry({ error: null, failures: 0, isNew });
    this.#schedule();
  }

  #failed(error: unknown): void {
    this.failures += 1;
    const message = messageOf(error);
    this.lastError = { atMs: this.#options.now(), message };
    const pauseMs =
      Math.min(longestPauseMs, firstPauseMs * 2 ** (this.failures - 1)) * (0.5 + this.#options.random() / 2);
    const askedMs = error instanceof ManagerError ? (error.retryAfterMs ?? 0) : 0;
    this.#after(Math.max(pauseMs, Math.min(askedMs, longestPauseMs)), () => void this.refresh());
    this.#options.onTry({ error: message, failures: this.failures, isNew: false });
  }

  #schedule(): void {
    // What is on loan is another each time: it is read when it ends, not when it is old.
    const leftMs = this.endsAtMs === null ? null : (this.endsAtMs - this.#options.now()) * share;
    const delayMs = this.leased ? leftMs : this.#ttlMs;
    if (delayMs === null) {
      this.#cancel?.();
      this.nextAtMs = null;
      return;
    }
    const jittered = Math.max(shortestDelayMs, delayMs * (1 - jitter * this.#options.random()));
    this.#after(jittered, () => void (this.leased ? this.#prolong() : this.refresh()));
  }

  #after(ms: number, then: () => void): void {
    this.#cancel?.();
    if (this.#closed) return;
    const delayMs = Math.min(ms, longestDelayMs);
    this.nextAtMs = this.#options.now() + delayMs;
    this.#cancel = this.#options.later(delayMs, then);
  }
}

/** Only errors that are made to be shown are; of others their words are not known to be without secrets. */
export function messageOf(error: unknown): string {
  if (error instanceof ManagerError || error instanceof ProviderError) return error.message;
  return `reading it failed (${error instanceof Error ? error.name : "unknown"})`;
}
