// Patterns as aliases and policies store them: `*` stands for any text, everything else for itself.

/**
 * Whether a value is as the pattern says, in which each `*` stands for any text, none included. Each piece between two
 * stars is looked for once, from where the piece before it ended: the time grows with the value's length, not with its square.
 */
export function matches(pattern: string, value: string): boolean {
  const first = pattern.indexOf("*");
  if (first < 0) return pattern === value;
  const last = pattern.lastIndexOf("*");
  const tail = pattern.length - last - 1;
  if (value.length < first + tail || !value.startsWith(pattern.slice(0, first))) return false;
  if (!value.endsWith(pattern.slice(last + 1))) return false;
  const end = value.length - tail;
  let at = first;
  for (let star = first; star < last; ) {
    const next = pattern.indexOf("*", star + 1);
    const piece = pattern.slice(star + 1, next);
    at = value.indexOf(piece, at);
    if (at < 0 || at + piece.length > end) return false;
    at += piece.length;
    star = next;
  }
  return true;
}
