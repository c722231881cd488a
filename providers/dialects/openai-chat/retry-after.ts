// Retry-after: how long a provider asks to wait, in every form that it says so.
import type { HeaderLookup } from "../dialect.ts";
import type { FailureKind } from "../failure.ts";

/**
 * In order of trust: `retry-after-ms`, `retry-after` (seconds or a date), for rate limits the reset of the limit that is
 * used up (`x-ratelimit-reset-*`), and the sentence in the message ("Please try again in 3.89s", OpenAI).
 * A date counts from the response's own `date` header, so no clock is needed and a wrong one does no harm.
 * @returns Milliseconds, rounded up; null when nothing is said.
 */
export function retryAfter(headers: HeaderLookup, message: string, kind: FailureKind): number | null {
  return (
    // Azure sends `retry-after-ms: 0` beside `retry-after: 1` (recording): no wait at all is no answer.
    (number(headers("retry-after-ms"), 1) || null) ??
    number(headers("retry-after"), 1000) ??
    until(headers("retry-after"), headers("date")) ??
    (kind === "rate_limit" ? resetOf(headers) : null) ??
    inMessage(message)
  );
}

function number(value: string | null, unitMs: number): number | null {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Math.ceil(Number(value) * unitMs) : null;
}

function until(moment: string | null, now: string | null): number | null {
  if (moment === null || now === null) return null;
  const wait = Date.parse(moment) - Date.parse(now);
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}

/** The last parts of the headers' names. Cerebras says the period too. */
const units = ["-requests", "-tokens", "", "-requests-day", "-tokens-minute"] as const;

/** The longest wait among the limits with nothing left. */
function resetOf(headers: HeaderLookup): number | null {
  const waits: number[] = [];
  for (const unit of units) {
    if (headers(`x-ratelimit-remaining${unit}`)?.trim() !== "0") continue;
    const reset = headers(`x-ratelimit-reset${unit}`);
    const wait = reset === null ? null : (duration(reset) ?? resetMoment(reset, headers("date")));
    if (wait !== null) waits.push(wait);
  }
  return waits.length === 0 ? null : Math.max(...waits);
}

/** A reset as seconds to go, as epoch seconds or milliseconds (OpenRouter), or as a date. */
function resetMoment(reset: string, date: string | null): number | null {
  const value = number(reset, 1);
  if (value === null) return until(reset, date);
  if (value < 1e9) return Math.ceil(Number(reset) * 1000);
  return until(new Date(value < 1e12 ? value * 1000 : value).toISOString(), date);
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `120ms`, `1s`, `6m0s`, `1h2m3.5s` (OpenAI documentation, "Rate limits", headers). */
function duration(value: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return null;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitsMs[unit ?? ""] ?? 0);
  }
  return Math.ceil(total);
}

function inMessage(message: string): number | null {
  const said = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+|\d+(?:\.\d+)? seconds?)\b/i.exec(
    message,
  )?.[1];
  if (said === undefined) return null;
  return duration(said) ?? Math.ceil(Number.parseFloat(said) * 1000);
}
