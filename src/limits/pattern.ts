// Patterns of names in policies: in any case. Compiled once for each list of them, which nobody changes.
import { matches as matchesExactly } from "../store/pattern.ts";

/** Those of a list that has been asked for, in lower case. */
const compiled = new WeakMap<readonly string[], readonly Compiled[]>();

interface Compiled {
  readonly text: string;
  /** What comes before its only star, which is its end; null for any other pattern. */
  readonly start: string | null;
}

/** Whether a name matches any of these patterns. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  if (patterns.length === 0) return false;
  let known = compiled.get(patterns);
  if (known === undefined) {
    known = patterns.map(compile);
    compiled.set(patterns, known);
  }
  const lower = name.toLowerCase();
  for (const { text, start } of known) {
    if (start === null ? matchesExactly(text, lower) : lower.startsWith(start)) return true;
  }
  return false;
}

/** Upper and lower case are the same, in the pattern as in the name. */
export function matches(pattern: string, name: string): boolean {
  return matchesExactly(pattern.toLowerCase(), name.toLowerCase());
}

function compile(pattern: string): Compiled {
  const text = pattern.toLowerCase();
  const isStart = text !== "" && text.indexOf("*") === text.length - 1;
  return { text, start: isStart ? text.slice(0, -1) : null };
}
