// The client's answer: when its status goes out, what is held back so that another deployment can still take over, and its end.
import type { ErrorView } from "../../providers/dialects/dialect.ts";
import type { GatewayError } from "../errors.ts";
import type { AnswerDialect } from "./call.ts";
import { errorView, sendError, streamHeaders } from "./respond.ts";
import type { Sink } from "./sink.ts";

/** Made for this answer alone: what every answer of its kind carries is added to it. */
type Headers = Record<string, string>;

export class Answer {
  readonly #sink: Sink;
  readonly #dialect: Pick<AnswerDialect, "error">;
  readonly #requestId: string;
  #headSent = false;
  #room = true;
  /** Whether the client has been sent content: from then on a failure can't be hidden. */
  contentSent = false;
  /** The status that the client was sent; null before it was. */
  httpStatus: number | null = null;

  constructor(sink: Sink, dialect: Pick<AnswerDialect, "error">, requestId: string) {
    this.#sink = sink;
    this.#dialect = dialect;
    this.#requestId = requestId;
  }

  /** The first content, with the frames that came before it; from here on a failure can't be hidden. */
  begin(pieces: readonly (string | Uint8Array)[], headers: Headers): void {
    this.contentSent = true;
    this.#sendHead(headers);
    for (const piece of pieces) this.#room = this.#sink.write(piece);
  }

  /** Streams further pieces on. */
  write(pieces: readonly (string | Uint8Array)[]): void {
    for (const piece of pieces) this.#room = this.#sink.write(piece);
  }

  /** False when the client can't take more at the moment. */
  get room(): boolean {
    return this.#room;
  }

  /** Tells a waiting client that it is not forgotten; only before content, which speaks for itself. */
  keepAlive(frame: string, headers: () => Headers): void {
    if (this.contentSent) return;
    this.#sendHead(headers());
    this.#sink.write(frame);
  }

  /** The end of a stream, with the frames that no content followed. */
  endStream(held: readonly (string | Uint8Array)[], tail: string | Uint8Array, headers: Headers): void {
    this.#sendHead(headers);
    this.write(held);
    this.#sink.end(tail);
  }

  /** A whole answer at once. */
  send(body: string | Uint8Array, headers: Headers): void {
    this.httpStatus = 200;
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    headers["content-type"] ??= "application/json";
    headers["content-length"] = String(bytes.length);
    this.#sink.head(200, headers);
    this.#sink.end(bytes);
  }

  /** An error: as the whole answer if nothing was sent yet, else as the last event of the stream. */
  fail(error: GatewayError, headers: Headers, failStream: (error: ErrorView) => string | null): void {
    if (this.#headSent) {
      const last = failStream(errorView(error, this.#requestId));
      if (last === null) this.#sink.destroy();
      else this.#sink.end(last);
      return;
    }
    this.httpStatus = error.status;
    sendError(this.#sink, this.#dialect, error, headers, this.#requestId);
  }

  #sendHead(headers: Headers): void {
    if (this.#headSent) return;
    this.#headSent = true;
    this.httpStatus = 200;
    for (const [name, value] of streamHeaders) headers[name] ??= value;
    this.#sink.head(200, headers);
  }
}

const encoder = new TextEncoder();
