// Think tags: reasoning that an open model wrote between `<think>` and `</think>` at the beginning of its text.
const opening = "<think>";
const closing = "</think>";

/** A piece of the text, told apart. */
export interface TaggedPiece {
  readonly type: "text" | "reasoning";
  readonly text: string;
}

/**
 * Tells reasoning from text, however the tags are cut:
 *
 *   before ── `<think>` ──▶ inside ── `</think>` ──▶ after
 *     └────────────── anything else ───────────────────▲
 *
 * Only white space may stand before the opening tag: a text that mentions a tag later on is a text.
 */
export class ThinkTagReader {
  #state: "before" | "inside" | "after" = "before";
  /** Text that may be the beginning of a tag, or white space around one. */
  #held = "";
  /** Whether white space after a tag is still to be left out. */
  #trim = false;

  push(text: string): TaggedPiece[] {
    if (this.#state === "after" && !this.#trim) return piece("text", text);
    this.#held += text;
    if (this.#state === "before") {
      const words = this.#held.trimStart();
      if (words.length < opening.length && opening.startsWith(words)) return [];
      this.#state = words.startsWith(opening) ? "inside" : "after";
      if (this.#state === "inside") {
        this.#held = words.slice(opening.length);
        this.#trim = true;
      }
    }
    return this.#state === "inside" ? this.#inside() : this.#after();
  }

  /** What was held back for a tag that never came. */
  end(): TaggedPiece[] {
    const held = this.#held;
    this.#held = "";
    if (this.#trim) return [];
    return piece(this.#state === "inside" ? "reasoning" : "text", held);
  }

  #inside(): TaggedPiece[] {
    if (this.#trim) this.#held = this.#held.trimStart();
    if (this.#held === "") return [];
    this.#trim = false;
    const at = this.#held.indexOf(closing);
    if (at === -1) {
      const keep = heldBack(this.#held);
      const thought = this.#held.slice(0, this.#held.length - keep);
      this.#held = this.#held.slice(this.#held.length - keep);
      return piece("reasoning", thought);
    }
    const thought = this.#held.slice(0, at).trimEnd();
    this.#held = this.#held.slice(at + closing.length);
    this.#state = "after";
    this.#trim = true;
    return [...piece("reasoning", thought), ...this.#after()];
  }

  #after(): TaggedPiece[] {
    const text = this.#trim ? this.#held.trimStart() : this.#held;
    this.#held = "";
    if (text !== "") this.#trim = false;
    return piece("text", text);
  }
}

function piece(type: TaggedPiece["type"], text: string): TaggedPiece[] {
  return text === "" ? [] : [{ type, text }];
}

/** How many letters at the end may belong to a closing tag, or are white space that may stand before one. */
function heldBack(text: string): number {
  for (let letters = closing.length - 1; letters > 0; letters--) {
    if (text.endsWith(closing.slice(0, letters))) return text.length - text.slice(0, -letters).trimEnd().length;
  }
  return text.length - text.trimEnd().length;
}
