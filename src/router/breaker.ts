// Breaker: stops calls to what keeps failing, and lets single ones through now and then to see whether it has recovered.

export interface BreakerOptions {
  /** False: nothing is left alone, however often it fails or refuses. */
  readonly enabled: boolean;
  /** This many failures without a success between them open it. */
  readonly consecutiveFailures: number;
  /** So does this share of failures among recent outcomes, of which there must be at least `leastOutcomes`. */
  readonly failureShare: number;
  readonly leastOutcomes: number;
  /** How long it stays open at first; twice as long after each probe that fails. */
  readonly coolDownMs: number;
  readonly longestCoolDownMs: number;
}

export const breakerDefaults: BreakerOptions = {
  enabled: true,
  consecutiveFailures: 5,
  failureShare: 0.6,
  leastOutcomes: 12,
  coolDownMs: 1_000,
  longestCoolDownMs: 30_000,
};

/** How an open breaker stands, for other processes. Times are epoch milliseconds. */
export interface Opening {
  readonly untilMs: number;
  readonly coolDownMs: number;
  /** When it opened, and when it did so last. */
  readonly openedAtMs: number;
  readonly reopenedAtMs: number;
}

/** `half_open`: the cool-down is over, and one call may try. */
export type BreakerState = "closed" | "open" | "half_open";

/** Recent outcomes: each weighs this much less with every one after it. */
const fade = 0.95;

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #random: () => number;
  #consecutive = 0;
  #outcomes = 0;
  #failures = 0;
  /** Null while it is closed. */
  #openUntilMs: number | null = null;
  #coolDownMs: number;
  #probing = false;
  /** When the first attempt of the present run of failures was sent. */
  #failingSinceMs = 0;
  /** When it opened, and when it did so last: probes that failed open it again. */
  #openedAtMs = 0;
  #reopenedAtMs = 0;

  constructor(options: BreakerOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.#coolDownMs = options.coolDownMs;
  }

  state(nowMs: number): BreakerState {
    if (this.#openUntilMs === null) return "closed";
    return nowMs < this.#openUntilMs || this.#probing ? "open" : "half_open";
  }

  /** When the next call may try; null while it is closed. */
  get openUntilMs(): number | null {
    return this.#openUntilMs;
  }

  /** How it stands while it is open; null while it is closed. */
  get opening(): Opening | null {
    if (this.#openUntilMs === null) return null;
    const [openedAtMs, reopenedAtMs] = [this.#openedAtMs, this.#reopenedAtMs];
    return { untilMs: this.#openUntilMs, coolDownMs: this.#coolDownMs, openedAtMs, reopenedAtMs };
  }

  /** Another process has found out how its deployment is: this one need not. */
  adopt(opening: Opening | null): void {
    this.#openUntilMs = opening?.untilMs ?? null;
    if (opening === null) {
      this.#recover();
      return;
    }
    this.#coolDownMs = opening.coolDownMs;
    this.#openedAtMs = opening.openedAtMs;
    this.#reopenedAtMs = opening.reopenedAtMs;
  }

  /** How long its deployment is known to have been down: from when it opened until the last probe that failed; 0 while it is closed. */
  get outageMs(): number {
    return this.#openUntilMs === null ? 0 : this.#reopenedAtMs - this.#openedAtMs;
  }

  /** Told of an attempt that begins; true when it is the probe. */
  begin(nowMs: number): boolean {
    if (this.state(nowMs) !== "half_open") return false;
    this.#probing = true;
    return true;
  }

  /** @param probe what `begin` said of this attempt, and when it was sent. */
  success(sentAtMs: number, probe: boolean): void {
    this.#count(0);
    // An answer that had begun before the failures did says nothing of how things are now.
    if (sentAtMs >= this.#failingSinceMs) this.#consecutive = 0;
    if (this.#openUntilMs === null || !probe) return;
    this.#recover();
  }

  /** Whatever came before belongs to the outage. */
  #recover(): void {
    this.#openUntilMs = null;
    this.#probing = false;
    this.#consecutive = 0;
    this.#outcomes = 0;
    this.#failures = 0;
    this.#coolDownMs = this.#options.coolDownMs;
  }

  /** @param probe what `begin` said of this attempt, and when it was sent. */
  failure(sentAtMs: number, probe: boolean, nowMs: number): void {
    this.#count(1);
    if (this.#consecutive === 0) this.#failingSinceMs = sentAtMs;
    this.#consecutive += 1;
    if (this.#openUntilMs !== null) {
      // Failures of calls that were under way when it opened tell nothing new.
      if (!probe) return;
      this.#probing = false;
      this.#coolDownMs = Math.min(2 * this.#coolDownMs, this.#options.longestCoolDownMs);
      this.#open(nowMs);
      return;
    }
    const { enabled, consecutiveFailures, failureShare, leastOutcomes } = this.#options;
    if (!enabled) return;
    const failing = this.#outcomes >= leastOutcomes && this.#failures >= failureShare * this.#outcomes;
    if (this.#consecutive >= consecutiveFailures || failing) this.#open(nowMs);
  }

  /** The probe ended without an outcome (its client left): another may try. */
  abandoned(probe: boolean): void {
    if (probe) this.#probing = false;
  }

  #open(nowMs: number): void {
    if (this.#openUntilMs === null) this.#openedAtMs = nowMs;
    this.#reopenedAtMs = nowMs;
    // Many processes that saw the same outage must not probe in step.
    this.#openUntilMs = nowMs + this.#coolDownMs * (0.8 + 0.4 * this.#random());
  }

  #count(failure: 0 | 1): void {
    this.#outcomes = this.#outcomes * fade + 1;
    this.#failures = this.#failures * fade + failure;
  }
}
