// The health of a credential: one that its provider refuses is left alone, and tried again now and then.
import type { FailureKind } from "../../providers/dialects/failure.ts";

/** A refused credential is left alone for so long at first, and twice as long after each further refusal. */
const firstPauseMs = 30_000;
const longestPauseMs = 60 * 60_000;

/** Why a credential is no use: the provider does not know it, or it has no money left. */
export type CredentialTrouble = Extract<FailureKind, "authentication" | "quota">;

export function isCredentialTrouble(kind: FailureKind): kind is CredentialTrouble {
  return kind === "authentication" || kind === "quota";
}

export class CredentialHealth {
  /** False for one that is used however often it is refused. */
  readonly #pauses: boolean;
  #pauseMs = firstPauseMs;
  #pausedUntilMs = 0;
  /** What is wrong with it; null while it works. */
  trouble: CredentialTrouble | null = null;

  constructor(pauses: boolean) {
    this.#pauses = pauses;
  }

  usable(nowMs: number): boolean {
    return nowMs >= this.#pausedUntilMs;
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** What another process has found out of it. */
  adopt(trouble: CredentialTrouble | null, pausedUntilMs: number): void {
    if (trouble === null) this.accepted();
    this.trouble = trouble;
    this.#pausedUntilMs = pausedUntilMs;
  }

  /** The provider took it. True when it had been refused before. */
  accepted(): boolean {
    if (this.trouble === null) return false;
    this.trouble = null;
    this.#pausedUntilMs = 0;
    this.#pauseMs = firstPauseMs;
    return true;
  }

  /** The provider refused it. True when that is news. */
  refused(trouble: CredentialTrouble, nowMs: number): boolean {
    const news = this.trouble !== trouble;
    this.trouble = trouble;
    // Calls that were under way together are refused together: that is one refusal.
    if (nowMs < this.#pausedUntilMs || !this.#pauses) return news;
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
    return news;
  }
}
