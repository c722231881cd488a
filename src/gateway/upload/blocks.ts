// Blocks: bytes that grow at their end and can be read anywhere, in memory.

const blockBytes = 64 * 1024;

export class Blocks {
  readonly #blocks: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Copies them: the caller's memory is its own again. */
  append(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      const within = this.#size % blockBytes;
      if (within === 0) this.#blocks.push(new Uint8Array(blockBytes));
      const fits = bytes.subarray(taken, taken + blockBytes - within);
      this.#blocks.at(-1)?.set(fits, within);
      taken += fits.length;
      this.#size += fits.length;
    }
  }

  /** Some of the bytes from `at` on: as far as one block has them, and no more than `length`. Without a copy. */
  read(at: number, length: number): Uint8Array {
    const within = at % blockBytes;
    const end = Math.min(within + length, blockBytes, within + this.#size - at);
    return this.#blocks[(at - within) / blockBytes]?.subarray(within, end) ?? new Uint8Array(0);
  }
}
