// The sink on Node: writes straight to the server's response, past Response and web streams.
import type { IncomingMessage, ServerResponse } from "node:http";
import { declared, type HttpExchange, type Sink, type SinkHost } from "./sink.ts";

/** How much of an oversized body is read and thrown away, so that its sender gets to read the refusal. */
const drainFactor = 8;

/** `env` as `@hono/node-server` hands it to Hono. */
export function openNodeExchange({
  env,
  req,
}: {
  readonly env: unknown;
  readonly req: { readonly raw?: Request };
}): HttpExchange {
  const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse };
  const sink = new NodeSink(outgoing);
  return {
    readBody: async (limitBytes) => (await readBytes(incoming, limitBytes))?.toString("utf8") ?? null,
    chunks: () => chunks(incoming),
    declaredBytes: declared(incoming.headers["content-length"] ?? null),
    sink,
    carry: (headers) => {
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
    },
    response: () => (req.raw === undefined ? unseen : alreadySent()),
  };
}

/** What a lane is given back, which it does not look at. A `Response` brings all of Node's own `fetch` along: 30 ms of a start. */
const unseen = {} as Response;
let sent: Response | null = null;

/**
 * Tells Hono's server that the answer is written. Its own RESPONSE_ALREADY_SENT is one of Node's because it is made before that server
 * puts its light `Response` in place of Node's; a light one it would send. Asked for its body, a light one becomes one of Node's.
 */
function alreadySent(): Response {
  sent ??= new Response(null, { headers: { "x-hono-already-sent": "true" } });
  void sent.body;
  return sent;
}

/** The address that the socket of a request comes from. */
export function peerAddress({ env }: { readonly env: unknown }): string | null {
  return (env as { incoming?: IncomingMessage } | undefined)?.incoming?.socket.remoteAddress ?? null;
}

/** Up to this size a chunk is copied together with its frame: one small write costs less than three. */
const copiedBytes = 16 * 1024;

class NodeSink implements Sink {
  readonly #outgoing: ServerResponse;
  /** Whether the body is cut into chunks here. Node's own writes four pieces for each, which is most of what a chunk costs. */
  #chunked = false;
  #begun = false;
  gone = false;
  host: SinkHost | null = null;

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
    outgoing.on("close", () => {
      if (outgoing.writableFinished) return;
      this.gone = true;
      this.host?.onGone();
    });
    outgoing.on("drain", () => this.host?.onDrain());
    // A client that resets the connection is not an error of ours; `close` follows.
    outgoing.on("error", ignore);
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    const outgoing = this.#outgoing.writeHead(status, headers);
    // Node has decided on it, and has written it into the head: a client of HTTP/1.0 is not sent any.
    this.#chunked = outgoing.chunkedEncoding;
    outgoing.chunkedEncoding = false;
  }

  write(data: string | Uint8Array): boolean {
    // An empty chunk would be the last one.
    if (data.length === 0) return true;
    const room = this.#write(data);
    if (!this.#begun) this.#forgetHead();
    return room;
  }

  end(data: string | Uint8Array = ""): void {
    if (!this.#chunked) this.#outgoing.end(data);
    else if (data.length === 0) this.#outgoing.end(lastChunk);
    else {
      this.#write(data);
      this.#outgoing.end(lastChunk);
    }
  }

  destroy(): void {
    this.#outgoing.destroy();
  }

  #write(data: string | Uint8Array): boolean {
    const outgoing = this.#outgoing;
    if (!this.#chunked) return outgoing.write(data);
    if (typeof data === "string") return outgoing.write(`${sizeLine(Buffer.byteLength(data))}${data}\r\n`);
    if (data.length <= copiedBytes) return outgoing.write(framed(data));
    outgoing.write(sizeLine(data.length));
    outgoing.write(data);
    return outgoing.write("\r\n");
  }

  /**
   * Node keeps the head that was sent, in some sixty pieces that it was built from, for as long as the answer lasts: 2 KB of each
   * open stream. That there was one is all that it still asks.
   */
  #forgetHead(): void {
    this.#begun = true;
    Object.assign(this.#outgoing, { _header: "sent" });
  }
}

function ignore(): void {}

/** Chunked transfer coding: RFC 9112, 7.1. */
const lastChunk = "0\r\n\r\n";

function sizeLine(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

function framed(data: Uint8Array): Buffer {
  const size = sizeLine(data.length);
  const chunk = Buffer.allocUnsafe(size.length + data.length + 2);
  chunk.write(size, "latin1");
  chunk.set(data, size.length);
  chunk.write("\r\n", size.length + data.length, "latin1");
  return chunk;
}

async function* chunks(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false });
  } finally {
    // A client that is still sending would not read its answer; the server closes the connection when it goes on for long.
    incoming.on("error", ignore);
    incoming.resume();
  }
}

function readBytes(incoming: IncomingMessage, limitBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const declared = Number(incoming.headers["content-length"] ?? 0);
    let size = 0;
    let tooLarge = declared > limitBytes;
    let pieces: Buffer[] = [];
    if (declared > limitBytes * drainFactor) {
      resolve(null);
      return;
    }
    const take = (piece: Buffer): void => {
      size += piece.length;
      if (size > limitBytes) {
        tooLarge = true;
        pieces = [];
      }
      if (!tooLarge) pieces.push(piece);
      else if (size > limitBytes * drainFactor) {
        incoming.pause();
        resolve(null);
      }
    };
    const end = (): void => {
      if (tooLarge) resolve(null);
      else resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
      // The request lives as long as its answer; its body need not.
      incoming.off("data", take).off("end", end).off("error", reject).off("aborted", leave);
    };
    const leave = (): void => reject(new Error("the client left while sending its request"));
    incoming.on("data", take).on("end", end).on("error", reject).on("aborted", leave);
  });
}
