// The simulated world: eight deployments of one model whose latency, price, errors and limits change over time. Everything is
// drawn from a seed, so that two runs see the same world.

/** A random number generator of its own seed (mulberry32): the same sequence everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a deployment truly is at one moment; nobody but the oracle sees it. */
export interface Truth {
  /** Median of a log-normal time to the first token. */
  readonly ttftMs: number;
  readonly tokensPerSecond: number;
  /** The share of attempts that fail after `failAfterMs`. */
  readonly errors: number;
  readonly failAfterMs: number;
  /** An attempt gives nothing at all until it is given up. */
  readonly hangs: boolean;
}

export interface Site {
  readonly id: string;
  /** USD per million tokens. */
  readonly input: string;
  readonly output: string;
  /** Attempts in any 60 s beyond which it answers 429. */
  readonly perMinute: number | null;
  /** So many attempts at a time are served at full speed; more share it. */
  readonly capacity: number | null;
  truth(atMs: number): Truth;
}

const minute = 60_000;
const sound = { errors: 0.002, failAfterMs: 300, hangs: false };

function between(atMs: number, fromMinute: number, toMinute: number): boolean {
  return atMs >= fromMinute * minute && atMs < toMinute * minute;
}

/** The troubles, each in a window of its own and some in several, over 90 minutes. */
export const sites: readonly Site[] = [
  {
    id: "steady",
    input: "0.60",
    output: "1.80",
    ...{ perMinute: null, capacity: null },
    truth: () => ({ ...sound, ttftMs: 500, tokensPerSecond: 80 }),
  },
  {
    id: "drifting",
    input: "0.45",
    output: "1.30",
    ...{ perMinute: null, capacity: null },
    // From fast to slow and back, once in 40 minutes.
    truth: (atMs) => {
      const slow = 1 + 2 * (0.5 - 0.5 * Math.cos((2 * Math.PI * atMs) / (40 * minute)));
      return { ...sound, ttftMs: 400 * slow, tokensPerSecond: 100 / slow };
    },
  },
  {
    id: "outage",
    input: "0.40",
    output: "1.20",
    ...{ perMinute: null, capacity: null },
    // The best there is, and then gone: refused at once the first time, silent the second.
    truth: (atMs) => ({
      ttftMs: 350,
      tokensPerSecond: 110,
      errors: between(atMs, 15, 20) ? 1 : sound.errors,
      failAfterMs: 20,
      hangs: between(atMs, 50, 54),
    }),
  },
  {
    id: "brownout",
    input: "0.42",
    output: "1.25",
    ...{ perMinute: null, capacity: null },
    truth: (atMs) => ({
      ...sound,
      ttftMs: 380,
      tokensPerSecond: 105,
      errors: between(atMs, 10, 25) || between(atMs, 60, 70) ? 0.3 : sound.errors,
    }),
  },
  {
    id: "limited",
    input: "0.25",
    output: "0.80",
    ...{ perMinute: 300, capacity: null },
    truth: () => ({ ...sound, ttftMs: 450, tokensPerSecond: 90 }),
  },
  {
    id: "cheap_slow",
    input: "0.20",
    output: "0.60",
    ...{ perMinute: null, capacity: null },
    truth: () => ({ ...sound, ttftMs: 3_000, tokensPerSecond: 18 }),
  },
  {
    id: "fast_dear",
    input: "2.00",
    output: "6.00",
    ...{ perMinute: null, capacity: null },
    truth: () => ({ ...sound, ttftMs: 200, tokensPerSecond: 300 }),
  },
  {
    id: "own_server",
    input: "0.30",
    output: "0.90",
    ...{ perMinute: null, capacity: 12 },
    truth: (atMs) => ({ ...sound, ttftMs: between(atMs, 35, 45) ? 2_500 : 420, tokensPerSecond: 85 }),
  },
];

export interface Draw {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A call's size: log-normal, as prompts and answers are. */
export function drawCall(random: () => number): Draw {
  return {
    inputTokens: Math.round(800 * Math.exp(0.8 * normal(random))),
    outputTokens: Math.max(1, Math.round(250 * Math.exp(0.7 * normal(random)))),
  };
}

/** The time to the first token of one attempt. */
export function drawTtftMs({ ttftMs }: Truth, random: () => number): number {
  return ttftMs * Math.exp(0.35 * normal(random));
}

/** USD-free cost in nanodollars. */
export function costNanos({ input, output }: Site, { inputTokens, outputTokens }: Draw): number {
  return 1_000 * (Number(input) * inputTokens + Number(output) * outputTokens);
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
