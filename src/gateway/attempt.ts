// One attempt: one request to one deployment. It times the answer, hands its pieces to a reader, and tells its host what came.
import type { UpstreamRequest } from "../../providers/define.ts";
import type { Completion } from "../../providers/dialects/completion.ts";
import type { HeaderLookup } from "../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../providers/dialects/failure.ts";
import { type AnswerReader, failed, type Step } from "./readers.ts";
import type { Exchange, Transport, TransportFailure, UpstreamHandler } from "./transport.ts";
import { joined } from "./whole-body.ts";

/** How much of an error's body is read, bytes. */
const maxErrorBytes = 256 * 1024;

export interface AttemptLimits {
  /** From sending to the first content of a stream, or to the first byte of a whole answer. */
  readonly firstByteTimeoutMs: number;
  /** The longest silence after it. */
  readonly idleTimeoutMs: number;
}

/** An answer that has said its last word is not waited for longer, should its connection stay open, milliseconds. */
const lingerMs = 1_000;

/** Whoever runs the attempt. Exactly one of `onDone` and `onFailed` is called, unless it was stopped. */
export interface AttemptHost {
  /** The provider takes the request; its answer's headers have come. */
  onAccepted(headers: HeaderLookup): void;
  onStep(step: Step): void;
  onDone(): void;
  onFailed(failure: ProviderFailure): void;
}

/** What an attempt asks of a dialect: which failure an answer holds that is not the one hoped for. */
export interface FailureReader {
  error(status: number, headers: HeaderLookup, body: unknown): ProviderFailure;
  /** A success that should have been a stream; null when there is no failure in it. */
  decode(body: unknown): Completion | ProviderFailure | null;
}

export interface AttemptOptions {
  readonly transport: Transport;
  readonly failures: FailureReader;
  readonly reader: AnswerReader;
  /** Whether the answer must be a stream. */
  readonly stream: boolean;
  readonly limits: AttemptLimits;
  readonly host: AttemptHost;
}

export class Attempt implements UpstreamHandler {
  readonly #options: AttemptOptions;
  #exchange: Exchange | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Of an answer that is read as a failure. */
  #headers: HeaderLookup | null = null;
  #errorPieces: Uint8Array[] | null = null;
  #errorBytes = 0;
  #over = false;
  #paused = false;
  #idleTimed = false;
  #lastDataAt = 0;
  /** The provider's HTTP status; null until it answers. */
  status: number | null = null;
  /** Whether the provider has accepted the request: it may then have worked, and billed, for it. */
  accepted = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  get reader(): AnswerReader {
    return this.#options.reader;
  }

  /** @param request is sent and not kept: a long prompt would stay as long as its answer streams. */
  start(request: UpstreamRequest): void {
    this.#watchFirstByte();
    this.#exchange = this.#options.transport.send(request, this);
    if (this.#over) this.#exchange.abort();
  }

  /** Ends it without a word to the host. */
  stop(): void {
    if (this.#over) return;
    this.#finish();
    this.#exchange?.abort();
  }

  pause(): void {
    this.#paused = true;
    this.#exchange?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#lastDataAt = performance.now();
    this.#exchange?.resume();
  }

  /** The clock stands still while the client's own upload is waited for, and begins anew with each piece of it. */
  onWait(waiting: boolean): void {
    if (this.#over || this.status !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!waiting) this.#watchFirstByte();
  }

  onHeaders(status: number, headers: HeaderLookup): void {
    this.status = status;
    this.accepted = status < 400;
    if (this.accepted) this.#options.host.onAccepted(headers);
    if (status >= 300 || (this.#options.stream && !isStream(headers))) {
      this.#errorPieces = [];
      this.#headers = headers;
    } else this.#options.reader.head?.(headers);
  }

  onData(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#errorPieces !== null) {
      this.#errorBytes += chunk.length;
      this.#errorPieces.push(chunk);
      if (this.#errorBytes > maxErrorBytes) {
        this.#exchange?.abort();
        this.#fail(this.#readError(this.#errorPieces));
      }
      return;
    }
    this.#lastDataAt = performance.now();
    if (!this.#options.stream && !this.#idleTimed) this.#watchIdle();
    this.#handle(this.#options.reader.push(chunk));
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#errorPieces !== null) {
      this.#fail(this.#readError(this.#errorPieces));
      return;
    }
    this.#handle(this.#options.reader.end());
    if (!this.#over) this.#done();
  }

  onError(failure: TransportFailure): void {
    if (!this.#over) this.#breakOff(failed(failure.kind, failure.message));
  }

  /** The body does not come to its end. What has come may say enough: all of an answer, or the status of a refusal. */
  #breakOff(failure: ProviderFailure): void {
    if (this.#errorPieces !== null && this.#isRefusal) this.#fail(this.#readError(this.#errorPieces));
    else if (this.#errorPieces === null && this.#isComplete()) this.#done();
    else this.#fail(failure);
  }

  get #isRefusal(): boolean {
    return this.status !== null && this.status >= 400;
  }

  #isComplete(): boolean {
    const { reader, host } = this.#options;
    if (!this.accepted || reader.endsItself !== true) return false;
    const step = reader.end();
    if (step.failure !== null) return false;
    if (step.out.length > 0 || step.content) host.onStep(step);
    return true;
  }

  #done(): void {
    this.#finish();
    this.#options.host.onDone();
  }

  #handle(step: Step): void {
    if (step.content && !this.#idleTimed) this.#watchIdle();
    if (step.out.length > 0 || step.content) this.#options.host.onStep(step);
    if (step.failure !== null && !this.#over) {
      this.#exchange?.abort();
      this.#fail(step.failure);
    }
    if (this.#options.reader.ended === true && !this.#over) this.#linger();
  }

  #watchFirstByte(): void {
    this.#timer = setTimeout(
      () => this.#timeOut("did not begin its answer in time"),
      this.#options.limits.firstByteTimeoutMs,
    );
  }

  /** One timer that looks at the time of the last piece, rather than one made anew for every piece. */
  #watchIdle(): void {
    this.#idleTimed = true;
    const { idleTimeoutMs } = this.#options.limits;
    const look = (): void => {
      const silentMs = this.#paused ? 0 : performance.now() - this.#lastDataAt;
      if (silentMs >= idleTimeoutMs) this.#timeOut("fell silent in the middle of its answer");
      else this.#timer = setTimeout(look, idleTimeoutMs - silentMs);
    };
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(look, idleTimeoutMs);
  }

  /** After the last word only the connection's end is missing, which mostly comes at once and sometimes never. */
  #linger(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#paused) this.#linger();
      else this.#timeOut("did not close its answer");
    }, lingerMs);
  }

  #timeOut(what: string): void {
    if (this.#over) return;
    this.#exchange?.abort();
    this.#breakOff(failed("timeout", `The provider ${what}.`));
  }

  #readError(pieces: readonly Uint8Array[]): ProviderFailure {
    const text = new TextDecoder().decode(joined(pieces, this.#errorBytes));
    const status = this.status ?? 0;
    if (status < 300) return this.#notAStream(text);
    if (status < 400) return { ...failed("protocol", `The provider answered with a redirect (${status}).`), status };
    return this.#options.failures.error(status, this.#headers ?? noHeaders, parseOrText(text));
  }

  /** A success that should be a stream and is not: a failure dressed as a success, or not this dialect. */
  #notAStream(text: string): ProviderFailure {
    const body = parseOrText(text);
    if (typeof body === "object" && body !== null) {
      const decoded = this.#options.failures.decode(body);
      if (decoded !== null && "kind" in decoded) return decoded;
    }
    return failed("protocol", "The provider did not answer with a stream.");
  }

  #fail(failure: ProviderFailure): void {
    this.#finish();
    this.#options.host.onFailed(failure.status === null ? { ...failure, status: this.status } : failure);
  }

  #finish(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

const noHeaders: HeaderLookup = () => null;

function isStream(headers: HeaderLookup): boolean {
  const type = headers("content-type");
  // Some servers send streams without a type; JSON is the one type that certainly is no stream.
  return type === null || !type.includes("application/json");
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 2_000);
  }
}
