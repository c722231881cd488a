// The room that the limits of a provider's credential leave, as this process counts them (for several: workers/shared-rooms.ts).
import { type SlidingWindow, slidingWindow } from "./sliding.ts";

export interface RoomLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrency?: number;
}

const minuteMs = 60_000;
/** When a call that is under way ends, nobody knows. */
const lookAgainMs = 1_000;

/**
 * Requests and calls under way are counted when they begin, and never exceed their limits. Tokens are counted when they are known, at
 * a call's end: those under way together may exceed theirs once.
 */
export class CredentialRoom {
  readonly #limits: RoomLimits;
  readonly #requests: SlidingWindow | null;
  readonly #tokens: SlidingWindow | null;
  #inFlight = 0;

  constructor(limits: RoomLimits) {
    const { requestsPerMinute, tokensPerMinute } = limits;
    this.#limits = limits;
    this.#requests =
      requestsPerMinute === undefined ? null : slidingWindow(minuteMs, requestsPerMinute, { ones: true });
    this.#tokens = tokensPerMinute === undefined ? null : slidingWindow(minuteMs, tokensPerMinute, { ones: false });
  }

  /** When one more call may be sent, epoch milliseconds: not after now when it may be at once. */
  freeAtMs(nowMs: number): number {
    const { requestsPerMinute = 0, tokensPerMinute = 0, concurrency = Number.POSITIVE_INFINITY } = this.#limits;
    return Math.max(
      this.#inFlight < concurrency ? nowMs : nowMs + lookAgainMs,
      this.#requests?.fitsAtMs(1, requestsPerMinute, nowMs) ?? nowMs,
      this.#tokens?.fitsAtMs(1, tokensPerMinute, nowMs) ?? nowMs,
    );
  }

  begin(nowMs: number): void {
    this.#inFlight += 1;
    this.#requests?.add(1, nowMs);
  }

  /** @param tokens what the call has used, as far as anybody knows. */
  end(tokens: number, nowMs: number): void {
    this.#inFlight -= 1;
    if (tokens > 0) this.#tokens?.add(tokens, nowMs);
  }
}
