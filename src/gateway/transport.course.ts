// An exchange that takes several requests: a provider's course makes them, and whoever waits sees one answer.
import type { UpstreamCourse, UpstreamRequest, UpstreamResponse } from "../../providers/define.ts";
import { PausableExchange, sleep } from "./pausable.ts";
import type { Exchange, Transport, TransportFailure, UpstreamHandler } from "./transport.ts";

/** Sends a request along a course over the network. */
export function sendAlong(
  course: UpstreamCourse,
  network: Transport,
  request: UpstreamRequest,
  handler: UpstreamHandler,
): Exchange {
  const exchange = new CourseExchange(network, handler);
  void exchange.run(course, request);
  return exchange;
}

/** Why one of the course's requests broke. */
class Broken extends Error {
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

class CourseExchange extends PausableExchange {
  readonly #network: Transport;
  readonly #handler: UpstreamHandler;

  constructor(network: Transport, handler: UpstreamHandler) {
    super();
    this.#network = network;
    this.#handler = handler;
  }

  async run(course: UpstreamCourse, request: UpstreamRequest): Promise<void> {
    const { signal } = this;
    const encoder = new TextEncoder();
    try {
      const response = await course(request, {
        signal,
        sleep: (ms) => sleep(ms, signal),
        send: (next) => respond(this.#network, next, signal),
        tell: (next) => void this.#network.send(next, deaf),
      });
      if (!signal.aborted) this.#handler.onHeaders(response.status, response.header);
      for await (const piece of response.body) {
        // Leaving the loop tells the course, which calls off what it began.
        if (signal.aborted) return;
        this.#handler.onData(typeof piece === "string" ? encoder.encode(piece) : piece);
        if (this.paused !== null) await this.paused;
      }
      if (!signal.aborted) this.#handler.onEnd();
    } catch (error) {
      if (signal.aborted) return;
      const network = { kind: "network", message: "The connection to the provider failed." } as const;
      this.#handler.onError(error instanceof Broken ? error.failure : network);
    }
  }
}

const deaf: UpstreamHandler = { onHeaders: () => {}, onData: () => {}, onEnd: () => {}, onError: () => {} };

/** One request as a promise of its response, whose body is read one piece ahead. */
function respond(network: Transport, request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let wake = (): void => {};
    let over = false;
    let problem: Error | null = null;
    const end = (error: Error | null): void => {
      over = true;
      problem = error;
      if (error !== null) reject(error);
      wake();
    };
    const exchange = network.send(request, {
      onHeaders: (status, header) => resolve({ status, header, body: body() }),
      onData: (chunk) => {
        pieces.push(chunk);
        exchange.pause();
        wake();
      },
      onEnd: () => end(null),
      onError: (failure) => end(new Broken(failure)),
    });
    const stop = (): void => {
      exchange.abort();
      end(new Error("aborted"));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });

    async function* body(): AsyncIterable<Uint8Array> {
      try {
        for (;;) {
          const piece = pieces.shift();
          if (piece !== undefined) yield piece;
          else if (problem !== null) throw problem;
          else if (over) return;
          else {
            const more = new Promise<void>((woken) => {
              wake = woken;
            });
            exchange.resume();
            await more;
          }
        }
      } finally {
        signal.removeEventListener("abort", stop);
        if (!over) exchange.abort();
      }
    }
  });
}
