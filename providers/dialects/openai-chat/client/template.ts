// Template: most frames of a stream differ from the one before in one string only. What stands around that string is learnt
// from a frame that was looked at, and a frame that has the same around another string need not be looked at again.

/** Members whose value is the string that changes, as they stand before it. */
const openings = ['"content":"', '"content": "', '"reasoning_content":"', '"reasoning":"', '"arguments":"'] as const;
/** Random letters that OpenAI appends to hide the length of the text (API reference, `include_obfuscation`). */
const padding = '"obfuscation":"';
/** So many frames may be learnt from without a match before learning stops: it costs more than a look. */
const patience = 8;

export class FrameTemplate {
  #head = "";
  #tail = "";
  #padded = false;
  #patience = patience;

  /**
   * Whether a frame says the same as the one learnt, but for its text. Two comparisons of memory, and a search in the text:
   * a bare quote in it would mean that more than one string differs.
   */
  matches(data: string): boolean {
    const head = this.#head.length;
    if (head === 0 || data.slice(0, head) !== this.#head) return false;
    const end = this.#padded ? data.lastIndexOf(padding) + padding.length : data.length;
    const start = end - this.#tail.length;
    if (start < head || data.slice(start, end) !== this.#tail) return false;
    if (this.#padded && data.indexOf('"', end) !== data.length - 2) return false;
    for (let at = data.indexOf('"', head); at < start; at = data.indexOf('"', at + 1)) {
      if (data[at - 1] !== "\\") return false;
    }
    this.#patience = patience;
    return true;
  }

  /** Remembers what stands around the text of this frame, which must be known to be ordinary content. */
  learn(data: string): void {
    if (this.#patience === 0) return;
    this.#patience--;
    this.#head = "";
    for (const opening of openings) {
      const at = data.indexOf(opening);
      if (at === -1) continue;
      const text = at + opening.length;
      const close = data.indexOf('"', text);
      // An empty text or an escaped quote: another frame will do.
      if (close === -1 || close === text || data[close - 1] === "\\") continue;
      const pad = data.lastIndexOf(padding);
      this.#padded = pad > close;
      this.#head = data.slice(0, text);
      this.#tail = data.slice(close, this.#padded ? pad + padding.length : data.length);
      return;
    }
  }
}
