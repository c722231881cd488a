// A request as the handlers of calls see it. Hono's context is one; on Node, the lane's (src/lane.node.ts) costs a fraction of it.

export interface Asking {
  /** What the runtime's server lends: on Node the pair of request and response. */
  readonly env: unknown;
  readonly req: {
    /** With or without its origin. */
    readonly url: string;
    /** Absent where the runtime's server hands out no web requests. */
    readonly raw?: Request;
    header(name: string): string | undefined;
    query(name: string): string | undefined;
  };
  /** Sets a header of an answer that is Hono's own; absent where none is. */
  readonly header?: (name: string, value: string) => void;
}

/** Answers a call, whatever happens: it never rejects. */
export type CallHandler = (asking: Asking) => Promise<Response>;
