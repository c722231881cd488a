// How bytes reach a provider: one small interface, one implementation per runtime. It makes one exchange and judges nothing.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";

/** Why an exchange broke, as the transport sees it. The message names no header and no URL. */
export interface TransportFailure {
  readonly kind: "network" | "timeout";
  readonly message: string;
}

/** Called as the response comes. Nothing is called after `onEnd`, `onError` or `Exchange.abort()`. */
export interface UpstreamHandler {
  onHeaders(status: number, headers: HeaderLookup): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(failure: TransportFailure): void;
  /** Whether whoever sends the request's body is waited for: meanwhile the provider is not late. */
  onWait?(waiting: boolean): void;
}

/** A running exchange. */
export interface Exchange {
  /** Stops it at once and closes the connection. */
  abort(): void;
  /** Stops reading until `resume`: the upstream feels it through its socket. */
  pause(): void;
  resume(): void;
}

export interface Transport {
  send(request: UpstreamRequest, handler: UpstreamHandler): Exchange;
  close(): Promise<void>;
}
