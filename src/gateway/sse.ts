// Cuts a response body into server-sent events, wherever the network cut it, and keeps each event's own bytes.
import { type Framer, MAX_FRAME_BYTES, type RawFrame } from "../../providers/dialects/frame.ts";

export type { RawFrame };
export { MAX_FRAME_BYTES };

const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = 0xfeff;
const EMPTY = new Uint8Array(0);
const NONE: readonly RawFrame[] = [];

/**
 * An incremental framer of SSE (WHATWG HTML, 9.2 "Server-sent events"). Frames are the same wherever the body was cut.
 * - `event`: a frame with at least one `data` field, the lines of which are joined with `\n` in `data`.
 * - `comment`: one that has none (comments such as `: OPENROUTER PROCESSING`, `retry`, stray lines); `data` is "".
 * A frame's `raw` includes its blank line.
 * A frame that lies inside one pushed array is a view of it, so a pushed array must not be written to afterwards.
 */
export class SseFramer implements Framer {
  readonly #maxBytes: number;
  /** Pieces of the frame that has begun in earlier arrays, and their length. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Whether the frame has a line that is not blank; blank lines before the first one end nothing. */
  #hasLine = false;
  /** Whether the current line has bytes. */
  #lineBegun = false;
  /** How the line before the current one ended; a CR that ended it may still be followed by its LF. */
  #lastEnd: "lf" | "cr" = "lf";
  /** A blank line ended with a CR that was the last byte seen: an LF that follows belongs to this frame. */
  #closing = false;
  #failed = false;

  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
  }

  /** The frames that these bytes complete. */
  push(input: Uint8Array): readonly RawFrame[] {
    if (this.#failed || input.length === 0) return NONE;
    const frames: RawFrame[] = [];
    const bytes = searchable(input);
    const body: Body = { bytes, text: undefined };
    const { length } = bytes;
    let start = 0;
    let at = 0;
    if (this.#closing) {
      at = bytes[0] === LF ? 1 : 0;
      start = this.#take(frames, body, 0, at);
    }
    // JSON escapes its carriage returns, so most bodies have none: one native search then tells that LF is enough.
    let nextCr = indexOf(bytes, CR, at);
    let nextLf = -1;
    while (at < length && !this.#failed) {
      if (nextLf < at) nextLf = bytes[at] === LF ? at : indexOf(bytes, LF, at);
      if (nextCr < at) nextCr = indexOf(bytes, CR, at);
      const lineEnd = Math.min(nextLf, nextCr);
      if (lineEnd === length) {
        this.#lineBegun = true;
        break;
      }
      const blank = lineEnd === at && !this.#lineBegun;
      const end = lineEnd === nextLf ? "lf" : "cr";
      at = lineEnd + 1;
      if (!blank) {
        this.#hasLine = true;
        this.#lineBegun = false;
        this.#lastEnd = end;
      } else if (end === "lf" && this.#lastEnd === "cr") {
        this.#lastEnd = "lf";
      } else if (!this.#hasLine) {
        this.#lastEnd = end;
      } else if (end === "lf" || this.#lastEnd === "cr") {
        start = this.#take(frames, body, start, at);
      } else if (at < length) {
        if (bytes[at] === LF) at += 1;
        start = this.#take(frames, body, start, at);
      } else {
        this.#closing = true;
      }
    }
    this.#hold(frames, bytes, start);
    return frames;
  }

  /** What is left when the body has ended: a last frame that misses its blank line, or nothing. */
  end(): readonly RawFrame[] {
    if (this.#failed || this.#heldBytes === 0) return NONE;
    const frames: RawFrame[] = [];
    this.#take(frames, { bytes: EMPTY, text: undefined }, 0, 0);
    return frames;
  }

  #take(frames: RawFrame[], body: Body, start: number, end: number): number {
    const size = this.#heldBytes + end - start;
    if (size > this.#maxBytes) {
      this.#fail(frames);
      return end;
    }
    if (this.#heldBytes === 0) {
      frames.push(new SseFrame(body, start, end));
    } else {
      const bytes = concat([...this.#held, body.bytes.subarray(start, end)], size);
      frames.push(new SseFrame({ bytes, text: undefined }, 0, size));
    }
    this.#reset();
    return end;
  }

  #hold(frames: RawFrame[], bytes: Uint8Array, start: number): void {
    if (this.#failed || start === bytes.length) return;
    this.#held.push(start === 0 ? bytes : bytes.subarray(start));
    this.#heldBytes += bytes.length - start;
    if (this.#heldBytes > this.#maxBytes) this.#fail(frames);
  }

  #fail(frames: RawFrame[]): void {
    frames.push({ kind: "oversize", event: null, data: "", raw: EMPTY });
    this.#failed = true;
    this.#reset();
  }

  #reset(): void {
    if (this.#heldBytes > 0) this.#held = [];
    this.#heldBytes = 0;
    this.#hasLine = false;
    this.#lineBegun = false;
    this.#lastEnd = "lf";
    this.#closing = false;
  }
}

/** Bytes in which frames lie. Their text is decoded once for all of them, where it can be cut at the frames' offsets. */
interface Body {
  readonly bytes: Uint8Array;
  /** Undefined until it is asked for; null where the frames must decode their own bytes. */
  text: string | null | undefined;
}

/** A frame whose bytes and text are made when they are first asked for. */
class SseFrame implements RawFrame {
  readonly #body: Body;
  readonly #start: number;
  readonly #end: number;
  #raw: Uint8Array | null = null;
  #fields: Fields | null = null;

  constructor(body: Body, start: number, end: number) {
    this.#body = body;
    this.#start = start;
    this.#end = end;
  }

  get raw(): Uint8Array {
    this.#raw ??= this.#body.bytes.subarray(this.#start, this.#end);
    return this.#raw;
  }

  get kind(): "event" | "comment" {
    return this.#parsed().data === null ? "comment" : "event";
  }

  get event(): string | null {
    return this.#parsed().event;
  }

  get data(): string {
    return this.#parsed().data ?? "";
  }

  #parsed(): Fields {
    this.#fields ??= this.#parse();
    return this.#fields;
  }

  #parse(): Fields {
    const body = this.#body;
    const alone = this.#start === 0 && this.#end === body.bytes.length;
    if (!alone) {
      if (body.text === undefined) body.text = sharedText(body.bytes);
      if (body.text !== null) return parse(body.text, this.#start, this.#end);
    }
    const own = decode(alone ? body.bytes : this.raw);
    const text = own.includes("\r") ? own.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : own;
    return parse(text, 0, text.length);
  }
}

/** The text of these bytes if each byte is one character (so that offsets agree) and no line ends with CR, else null. */
function sharedText(bytes: Uint8Array): string | null {
  const text = decode(bytes);
  return text.length === bytes.length && !text.includes("\r") ? text : null;
}

interface Fields {
  readonly event: string | null;
  readonly data: string | null;
}

function parse(text: string, start: number, end: number): Fields {
  let event: string | null = null;
  let data: string | null = null;
  let at = text.charCodeAt(start) === BYTE_ORDER_MARK ? start + 1 : start;
  while (at < end) {
    const lf = text.indexOf("\n", at);
    const lineEnd = lf === -1 || lf > end ? end : lf;
    if (text.startsWith("data", at)) {
      const value = fieldValue(text, at + 4, lineEnd);
      if (value !== null) data = data === null ? value : `${data}\n${value}`;
    } else if (text.startsWith("event", at)) {
      const value = fieldValue(text, at + 5, lineEnd);
      if (value !== null) event = value === "" ? null : value;
    }
    at = lineEnd + 1;
  }
  return { event, data };
}

/** The value of a field whose name ends at `at`; null when the name goes on (`database: …`). */
function fieldValue(text: string, at: number, end: number): string | null {
  if (at === end) return "";
  if (text[at] !== ":") return null;
  return text.slice(text[at + 1] === " " ? at + 2 : at + 1, end);
}

/** Like `indexOf`, but tells absence by the length. */
function indexOf(bytes: Uint8Array, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}

function concat(pieces: readonly Uint8Array[], size: number): Uint8Array {
  if (hasBuffer) return Buffer.concat(pieces, size);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const hasBuffer = typeof Buffer === "function";
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The same bytes in the class that searches and decodes fastest: Node's Buffer, where there is one. */
function searchable(bytes: Uint8Array): Uint8Array {
  if (!hasBuffer || Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decode(bytes: Uint8Array): string {
  return hasBuffer && Buffer.isBuffer(bytes) ? bytes.toString("utf8") : textDecoder.decode(bytes);
}
