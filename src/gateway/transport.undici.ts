// The transport on Node: undici's dispatch, which costs a fraction of fetch (docs/design.md, "Hot path").
import { Readable } from "node:stream";
import { Agent, type Dispatcher } from "undici";
import type { UpstreamRequest } from "../../providers/define.ts";
import type { Exchange, Transport, TransportFailure, UpstreamHandler } from "./transport.ts";

export interface UndiciOptions {
  readonly connectTimeoutMs: number;
}

/** A pool of keep-alive connections per origin. First-byte and idle time-outs are the caller's: it knows what content is. */
export function undiciTransport(options: UndiciOptions): Transport {
  const agent = new Agent({
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    pipelining: 1,
    // With HTTP/2 undici lets one connection find out whether the server has it, and all other calls wait for that: where it can't
    // be made, they fail one after another, each after its own time-out.
    allowH2: false,
  });
  return {
    send: (request, handler) => new UndiciExchange(agent, request, handler),
    close: () => agent.destroy(),
  };
}

class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  readonly #handler: UpstreamHandler;
  #controller: Dispatcher.DispatchController | null = null;
  /** What one read of the socket has brought, so far. */
  #pieces: Uint8Array[] | null = null;
  #over = false;

  constructor(agent: Agent, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#handler = handler;
    const base = baseOf(request.baseUrl);
    agent.dispatch(
      {
        origin: base.origin,
        path: base.path + request.path,
        method: request.method,
        headers: headersOf(request),
        body: this.#bodyOf(request),
      },
      this,
    );
  }

  onWait(waiting: boolean): void {
    if (!this.#over) this.#handler.onWait?.(waiting);
  }

  /** Taken one piece ahead at most. Undici ends it with the exchange, and need not be told of what it ended itself. */
  #bodyOf({ streamed, body }: UpstreamRequest): string | Readable {
    if (streamed === undefined) return body;
    return Readable.from(streamed.read((waiting) => this.onWait(waiting))).on("error", () => {});
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error("aborted"));
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("aborted"));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // A copy of the headers in bytes, which it would keep for as long as the answer lasts: 2 KB of each open stream.
    controller.rawHeaders = null;
    // 1xx are not the answer.
    if (this.#over || status < 200) return;
    this.#handler.onHeaders(status, (name) => {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
    });
  }

  /** Undici hands out one chunk of the body after the other; all that a read has brought is told at once, which costs less. */
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#pieces !== null) this.#pieces.push(chunk);
    else {
      this.#pieces = [chunk];
      process.nextTick(deliver, this);
    }
  }

  /** Tells what has come and was not told yet. */
  deliver(): void {
    const pieces = this.#pieces;
    this.#pieces = null;
    if (pieces === null || this.#over) return;
    const [first] = pieces;
    this.#handler.onData(first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces));
  }

  onResponseEnd(): void {
    this.deliver();
    if (this.#over) return;
    this.#over = true;
    this.#handler.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.deliver();
    if (this.#over) return;
    this.#over = true;
    this.#handler.onError(describe(error));
  }
}

function deliver(exchange: UndiciExchange): void {
  exchange.deliver();
}

interface Base {
  readonly origin: string;
  readonly path: string;
}

/** Base URLs are those of connections: few, and the same for every call. */
const bases = new Map<string, Base>();
const mostBases = 1_000;

function baseOf(baseUrl: string): Base {
  let base = bases.get(baseUrl);
  if (base === undefined) {
    const { origin, pathname } = new URL(baseUrl);
    base = { origin, path: pathname === "/" ? "" : pathname };
    if (bases.size >= mostBases) bases.clear();
    bases.set(baseUrl, base);
  }
  return base;
}

function headersOf({ headers, streamed }: UpstreamRequest): Record<string, string> {
  const length = streamed?.length ?? null;
  return length === null ? headers : { ...headers, "content-length": String(length) };
}

function describe(error: Error): TransportFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return { kind: "timeout", message: "The connection to the provider was not made in time." };
  }
  return { kind: "network", message: `The connection to the provider failed (${code}).` };
}
