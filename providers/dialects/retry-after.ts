// Retry-after: how long a provider that failed asks to wait, wherever it says so.
import type { HeaderLookup } from "./dialect.ts";
import type { FailureKind } from "./failure.ts";
import { refillWait } from "./limits.ts";
import { longestWaitMs, waitIn, waitInMessage } from "./wait.ts";

/**
 * In order of trust: `retry-after-ms`, `retry-after` (seconds, a duration or a date), for rate limits the reset of what is
 * used up, and the sentence in the message. No wait at all is no answer, and the next one is asked: Azure sends
 * `retry-after-ms: 0` beside `retry-after: 1` (recording), and who was refused must not be asked again at once.
 * @returns Milliseconds, rounded up, from 1 to a day; null when nothing is said.
 */
export function retryAfter(header: HeaderLookup, message: string, kind: FailureKind): number | null {
  return (
    milliseconds(header("retry-after-ms")) ||
    seconds(header) ||
    (kind === "rate_limit" ? refillWait(header) : null) ||
    waitInMessage(message) ||
    null
  );
}

function milliseconds(value: string | null): number | null {
  if (value === null || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return null;
  return Math.min(Math.ceil(Number(value)), longestWaitMs);
}

function seconds(header: HeaderLookup): number | null {
  const value = header("retry-after");
  return value === null ? null : waitIn(value, header("date"));
}
