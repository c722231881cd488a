// Timing: how soon and how fast a model answers at a provider. All credentials of the provider share what is measured.
import { Quantiles, type QuantilesSnapshot } from "./quantiles.ts";

/** What an unmeasured deployment is taken for: the middle of what hosted chat models do. */
export const priorTtftMs = 700;
export const priorMsPerToken = 15;

/** So few tokens may come in one piece, and then say nothing of speed. */
const fewestTokens = 8;

/** What an attempt measured. Durations are milliseconds from its sending. */
export interface Measured {
  /** Null for an answer that came whole. */
  readonly ttftMs: number | null;
  readonly durationMs: number;
  readonly outputTokens: number;
}

export interface TimingSnapshot {
  readonly ttft: QuantilesSnapshot;
  readonly token: QuantilesSnapshot;
}

export class Timing {
  readonly #ttft = new Quantiles();
  /** Microseconds per output token. */
  readonly #token = new Quantiles();
  /** Medians, kept from one observation to the next: planning reads them for every candidate of every call. */
  #ttftMs: number | null = null;
  #tokenUs: number | null = null;

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

  /** When it was last measured; 0 when it was not. */
  get measuredAtMs(): number {
    return this.#ttft.observedAtMs;
  }

  ttftQuantile(q: number): number | null {
    return this.#ttft.quantile(q);
  }

  msPerTokenQuantile(q: number): number | null {
    const us = this.#token.quantile(q);
    return us === null ? null : us / 1000;
  }

  measure({ ttftMs, durationMs, outputTokens }: Measured, nowMs: number): void {
    if (ttftMs === null) {
      this.#measureWhole(durationMs, outputTokens, nowMs);
    } else {
      this.#ttft.observe(ttftMs, nowMs);
      if (outputTokens >= fewestTokens && durationMs > ttftMs) {
        this.#token.observe((1000 * (durationMs - ttftMs)) / (outputTokens - 1), nowMs);
      }
    }
    this.#remember();
  }

  snapshot(nowMs: number): TimingSnapshot {
    return { ttft: this.#ttft.snapshot(nowMs), token: this.#token.snapshot(nowMs) };
  }

  restore({ ttft, token }: TimingSnapshot): void {
    this.#ttft.restore(ttft);
    this.#token.restore(token);
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
