// Limits: what a provider's headers say of how much may still be asked of it, whatever it calls them.
import type { HeaderLookup } from "./dialect.ts";
import { waitIn } from "./wait.ts";

export interface Allowance {
  readonly limit: number | null;
  readonly remaining: number;
  readonly resetAtMs: number | null;
}

/** Of several limits of one kind (per minute and per day, input and output) the tightest. */
export interface Limits {
  readonly requests: Allowance | null;
  readonly tokens: Allowance | null;
}

/** The headers of one limit. */
interface LimitHeaders {
  readonly limit: string;
  readonly remaining: string;
  /** Null where the provider never says it. */
  readonly reset: string | null;
  /** How long its window is, where the name says so; null else. */
  readonly windowMs: number | null;
}

interface Family {
  /** One of these is there whenever anything of the family is. */
  readonly probes: readonly string[];
  readonly requests: readonly LimitHeaders[];
  readonly tokens: readonly LimitHeaders[];
}

const minuteMs = 60_000;

/** Those who say more than OpenAI put a unit or a window at the end. */
function openaiStyle(ending: string, windowMs: number | null = null): LimitHeaders {
  return {
    limit: `x-ratelimit-limit${ending}`,
    remaining: `x-ratelimit-remaining${ending}`,
    reset: `x-ratelimit-reset${ending}`,
    windowMs,
  };
}

function anthropicStyle(unit: string): LimitHeaders {
  const name = `anthropic-ratelimit-${unit}`;
  return { limit: `${name}-limit`, remaining: `${name}-remaining`, reset: `${name}-reset`, windowMs: null };
}

/**
 * Sources: recordings of OpenAI, Azure, Groq, xAI, Mistral, Together and Anthropic; the documentation of Cerebras and
 * SambaNova ("Rate limits" of both); what clients of Fireworks, OpenRouter and Cohere (trial keys) were sent.
 */
const families: readonly Family[] = [
  {
    probes: [
      "x-ratelimit-remaining-requests", // OpenAI, Azure, GitHub, Groq, xAI, SambaNova
      "x-ratelimit-remaining-tokens",
      "x-ratelimit-remaining", // Together, OpenRouter
      "x-ratelimit-remaining-tokens-minute", // Cerebras, Mistral
      "x-ratelimit-remaining-req-minute", // Mistral, where nothing is counted in tokens
      "x-ratelimit-remaining-tokens-prompt", // Fireworks
    ],
    requests: [
      openaiStyle("-requests"),
      openaiStyle(""),
      openaiStyle("-requests-minute", minuteMs),
      openaiStyle("-requests-hour", 60 * minuteMs),
      openaiStyle("-requests-day", 1440 * minuteMs),
      openaiStyle("-req-10-second", 10_000),
      openaiStyle("-req-minute", minuteMs),
    ],
    tokens: [
      openaiStyle("-tokens"),
      openaiStyle("-tokens-minute", minuteMs),
      openaiStyle("-tokens-hour", 60 * minuteMs),
      openaiStyle("-tokens-day", 1440 * minuteMs),
      openaiStyle("-tokens-prompt"),
      openaiStyle("-tokens-generated"),
    ],
  },
  {
    probes: ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-requests-remaining"],
    requests: [anthropicStyle("requests")],
    tokens: [anthropicStyle("tokens"), anthropicStyle("input-tokens"), anthropicStyle("output-tokens")],
  },
  {
    probes: ["x-trial-endpoint-call-remaining"],
    requests: [
      {
        limit: "x-trial-endpoint-call-limit",
        remaining: "x-trial-endpoint-call-remaining",
        reset: null,
        windowMs: minuteMs,
      },
    ],
    tokens: [],
  },
  {
    // Replicate (recordings), which does not say of how many.
    probes: ["ratelimit-remaining"],
    requests: [
      { limit: "ratelimit-limit", remaining: "ratelimit-remaining", reset: "ratelimit-reset", windowMs: null },
    ],
    tokens: [],
  },
];

/**
 * How much may still be asked; null when the headers say nothing, which takes ten look-ups to see. A moment counts from the
 * response's own `date`. What is negative or no number is as if it were not there (Azure says -1 where it counts nothing).
 */
export function readLimits(header: HeaderLookup, nowMs: number): Limits | null {
  const family = familyOf(header);
  if (family === null) return null;
  const requests = tightest(family.requests, header, nowMs);
  const tokens = tightest(family.tokens, header, nowMs);
  return requests === null && tokens === null ? null : { requests, tokens };
}

/** How long until all limits that are used up have been refilled; null when none is, or none says when. */
export function refillWait(header: HeaderLookup): number | null {
  const family = familyOf(header);
  if (family === null) return null;
  let longest: number | null = null;
  for (const names of [...family.requests, ...family.tokens]) {
    const wait = amount(header(names.remaining)) === 0 ? resetWait(names, header) : null;
    if (wait !== null && wait > (longest ?? 0)) longest = wait;
  }
  return longest;
}

function familyOf(header: HeaderLookup): Family | null {
  for (const family of families) {
    for (const probe of family.probes) if (header(probe) !== null) return family;
  }
  return null;
}

function tightest(limits: readonly LimitHeaders[], header: HeaderLookup, nowMs: number): Allowance | null {
  let found: Allowance | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const names of limits) {
    const remaining = amount(header(names.remaining));
    if (remaining === null) continue;
    const limit = amount(header(names.limit));
    const left = remaining === 0 ? 0 : limit === null || limit === 0 ? 1 : remaining / limit;
    if (left >= least) continue;
    least = left;
    const wait = resetWait(names, header) ?? windowOf(names, remaining);
    found = { limit, remaining, resetAtMs: wait === null ? null : nowMs + wait };
  }
  return found;
}

function resetWait({ reset }: LimitHeaders, header: HeaderLookup): number | null {
  const value = reset === null ? null : header(reset);
  return value === null ? null : waitIn(value, header("date"));
}

/** A window is over when its length has passed, at the latest. Nobody is kept waiting by such a guess: not when nothing is left. */
function windowOf({ windowMs }: LimitHeaders, remaining: number): number | null {
  return remaining === 0 ? null : windowMs;
}

function amount(value: string | null): number | null {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : null;
}
