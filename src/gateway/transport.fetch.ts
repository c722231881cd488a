// The transport where there is no undici (Cloudflare Workers): the platform's fetch.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { Exchange, Transport, UpstreamHandler } from "./transport.ts";

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

class FetchExchange implements Exchange {
  readonly #handler: UpstreamHandler;
  readonly #abort = new AbortController();
  #resume: (() => void) | null = null;
  #paused: Promise<void> | null = null;

  constructor(handler: UpstreamHandler) {
    this.#handler = handler;
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

  async run(request: UpstreamRequest): Promise<void> {
    const signal = this.#abort.signal;
    try {
      const response = await fetch(`${request.baseUrl}${request.path}`, {
        method: request.method,
        headers: request.headers,
        body:
          request.method === "GET" ? null : ((request.bytes as Uint8Array<ArrayBuffer> | undefined) ?? request.body),
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
        if (this.#paused !== null) await this.#paused;
      }
      if (!signal.aborted) this.#handler.onEnd();
    } catch {
      if (signal.aborted) return;
      this.#handler.onError({ kind: "network", message: "The connection to the provider failed." });
    }
  }
}
