// Uploads for tests: an upstream that takes files as slowly as it is told to, and a client that makes them as it sends them.
import { createHash, type Hash } from "node:crypto";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const blockBytes = 64 * 1024;

/** Bytes that repeat nowhere, a block at a time. */
export function* made(bytes: number): Generator<Uint8Array> {
  const block = Buffer.alloc(blockBytes);
  for (let at = 0; at < bytes; at += block.length) {
    block.fill(createHash("sha256").update(String(at)).digest());
    yield Buffer.from(block.subarray(0, Math.min(blockBytes, bytes - at)));
  }
}

/** A form's fields in their order; a number is a file of so many bytes. */
export type Fields = readonly (readonly [name: string, value: string | number])[];

const boundary = "----form";

function* bodyOf(fields: Fields): Generator<Uint8Array> {
  for (const [name, value] of fields) {
    const file = typeof value === "number" ? '; filename="a.mp3"\r\ncontent-type: audio/mpeg' : "";
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`);
    if (typeof value === "number") yield* made(value);
    else yield Buffer.from(value);
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

export function sizeOf(fields: Fields): number {
  const empty = fields.map(([name, value]) => [name, typeof value === "number" ? 0 : value] as const);
  let size = 0;
  for (const piece of bodyOf(empty)) size += piece.length;
  for (const [, value] of fields) if (typeof value === "number") size += value;
  return size;
}

/** Of the bytes of a made file. */
export function digestOf(bytes: number): string {
  const hash = createHash("sha256");
  for (const piece of made(bytes)) hash.update(piece);
  return hash.digest("hex");
}

export interface Sending {
  /** Bytes that the gateway's side has taken, or the sockets between. */
  readonly sentBytes: number;
  readonly answer: Promise<{ readonly status: number; readonly id: string | null; readonly body: unknown }>;
  abort(): void;
}

export interface SendOptions {
  readonly url: string;
  readonly key: string;
  readonly fields: Fields;
  /** Without it the body is sent in chunks and its length is not said. */
  readonly withLength?: boolean;
  /** Awaited before each piece. */
  before?(sentBytes: number): Promise<void> | void;
}

/** Sends a form while it is made, and reads the answer whenever it comes. */
export function send({ url, key, fields, withLength = true, before }: SendOptions): Sending {
  let sentBytes = 0;
  const outgoing = request(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": `multipart/form-data; boundary=${boundary}`,
      ...(withLength && { "content-length": sizeOf(fields) }),
    },
  });
  const answer = new Promise<{ status: number; id: string | null; body: unknown }>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", async (incoming) => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const id = incoming.headers["x-request-id"];
      resolve({
        status: incoming.statusCode ?? 0,
        id: typeof id === "string" ? id : null,
        body: JSON.parse(Buffer.concat(pieces).toString()),
      });
    });
  });
  answer.catch(() => {});
  outgoing.flushHeaders();
  const closed = new Promise<void>((resolve) => outgoing.once("close", resolve));
  const write = async (): Promise<void> => {
    for (const piece of bodyOf(fields)) {
      await before?.(sentBytes);
      if (outgoing.destroyed) return;
      if (!outgoing.write(piece)) {
        await Promise.race([new Promise<void>((resolve) => outgoing.once("drain", resolve)), closed]);
      }
      sentBytes += piece.length;
    }
    outgoing.end();
  };
  write().catch(() => {});
  return {
    get sentBytes() {
      return sentBytes;
    },
    answer,
    abort: () => outgoing.destroy(),
  };
}

/** What the upstream has got of one request. */
export interface Taken {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  bytes: number;
  /** Of the file's content, once it is whole. */
  file: string | null;
  /** The text before the file. */
  head: string;
  broken: boolean;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse, taken: Taken) => Promise<void> | void;

export interface FileUpstream {
  readonly url: string;
  readonly taken: Taken[];
  /** Of the next requests, in their order; after them, all are taken whole and answered. */
  readonly behaviours: Behaviour[];
  close(): Promise<void>;
}

export async function startFileUpstream(): Promise<FileUpstream> {
  const taken: Taken[] = [];
  const behaviours: Behaviour[] = [];
  const server = createServer((incoming, response) => {
    const one: Taken = {
      path: incoming.url ?? "",
      headers: incoming.headers,
      bytes: 0,
      file: null,
      head: "",
      broken: false,
    };
    taken.push(one);
    incoming.on("error", () => {
      one.broken = true;
    });
    void (behaviours.shift() ?? takeWhole)(incoming, response, one);
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    behaviours,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads the whole form, and answers with what a transcription says. */
export const takeWhole: Behaviour = async (incoming, response, taken) => {
  try {
    await read(incoming, taken);
  } catch {
    return;
  }
  answer(response, 200, { text: "Hello" });
};

export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Reads until the end, or until so many bytes. */
export async function read(incoming: IncomingMessage, taken: Taken, upTo = Number.POSITIVE_INFINITY): Promise<void> {
  const file = new FileDigest();
  for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
    taken.bytes += (piece as Buffer).length;
    file.push(piece as Buffer);
    if (taken.bytes >= upTo) return;
  }
  taken.head = file.head;
  taken.file = file.digest();
}

/** The digest of the one file of a form, without holding it. */
class FileDigest {
  readonly #hash: Hash = createHash("sha256");
  #boundary: string | null = null;
  #inFile = false;
  #rest: Buffer = Buffer.alloc(0);
  head = "";

  push(piece: Buffer): void {
    let buffer = Buffer.concat([this.#rest, piece]);
    this.#boundary ??= buffer.toString("latin1", 0, buffer.indexOf("\r\n"));
    if (!this.#inFile) {
      const at = buffer.indexOf("filename=");
      const start = at === -1 ? -1 : buffer.indexOf("\r\n\r\n", at);
      if (start === -1) {
        this.#rest = buffer;
        return;
      }
      this.head += buffer.toString("utf8", 0, start);
      this.#inFile = true;
      buffer = buffer.subarray(start + 4);
    }
    const keep = 64 * 1024;
    const sure = Math.max(0, buffer.length - keep);
    this.#hash.update(buffer.subarray(0, sure));
    this.#rest = Buffer.from(buffer.subarray(sure));
  }

  digest(): string {
    const end = this.#rest.indexOf(`\r\n${this.#boundary}`);
    return this.#hash.update(this.#rest.subarray(0, end === -1 ? this.#rest.length : end)).digest("hex");
  }
}
