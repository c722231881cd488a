// An exchange that its own loop reads piece by piece: how it is paused and broken off.
import type { Exchange } from "./transport.ts";

export class PausableExchange implements Exchange {
  readonly #abort = new AbortController();
  #resume: (() => void) | null = null;
  #paused: Promise<void> | null = null;

  protected get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Pending while the exchange is paused; the loop waits for it between two pieces. */
  protected get paused(): Promise<void> | null {
    return this.#paused;
  }

  abort(): void {
    this.#abort.abort();
    this.resume();
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#resume = null;
    this.#paused = null;
  }
}

/** Resolves after so many milliseconds; rejects when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", stop, { once: true });
    function done(): void {
      signal.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(new Error("aborted"));
    }
  });
}
