// Patterns of names in policies: in any case.
import { matches as matchesExactly } from "../store/pattern.ts";

/** Whether a name matches any of these patterns. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

/** Upper and lower case are the same, in the pattern as in the name. */
export function matches(pattern: string, name: string): boolean {
  return matchesExactly(pattern.toLowerCase(), name.toLowerCase());
}
