// What is measured of a deployment beside its times: how often it fails, how much it may be asked, what is under way.
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { Headroom } from "./headroom.ts";
import type { Measured, Timing } from "./timing.ts";

/** The share of failures moves this much of the way with each outcome … */
const failureStep = 0.1;
/** … and back to none by half in so long, so that what is not called any more gets another chance. */
const failureHalfLifeMs = 20_000;
/** The share of cache hits moves so much of the way with each prompt that could have hit. */
const cacheStep = 0.1;
/** A failure of these kinds says that the deployment is in trouble; the others speak of the request or the credential. */
const troubles: ReadonlySet<ProviderFailure["kind"]> = new Set([
  "server",
  "overloaded",
  "network",
  "timeout",
  "protocol",
]);

/** An attempt under way: `Statistics.begin` gives it, and takes it back with what became of it. */
export interface Underway {
  /** Whether it is the one that tries out an open breaker. */
  readonly probe: boolean;
  readonly sentAtMs: number;
  /** When its first content is overdue, epoch milliseconds. */
  readonly dueAtMs: number;
}

/** What is counted of a deployment, as it stood at a time. */
export interface Figures {
  readonly attempts: number;
  readonly failures: number;
  readonly inFlight: number;
  readonly lastUsedAtMs: number;
  readonly cacheHits: number;
  readonly lastContentAtMs: number;
  readonly failureShare: number;
  readonly atMs: number;
}

export class Statistics {
  readonly timing: Timing;
  readonly breaker: Breaker;
  readonly headroom: Headroom;
  /** Attempts that have given nothing yet, in the order of their beginning. */
  readonly #waiting = new Set<Underway>();
  #failureShare = 0;
  #failureAtMs = 0;
  #lastContentAtMs = 0;
  /** The share of what its cache was expected to hold that it held, 0 to 1. */
  cacheHits = 0.8;
  /** Attempts under way. */
  inFlight = 0;
  lastUsedAtMs = 0;
  /** Attempts since the start of this process, and those of them that failed for trouble of the deployment's. */
  attempts = 0;
  failures = 0;

  /** @param timing what is measured of the model at the provider, whichever credential is used. */
  constructor(timing: Timing, options: BreakerOptions, random: () => number) {
    this.timing = timing;
    this.breaker = new Breaker(options, random);
    this.headroom = new Headroom(options.enabled);
  }

  /** The recent share of attempts that failed, 0 to 1. */
  failureShare(nowMs: number): number {
    if (this.#failureShare === 0) return 0;
    return this.#failureShare * 2 ** (-Math.max(0, nowMs - this.#failureAtMs) / failureHalfLifeMs);
  }

  /** When it last gave content; 0 when it has not. */
  get lastContentAtMs(): number {
    return this.#lastContentAtMs;
  }

  /**
   * How long the deployment has kept silent although something is overdue: a hanging provider is seen long before its
   * time-outs are.
   */
  overdueMs(nowMs: number): number {
    for (const { dueAtMs } of this.#waiting) return Math.max(0, nowMs - Math.max(dueAtMs, this.#lastContentAtMs));
    return 0;
  }

  /**
   * An attempt begins. It must be given to exactly one of `succeeded`, `failed` and `abandoned`.
   * @param dueInMs when its first content may be expected at the latest.
   */
  begin(nowMs: number, dueInMs: number): Underway {
    const attempt = { probe: this.breaker.begin(nowMs), sentAtMs: nowMs, dueAtMs: nowMs + dueInMs };
    this.inFlight += 1;
    this.attempts += 1;
    this.lastUsedAtMs = nowMs;
    this.headroom.used();
    this.#waiting.add(attempt);
    return attempt;
  }

  /** Its first content has come. */
  content(attempt: Underway, nowMs: number): void {
    // The end of what had begun before says nothing of whether anything begins now.
    if (this.#waiting.delete(attempt)) this.#lastContentAtMs = nowMs;
  }

  succeeded(attempt: Underway, measured: Measured, nowMs: number): void {
    this.content(attempt, nowMs);
    this.inFlight -= 1;
    this.breaker.success(attempt.sentAtMs, attempt.probe);
    this.headroom.served();
    this.#outcome(0, nowMs);
    this.timing.measure(measured, nowMs);
  }

  failed(attempt: Underway, failure: ProviderFailure, nowMs: number): void {
    this.#waiting.delete(attempt);
    this.inFlight -= 1;
    if (failure.kind === "rate_limit") this.headroom.refused(failure.retryAfterMs, nowMs);
    if (!troubles.has(failure.kind)) {
      this.breaker.abandoned(attempt.probe);
      return;
    }
    this.failures += 1;
    this.#outcome(1, nowMs);
    this.breaker.failure(attempt.sentAtMs, attempt.probe, nowMs);
  }

  /** Shows what other processes have seen, for those who look; a process that adopts makes no calls of its own. */
  adopt(seen: Figures): void {
    this.attempts = seen.attempts;
    this.failures = seen.failures;
    this.inFlight = seen.inFlight;
    this.lastUsedAtMs = seen.lastUsedAtMs;
    this.cacheHits = seen.cacheHits;
    this.#lastContentAtMs = seen.lastContentAtMs;
    this.#failureShare = seen.failureShare;
    this.#failureAtMs = seen.atMs;
  }

  figures(nowMs: number): Figures {
    return {
      attempts: this.attempts,
      failures: this.failures,
      inFlight: this.inFlight,
      lastUsedAtMs: this.lastUsedAtMs,
      cacheHits: this.cacheHits,
      lastContentAtMs: this.#lastContentAtMs,
      failureShare: this.failureShare(nowMs),
      atMs: nowMs,
    };
  }

  /** What its cache held of a prompt, beside what it was expected to hold; both as shares of the prompt. */
  cacheSeen(expected: number, held: number): void {
    this.cacheHits += cacheStep * (Math.min(1, held / expected) - this.cacheHits);
  }

  /** It was stopped: its client left, or another one was faster. */
  abandoned(attempt: Underway): void {
    this.#waiting.delete(attempt);
    this.inFlight -= 1;
    this.breaker.abandoned(attempt.probe);
  }

  #outcome(failed: 0 | 1, nowMs: number): void {
    const share = this.failureShare(nowMs);
    this.#failureShare = share + failureStep * (failed - share);
    this.#failureAtMs = nowMs;
  }
}
