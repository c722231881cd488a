// The sink where responses are web streams (Cloudflare Workers).

import { declared, type HttpExchange, type Sink, type SinkHost } from "./sink.ts";
import { joined } from "./whole-body.ts";

/** How many bytes may wait for a slow client before writes ask to stop. */
const highWaterBytes = 64 * 1024;

/** `asking` as Hono hands it to a handler. */
export function openWebExchange({ req: { raw: request } }: { readonly req: { readonly raw?: Request } }): HttpExchange {
  if (request === undefined) throw new Error("a web exchange needs a web request");
  const sink = new WebSink();
  request.signal.addEventListener("abort", () => sink.leave(), { once: true });
  return {
    readBody: (limitBytes) => readBody(request, limitBytes),
    chunks: () => chunks(request),
    declaredBytes: declared(request.headers.get("content-length")),
    sink,
    carry: (headers) => {
      sink.carried = { ...sink.carried, ...headers };
    },
    response: () => sink.response,
  };
}

class WebSink implements Sink {
  readonly response: Promise<Response>;
  gone = false;
  host: SinkHost | null = null;
  /** Headers that are added to those of the head. */
  carried: Readonly<Record<string, string>> = {};
  readonly #encoder = new TextEncoder();
  #respond: (response: Response) => void = () => {};
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #ended = false;

  constructor() {
    this.response = new Promise((resolve) => {
      this.#respond = resolve;
    });
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.host?.onDrain(),
        cancel: () => this.leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: highWaterBytes }),
    );
    this.#respond(new Response(body, { status, headers: { ...this.carried, ...headers } }));
  }

  write(data: string | Uint8Array): boolean {
    if (this.gone || this.#controller === null) return true;
    this.#controller.enqueue(typeof data === "string" ? this.#encoder.encode(data) : data);
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  end(data?: string | Uint8Array): void {
    if (this.#ended || this.gone) return;
    if (data !== undefined) this.write(data);
    this.#ended = true;
    this.#controller?.close();
  }

  destroy(): void {
    if (this.#ended || this.gone) return;
    this.#ended = true;
    this.#controller?.error(new Error("the answer broke off"));
  }

  /** The client has left. */
  leave(): void {
    if (this.#ended || this.gone) return;
    this.gone = true;
    this.host?.onGone();
  }
}

async function readBody(request: Request, limitBytes: number): Promise<string | null> {
  const bytes = await readBytes(request, limitBytes);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

async function* chunks(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } finally {
    // Of a body that has come whole nothing is left, and of one that broke off nothing comes.
    await reader?.cancel().catch(() => {});
  }
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) return null;
  const reader = request.body?.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limitBytes) {
      await reader.cancel();
      return null;
    }
    pieces.push(value);
  }
  return joined(pieces, size);
}
