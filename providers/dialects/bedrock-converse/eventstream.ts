// Cuts a body of `application/vnd.amazon.eventstream` into its messages, wherever the network cut it.
import { type Framer, MAX_FRAME_BYTES, type RawFrame } from "../frame.ts";
import { crc32 } from "./crc32.ts";

/** Stands before an exception's name in `event`, so that no event can be taken for one. */
export const exceptionPrefix = "exception:";
/** The exception that stands for a stream that broke its own rules; nothing of it is read afterwards. */
export const corruptStream = `${exceptionPrefix}corruptStream`;

const EMPTY = new Uint8Array(0);
const NONE: readonly RawFrame[] = [];
/** Lengths of message and headers, and their checksum. */
const preludeBytes = 12;
const checksumBytes = 4;

/**
 * An incremental framer (smithy.io "Amazon Event Stream Specification"): a message is `total length | headers length |
 * CRC-32 of these | headers | payload | CRC-32 of all before`, numbers big-endian of 4 bytes. `event` is the message's
 * `:event-type`; for an exception or error, its name behind `exceptionPrefix`. `data` is the payload's text. A checksum
 * or length that is wrong, or a message that is cut off, gives `corruptStream`.
 */
export class EventStreamFramer implements Framer {
  readonly #maxBytes: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** The length of the message that has begun, once its prelude is there; until then the prelude's. */
  #wanted = preludeBytes;
  #preludeRead = false;
  #failed = false;

  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
  }

  push(bytes: Uint8Array): readonly RawFrame[] {
    if (this.#failed || bytes.length === 0) return NONE;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    const frames: RawFrame[] = [];
    while (!this.#failed && this.#heldBytes >= this.#wanted) {
      const frame = this.#preludeRead ? this.#message() : this.#prelude();
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  end(): readonly RawFrame[] {
    if (this.#failed || this.#heldBytes === 0) return NONE;
    return [this.#corrupt("it ended within a message")];
  }

  #prelude(): RawFrame | null {
    const bytes = this.#joined();
    const view = viewOf(bytes);
    const length = view.getUint32(0);
    if (crc32(bytes.subarray(0, 8)) !== view.getUint32(8))
      return this.#corrupt("a message's prelude has a wrong checksum");
    if (preludeBytes + view.getUint32(4) + checksumBytes > length) {
      return this.#corrupt("a message is shorter than its headers");
    }
    if (length > this.#maxBytes) {
      this.#stop();
      return { kind: "oversize", event: null, data: "", raw: EMPTY };
    }
    this.#wanted = length;
    this.#preludeRead = true;
    return null;
  }

  #message(): RawFrame {
    const bytes = this.#joined();
    const raw = bytes.subarray(0, this.#wanted);
    const rest = bytes.subarray(this.#wanted);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    this.#wanted = preludeBytes;
    this.#preludeRead = false;

    const view = viewOf(raw);
    const end = raw.length - checksumBytes;
    if (crc32(raw.subarray(0, end)) !== view.getUint32(end)) return this.#corrupt("a message has a wrong checksum");
    const headersEnd = preludeBytes + view.getUint32(4);
    const headers = readHeaders(raw.subarray(preludeBytes, headersEnd));
    if (headers === null) return this.#corrupt("a message has headers that can't be read");
    return { kind: "event", ...named(headers, text(raw.subarray(headersEnd, end))), raw };
  }

  /** One array of all that is held, which then is what is held. */
  #joined(): Uint8Array {
    const [first] = this.#held;
    if (first !== undefined && this.#held.length === 1) return first;
    const whole = new Uint8Array(this.#heldBytes);
    let at = 0;
    for (const piece of this.#held) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#held = [whole];
    return whole;
  }

  #corrupt(what: string): RawFrame {
    this.#stop();
    const data = JSON.stringify({ message: `The provider's event stream is broken: ${what}.` });
    return { kind: "event", event: corruptStream, data, raw: EMPTY };
  }

  #stop(): void {
    this.#failed = true;
    this.#held = [];
    this.#heldBytes = 0;
  }
}

/** An exception has a type and a payload; an error has a code and words in its headers, and no payload. */
function named(headers: ReadonlyMap<string, string>, payload: string): { event: string | null; data: string } {
  switch (headers.get(":message-type")) {
    case "exception":
      return { event: `${exceptionPrefix}${headers.get(":exception-type") ?? "unknown"}`, data: payload };
    case "error":
      return {
        event: `${exceptionPrefix}${headers.get(":error-code") ?? "unknown"}`,
        data: JSON.stringify({ message: headers.get(":error-message") ?? "" }),
      };
    default:
      return { event: headers.get(":event-type") ?? null, data: payload };
  }
}

/** Bytes of a header's value by its type; `null` where a length of 2 bytes stands before it. */
const valueBytes: readonly (number | null)[] = [0, 0, 1, 2, 4, 8, null, null, 8, 16];
const stringType = 7;

/** The headers with string values, by name; null when they are not well-formed. */
function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  const view = viewOf(bytes);
  let at = 0;
  try {
    while (at < bytes.length) {
      const nameEnd = at + 1 + view.getUint8(at);
      const type = view.getUint8(nameEnd);
      const known = valueBytes[type];
      if (known === undefined) return null;
      const start = nameEnd + 1 + (known === null ? 2 : 0);
      const end = start + (known ?? view.getUint16(nameEnd + 1));
      if (end > bytes.length) return null;
      if (type === stringType) headers.set(text(bytes.subarray(at + 1, nameEnd)), text(bytes.subarray(start, end)));
      at = end;
    }
  } catch {
    // A length that points beyond the headers: `DataView` refuses it.
    return null;
  }
  return headers;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
