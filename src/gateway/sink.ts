// Where an answer goes: the client's side of a call, whatever the runtime.

/** Who writes to a sink. */
export interface SinkHost {
  /** There is room again. */
  onDrain(): void;
  /** The client has left before the end; told once. */
  onGone(): void;
}

/** One client's response. Written by one call, in order. */
export interface Sink {
  /** Status and headers; once, before any write. */
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** False when the client takes bytes slower than they come: wait until its host is told that it drained. */
  write(data: string | Uint8Array): boolean;
  end(data?: string | Uint8Array): void;
  /** Breaks the connection without a proper end. */
  destroy(): void;
  /** True once the client has left before the end. */
  readonly gone: boolean;
  /**
   * Who is told of what the client does. One object, and no functions: two closures of each call on its sink made V8 keep a quarter
   * of all that calls allocate until a full collection, 15 KB a call (Node 24.21, `--trace-gc`).
   */
  host: SinkHost | null;
}

/** A sink that hands all to another one but what is written here. */
export function wrapSink(sink: Sink, own: Partial<Pick<Sink, "head" | "write" | "end">>): Sink {
  return {
    head: own.head ?? ((status, headers) => sink.head(status, headers)),
    write: own.write ?? ((data) => sink.write(data)),
    end: own.end ?? ((data) => sink.end(data)),
    destroy: () => sink.destroy(),
    get gone() {
      return sink.gone;
    },
    get host() {
      return sink.host;
    },
    set host(host) {
      sink.host = host;
    },
  };
}

/** The runtime's side of one HTTP exchange: its body, its client and its answer. */
export interface HttpExchange {
  /** The whole request body as text; null when it is larger than `limitBytes`. */
  readBody(limitBytes: number): Promise<string | null>;
  /** The body piece by piece, read no faster than it is taken. What is left when its reader stops is thrown away. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Its `content-length`; null when it has none. */
  readonly declaredBytes: number | null;
  readonly sink: Sink;
  /** Headers that the answer has whatever it will be; before its head. */
  carry(headers: Readonly<Record<string, string>>): void;
  /** What the HTTP framework must return while the sink is written to. */
  response(): Response | Promise<Response>;
}

/** A `content-length` as a number; null where there is none that could be meant. */
export function declared(header: string | null): number | null {
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
