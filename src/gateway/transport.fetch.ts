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
        if (this.paused !== null) await this.paused;
      }
      if (!signal.aborted) this.#handler.onEnd();
    } catch {
      if (signal.aborted) return;
      this.#handler.onError({ kind: "network", message: "The connection to the provider failed." });
    }
  }
}
