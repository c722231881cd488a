// Random numbers that are the same in every run, so that a failing cut can be looked at again.

/** Numbers in [0, 1) from a 32-bit seed (the "mulberry32" generator). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` sorted positions strictly inside `length` bytes; fewer when there is no room. */
export function cutPositions(random: () => number, length: number, count: number): readonly number[] {
  const positions = new Set<number>();
  for (let drawn = 0; drawn < count && length > 1; drawn += 1) positions.add(1 + Math.floor(random() * (length - 1)));
  return [...positions].sort((a, b) => a - b);
}

/** The pieces between the positions, as views. */
export function cutAt(bytes: Uint8Array, positions: readonly number[]): readonly Uint8Array[] {
  const edges = [0, ...positions, bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}
