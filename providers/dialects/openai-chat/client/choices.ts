// Which choices of a stream have begun and which are finished. Nearly every stream has the first one alone, for which two sets would
// be kept as long as it is open.

export class Choices {
  #first: "absent" | "begun" | "finished" = "absent";
  /** The others, and whether each is finished. */
  #others: Map<number, boolean> | null = null;

  begin(index: number): void {
    if (index === 0) {
      if (this.#first === "absent") this.#first = "begun";
    } else if (!this.#others?.has(index)) {
      this.#others ??= new Map();
      this.#others.set(index, false);
    }
  }

  /** Of a choice that has begun. */
  finish(index: number): void {
    if (index === 0) this.#first = "finished";
    else this.#others?.set(index, true);
  }

  get anyFinished(): boolean {
    return this.#first === "finished" || this.#has(true);
  }

  /** Whether all that have begun are finished, at least one. */
  get finished(): boolean {
    return this.anyFinished && this.#first !== "begun" && !this.#has(false);
  }

  #has(finished: boolean): boolean {
    return this.#others !== null && [...this.#others.values()].includes(finished);
  }
}
