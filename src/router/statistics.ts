// What is measured of a deployment: how soon and how fast it answers, how often it fails, how much it may be asked.
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { Headroom } from "./headroom.ts";
import { Quantiles, type QuantilesSnapshot } from "./quantiles.ts";

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

export interface StatisticsSnapshot {
  readonly ttft: QuantilesSnapshot;
  readonly token: QuantilesSnapshot;
  readonly failureShare: number;
  readonly atMs: number;
}

/** An attempt under way: `Statistics.begin` gives it, and takes it back with what became of it. */
export interface Underway {
  /** Whether it is the one that tries out an open breaker. */
  readonly probe: boolean;
  readonly sentAtMs: number;
  /** When its first content is overdue, epoch milliseconds. */
  readonly dueAtMs: number;
}

/** What an attempt measured. Durations are milliseconds from its sending. */
export interface Measured {
  /** Null for an answer that came whole. */
  readonly ttftMs: number | null;
  readonly durationMs: number;
  readonly outputTokens: number;
}

export class Statistics {
  readonly breaker: Breaker;
  readonly headroom: Headroom;
  readonly #ttft = new Quantiles();
  /** Microseconds per output token. */
  readonly #token = new Quantiles();
  /** Attempts that have given nothing yet, in the order of their beginning. */
  readonly #waiting = new Set<Underway>();
  #failureShare = 0;
  #failureAtMs = 0;
  #lastContentAtMs = 0;
  /** Medians, kept from one observation to the next: planning reads them for every candidate of every call. */
  #ttftMs: number | null = null;
  #tokenUs: number | null = null;
  /** The share of what its cache was expected to hold that it held, 0 to 1. */
  cacheHits = 0.8;
  /** Attempts under way. */
  inFlight = 0;
  lastUsedAtMs = 0;

  constructor(options: BreakerOptions, random: () => number) {
    this.breaker = new Breaker(options, random);
    this.headroom = new Headroom(options.enabled);
  }

  /** The median time to the first token; null when it was never measured. */
  get ttftMs(): number | null {
    return this.#ttftMs;
  }

  /** The median time per output token; null when it was never measured. */
  get msPerToken(): number | null {
    return this.#tokenUs === null ? null : this.#tokenUs / 1000;
  }

  /** How many measurements stand behind the medians, old ones in part. */
  measurements(nowMs: number): number {
    return this.#ttft.count(nowMs);
  }

  ttftQuantile(q: number): number | null {
    return this.#ttft.quantile(q);
  }

  msPerTokenQuantile(q: number): number | null {
    const us = this.#token.quantile(q);
    return us === null ? null : us / 1000;
  }

  /** The recent share of attempts that failed, 0 to 1. */
  failureShare(nowMs: number): number {
    if (this.#failureShare === 0) return 0;
    return this.#failureShare * 2 ** (-Math.max(0, nowMs - this.#failureAtMs) / failureHalfLifeMs);
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
    this.#measure(measured, nowMs);
  }

  failed(attempt: Underway, failure: ProviderFailure, nowMs: number): void {
    this.#waiting.delete(attempt);
    this.inFlight -= 1;
    if (failure.kind === "rate_limit") this.headroom.refused(failure.retryAfterMs, nowMs);
    if (!troubles.has(failure.kind)) {
      this.breaker.abandoned(attempt.probe);
      return;
    }
    this.#outcome(1, nowMs);
    this.breaker.failure(attempt.sentAtMs, attempt.probe, nowMs);
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

  snapshot(nowMs: number): StatisticsSnapshot {
    return {
      ttft: this.#ttft.snapshot(nowMs),
      token: this.#token.snapshot(nowMs),
      failureShare: this.failureShare(nowMs),
      atMs: nowMs,
    };
  }

  restore({ ttft, token, failureShare, atMs }: StatisticsSnapshot): void {
    this.#ttft.restore(ttft);
    this.#token.restore(token);
    this.#failureShare = failureShare;
    this.#failureAtMs = atMs;
    this.#remember();
  }

  #outcome(failed: 0 | 1, nowMs: number): void {
    const share = this.failureShare(nowMs);
    this.#failureShare = share + failureStep * (failed - share);
    this.#failureAtMs = nowMs;
  }

  #measure({ ttftMs, durationMs, outputTokens }: Measured, nowMs: number): void {
    if (ttftMs !== null) {
      this.#ttft.observe(ttftMs, nowMs);
      // A handful of tokens may come in one piece, and then says nothing of speed.
      if (outputTokens >= 8 && durationMs > ttftMs) {
        this.#token.observe((1000 * (durationMs - ttftMs)) / (outputTokens - 1), nowMs);
      }
    } else {
      this.#measureWhole(durationMs, outputTokens, nowMs);
    }
    this.#remember();
  }

  /** A whole answer tells only the sum of its two parts: both are taken to be off by the same factor. */
  #measureWhole(durationMs: number, outputTokens: number, nowMs: number): void {
    const ttft = this.#ttftMs ?? priorTtftMs;
    const token = this.msPerToken ?? priorMsPerToken;
    const factor = durationMs / (ttft + outputTokens * token);
    this.#ttft.observe(ttft * factor, nowMs);
    if (outputTokens > 0) this.#token.observe(1000 * token * factor, nowMs);
  }

  #remember(): void {
    this.#ttftMs = this.#ttft.quantile(0.5);
    this.#tokenUs = this.#token.quantile(0.5);
  }
}

/** What an unmeasured deployment is taken for: the middle of what hosted chat models do. */
export const priorTtftMs = 700;
export const priorMsPerToken = 15;
