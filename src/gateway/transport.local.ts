// Sends requests for local upstreams (the sandbox) to their function, those with a course along it, and all others to the network.
import type { LocalUpstream, UpstreamRequest } from "../../providers/define.ts";
import { PausableExchange, sleep } from "./pausable.ts";
import { sendAlong } from "./transport.course.ts";
import type { Transport, UpstreamHandler } from "./transport.ts";

export interface LocalOptions {
  readonly upstreams: ReadonlyMap<string, LocalUpstream>;
  countTokens(text: string): number;
}

/** `upstreams` by base URL: a request to such a base URL never leaves the process. */
export function withLocalUpstreams(network: Transport, options: LocalOptions): Transport {
  return {
    send: (request, handler) => {
      if (request.course !== undefined) return sendAlong(request.course, network, request, handler);
      const upstream = options.upstreams.get(request.baseUrl);
      if (upstream === undefined) return network.send(request, handler);
      const exchange = new LocalExchange(handler);
      void exchange.run(upstream, request, options.countTokens);
      return exchange;
    },
    close: () => network.close(),
  };
}

class LocalExchange extends PausableExchange {
  readonly #handler: UpstreamHandler;

  constructor(handler: UpstreamHandler) {
    super();
    this.#handler = handler;
  }

  async run(upstream: LocalUpstream, request: UpstreamRequest, countTokens: (text: string) => number): Promise<void> {
    const { signal } = this;
    const encoder = new TextEncoder();
    try {
      const response = await upstream(request, { signal, countTokens, sleep: (ms) => sleep(ms, signal) });
      if (signal.aborted) return;
      this.#handler.onHeaders(response.status, (name) => response.headers[name.toLowerCase()] ?? null);
      for await (const text of response.body) {
        if (signal.aborted) return;
        this.#handler.onData(encoder.encode(text));
        if (this.paused !== null) await this.paused;
      }
      if (!signal.aborted) this.#handler.onEnd();
    } catch {
      if (!signal.aborted)
        this.#handler.onError({ kind: "network", message: "The connection to the provider failed." });
    }
  }
}
