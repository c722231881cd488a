// Headroom: how much a deployment may still be asked before its provider refuses, from the provider's own headers, from its
// refusals, and from what was sent since.
import type { Limits } from "../../providers/dialects/limits.ts";

/** After a 429 that does not say how long: this long, twice as long each time it is repeated. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** Nobody is believed who asks for more; a quota that is used up is told by other means. */
const longestAskedMs = 10 * 60_000;

interface Allowance {
  readonly limit: number | null;
  readonly remaining: number;
  readonly resetAtMs: number | null;
}

export class Headroom {
  /** False for a deployment that is asked however often it refuses. */
  readonly #pauses: boolean;
  #requests: Allowance | null = null;
  #tokens: Allowance | null = null;
  #sentSince = 0;
  #pausedUntilMs = 0;
  #pauseMs = firstPauseMs;

  constructor(pauses: boolean) {
    this.#pauses = pauses;
  }

  /** When it may be asked again after a refusal; in the past where nothing stands against it. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** Another process was refused: it is left alone until then. */
  adopt(pausedUntilMs: number): void {
    this.#pause(pausedUntilMs);
  }

  /** A request is being sent. */
  used(): void {
    this.#sentSince += 1;
  }

  /** The provider said how much is left. */
  told({ requests, tokens }: Limits, nowMs: number): void {
    this.#requests = requests ?? this.#requests;
    this.#tokens = tokens ?? this.#tokens;
    this.#sentSince = 0;
    const used = [requests, tokens].find((one) => one !== null && one.remaining <= 0 && one.resetAtMs !== null);
    if (used?.resetAtMs && used.resetAtMs > nowMs) this.#pause(Math.min(used.resetAtMs, nowMs + longestAskedMs));
  }

  served(): void {
    this.#pauseMs = firstPauseMs;
  }

  /** The provider refused for its rate limit. */
  refused(retryAfterMs: number | null, nowMs: number): void {
    if (retryAfterMs !== null) {
      this.#pause(nowMs + Math.min(retryAfterMs, longestAskedMs));
      return;
    }
    // Calls that were under way together are refused together: that is one refusal, not many.
    if (nowMs < this.#pausedUntilMs) return;
    this.#pause(nowMs + this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  /** The share of the limit that is left, 0 to 1; 1 when nothing is known. */
  left(nowMs: number): number {
    return Math.min(share(this.#requests, this.#sentSince, nowMs), share(this.#tokens, 0, nowMs));
  }

  #pause(untilMs: number): void {
    if (this.#pauses) this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }
}

function share(allowance: Allowance | null, sentSince: number, nowMs: number): number {
  if (allowance === null || allowance.limit === null || allowance.limit <= 0) return 1;
  if (allowance.resetAtMs !== null && allowance.resetAtMs <= nowMs) return 1;
  return Math.max(0, Math.min(1, (allowance.remaining - sentSince) / allowance.limit));
}
