// Whether a call's words are to be logged: only where a policy of its key, its rule, its project or its customer says so.
import type { PromptLogging, Scope } from "../limits/policy.ts";

/** The nearest policy that says anything; null where none does, and where nothing may be retained. */
export function promptLoggingOf(scopes: readonly Scope[]): PromptLogging | null {
  let nearest: PromptLogging | null = null;
  for (const { policy } of scopes) {
    if (policy.zeroDataRetention) return null;
    nearest ??= policy.promptLogging;
  }
  return nearest === null || nearest.sample === 0 ? null : nearest;
}
