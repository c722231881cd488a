// The body of an answer that is read whole: gathered as it comes, up to a limit.
import { failed, nothing, type Step } from "./readers.ts";

export class WholeBody {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): Step {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      this.#pieces = [];
      return { ...nothing, failure: failed("protocol", "The provider's answer is larger than this gateway accepts.") };
    }
    this.#pieces.push(bytes);
    return nothing;
  }

  /** All of it; it is not kept here any longer. */
  take(): Uint8Array {
    const body = joined(this.#pieces, this.#bytes);
    this.#pieces = [];
    return body;
  }
}

/** The pieces as one array of `size` bytes; without a copy when there is one piece. */
export function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const only = pieces[0];
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
