// Patterns of names: `*` stands for any part of a name, everything else for itself, in any case.

/** Whether a name matches any of these patterns. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

/** In time that grows with the product of the lengths at the worst, however many stars there are. */
export function matches(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = name.toLowerCase();
  let at = 0;
  let inPattern = 0;
  /** Where the last star stood, and what it has been taken to stand for so far ends. */
  let star = -1;
  let starEnd = 0;
  while (at < given.length) {
    if (wanted[inPattern] === "*") {
      star = inPattern++;
      starEnd = at;
    } else if (wanted[inPattern] === given[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starEnd;
    } else {
      return false;
    }
  }
  while (wanted[inPattern] === "*") inPattern++;
  return inPattern === wanted.length;
}
