// Arguments scan: tells from the pieces of a tool call's arguments when the JSON that they make is complete.

/** Pure; one per call. */
export class ArgumentsScan {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #begun = false;
  #complete = false;

  /** Whether an object or a list has begun and ended. Text that is neither is never complete. */
  get complete(): boolean {
    return this.#complete;
  }

  push(piece: string): void {
    for (const character of piece) {
      if (this.#inString) this.#string(character);
      else if (character === '"') this.#inString = true;
      else if (character === "{" || character === "[") {
        this.#begun = true;
        this.#depth += 1;
      } else if (character === "}" || character === "]") {
        this.#depth -= 1;
      }
    }
    this.#complete = this.#begun && !this.#inString && this.#depth <= 0;
  }

  #string(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === "\\") this.#escaped = true;
    else if (character === '"') this.#inString = false;
  }
}
