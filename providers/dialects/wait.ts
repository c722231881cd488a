// Wait: how long a provider's words ask to wait, in every form that headers and messages say it in.

/** Nobody waits longer than that for a provider: what asks for more (a quota of a month, a clock gone wrong) is cut to it. */
export const longestWaitMs = 86_400_000;

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * The wait in a header's value: seconds to go (`12`, `0.5`), a duration (`120ms`, `6m0s`, `4h17m`; OpenAI, "Rate limits",
 * headers), a moment as epoch seconds or milliseconds (OpenRouter), or a date (RFC 3339 or HTTP's).
 * @param date the response's own `date` header, from which a moment counts: so no clock is needed, and a wrong one does no
 *   harm. A moment without it says nothing.
 * @returns Milliseconds, rounded up, from 0 to a day; null for what is malformed or negative.
 */
export function waitIn(value: string, date: string | null): number | null {
  const text = value.trim();
  const wait = /^\d+(\.\d+)?$/.test(text) ? numeric(Number(text), date) : (duration(text) ?? until(text, date));
  return wait === null ? null : Math.min(Math.ceil(wait), longestWaitMs);
}

/** "Please try again in 3.89s" (OpenAI), "Please retry after 26 seconds" (Azure), "Please retry in 48.9s" (Gemini). */
const said =
  /\b(?:try again|retry) (?:in|after) (?:((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)\b|(\d+(?:\.\d+)?) (millisecond|second|minute|hour|day)s?\b)/i;

/** The wait that a message tells people in a sentence; null when it tells none. */
export function waitInMessage(message: string): number | null {
  const [, short, amount, unit] = said.exec(message) ?? [];
  const wait =
    short !== undefined ? duration(short.toLowerCase()) : Number(amount) * (unitsMs[unit?.toLowerCase() ?? ""] ?? 0);
  return wait === null || Number.isNaN(wait) ? null : Math.min(Math.ceil(wait), longestWaitMs);
}

/** Numbers so large are moments. */
const firstEpochS = 1e9;
const firstEpochMs = 1e12;

function numeric(value: number, date: string | null): number | null {
  if (value < firstEpochS) return value * 1000;
  return since(value < firstEpochMs ? value * 1000 : value, date);
}

function duration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitsMs[unit ?? ""] ?? 0);
  }
  return total;
}

/** Only what begins like a date is one: `Date.parse` finds dates in much else ("-1"). */
function until(text: string, date: string | null): number | null {
  return /^(\d{4}-\d\d-\d\d|[A-Za-z]{3,9}, )/.test(text) ? since(Date.parse(text), date) : null;
}

function since(atMs: number, date: string | null): number | null {
  const wait = atMs - Date.parse(date ?? "");
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
