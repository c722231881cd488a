// Cuts texts into pieces of about a token, and texts off where a limit or a stop sequence ends them.

/** Counts the tokens of a text. */
export type Count = (text: string) => number;

/** A text in pieces of about a token, as streams send it: words with the space before them, numbers and signs. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/ ?[\p{L}\p{M}]{1,16}| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]{1,8}|\s{1,8}/gu) ?? [];
}

/** The beginning of a text that has at most so many tokens: all of it where it has no more. */
export function withinTokens(text: string, max: number, count: Count): string {
  if (count(text) <= max) return text;
  const pieces = piecesOf(text);
  let [fits, most] = [0, Math.min(pieces.length, max)];
  while (fits < most) {
    const middle = Math.ceil((fits + most) / 2);
    if (count(pieces.slice(0, middle).join("")) <= max) fits = middle;
    else most = middle - 1;
  }
  return pieces.slice(0, fits).join("");
}

/** A text up to the first of some stop sequences; null when none is in it. */
export function beforeStop(text: string, stop: readonly string[]): string | null {
  const ends = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  return ends.length === 0 ? null : text.slice(0, Math.min(...ends));
}
