// The transport where there is no undici (Cloudflare Workers): the platform's fetch.
import type { UpstreamRequest } from "../../providers/define.ts";
import { PausableExchange } from "./pausable.ts";
import type { Transport, UpstreamHandler } from "./transport.ts";

/** Sends with the platform's `fetch`. Backpressure holds: the body is read only as fast as it is taken. */
export function fetchTransport(): Transport {
  return {
    send: (request, handler) => {
      const exchange = new FetchExchange(handler);
      void exchange.run(request);
      return exchange;
    },
    close: async () => {},
  };
}

class FetchExchange extends PausableExchange {
  readonly #handler: UpstreamHandler;

  constructor(handler: UpstreamHandler) {
    super();
    this.#handler = handler;
  }

  async run(request: UpstreamRequest): Promise<void> {
    const { signal } = this;
    try {
      const response = await fetch(`${request.baseUrl}${request.path}`, {
        method: request.method,
        headers: request.headers,
        ...bodyOf(request, (waiting) => this.#handler.onWait?.(waiting)),
        redirect: "manual",
        signal,
      });
      if (signal.aborted) return;
      this.#handler.onHeaders(response.status, (name) => response.headers.get(name));
      const reader = response.body?.getReader();
      while (reader !== undefined && !signal.aborted) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) break;
        this.#handler.onData(value);
        if (this.paused !== null) await this.paused;
      }
      if (!signal.aborted) this.#handler.onEnd();
    } catch {
      if (signal.aborted) return;
      this.#handler.onError({ kind: "network", message: "The connection to the provider failed." });
    }
  }
}

/** What Workers have beside web streams: a stream of a known length, which is sent with a `content-length`. */
declare const FixedLengthStream: (new (length: number) => TransformStream<Uint8Array, Uint8Array>) | undefined;

function bodyOf({ method, body, streamed }: UpstreamRequest, onWait: (waiting: boolean) => void): RequestInit {
  if (method === "GET") return {};
  if (streamed === undefined) return { body };
  const stream = streamOf(streamed.read(onWait));
  if (streamed.length === null || typeof FixedLengthStream === "undefined") {
    return { body: stream, duplex: "half" } as RequestInit;
  }
  const fixed = new FixedLengthStream(streamed.length);
  // A body that breaks off breaks the request with it.
  stream.pipeTo(fixed.writable).catch(() => {});
  return { body: fixed.readable, duplex: "half" } as RequestInit;
}

function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
