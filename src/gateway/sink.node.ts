// The sink on Node: writes straight to the server's response, past Response and web streams.
import type { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { declared, type HttpExchange, type Sink, type SinkHost } from "./sink.ts";

/** How much of an oversized body is read and thrown away, so that its sender gets to read the refusal. */
const drainFactor = 8;

/** `env` as `@hono/node-server` hands it to Hono. */
export function openNodeExchange({ env }: { readonly env: unknown }): HttpExchange {
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
    response: () => RESPONSE_ALREADY_SENT,
  };
}

/** The address that the socket of a request comes from. */
export function peerAddress({ env }: { readonly env: unknown }): string | null {
  return (env as { incoming?: IncomingMessage } | undefined)?.incoming?.socket.remoteAddress ?? null;
}

class NodeSink implements Sink {
  readonly #outgoing: ServerResponse;
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
    outgoing.on("error", () => {});
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#outgoing.writeHead(status, headers);
  }

  write(data: string | Uint8Array): boolean {
    return this.#outgoing.write(data);
  }

  end(data?: string | Uint8Array): void {
    if (data === undefined) this.#outgoing.end();
    else this.#outgoing.end(data);
  }

  destroy(): void {
    this.#outgoing.destroy();
  }
}

async function* chunks(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false });
  } finally {
    // A client that is still sending would not read its answer; the server closes the connection when it goes on for long.
    incoming.on("error", () => {});
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
    incoming.on("data", (piece: Buffer) => {
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
    });
    incoming.on("end", () => {
      if (tooLarge) resolve(null);
      else resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
    });
    incoming.on("error", reject);
    incoming.on("aborted", () => reject(new Error("the client left while sending its request")));
  });
}
