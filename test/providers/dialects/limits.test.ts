// What is left at a provider, read from the headers that providers really sent, and from those that they document.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLimits, refillWait } from "../../../providers/dialects/limits.ts";
import { recordedProviders, recordings } from "../../support/recordings.ts";

const nowMs = Date.UTC(2026, 6, 6, 10);
const date = new Date(nowMs).toUTCString();
type Given = Readonly<Record<string, string | null>>;
const lookup =
  (headers: Given) =>
  (name: string): string | null =>
    headers[name] ?? null;
const read = (headers: Given) => readLimits(lookup(headers), nowMs);

/** Those that say something of limits. */
function recorded(provider: string): readonly Given[] {
  return recordings(provider)
    .map(({ responseHeaders }) => responseHeaders)
    .filter((headers) => Object.keys(headers).some((name) => /ratelimit/.test(name) && headers[name] !== null));
}

describe("the limits in recorded answers", () => {
  it("are read from every answer that says how much remains", () => {
    const unread = recordedProviders().flatMap((provider) =>
      recorded(provider)
        .filter((headers) => Object.keys(headers).some((name) => /remaining/.test(name)) && read(headers) === null)
        .map((headers) => [provider, headers]),
    );
    expect(unread).toEqual([]);
    expect(recordedProviders().filter((provider) => recorded(provider).length > 0)).toEqual(
      expect.arrayContaining(["anthropic", "azure", "groq", "mistral", "openai", "together", "xai"]),
    );
  });

  it("of OpenAI are full again when the reset says so", () => {
    const headers = recorded("openai").find((one) => one["x-ratelimit-reset-requests"] === "6ms") ?? {};
    expect(read(headers)).toEqual({
      requests: { limit: 10_000, remaining: 9999, resetAtMs: nowMs + 6 },
      tokens: { limit: 30_000_000, remaining: 29_999_975, resetAtMs: nowMs },
    });
  });

  it("of Groq have fractions of seconds, rounded up", () => {
    const headers = recorded("groq").find((one) => one["x-ratelimit-reset-tokens"] === "26ms") ?? {};
    expect(read(headers)).toEqual({
      requests: { limit: 14_400, remaining: 14_397, resetAtMs: nowMs + 17_400 },
      tokens: { limit: 30_000, remaining: 29_987, resetAtMs: nowMs + 26 },
    });
  });

  it("of Azure may have no limit beside what remains", () => {
    const headers = recorded("azure").find((one) => one["x-ratelimit-limit-requests"] === undefined) ?? {};
    expect(read(headers)).toEqual({
      requests: { limit: null, remaining: 117, resetAtMs: null },
      tokens: { limit: null, remaining: 119_952, resetAtMs: null },
    });
  });

  it("of Mistral have a window instead of a reset", () => {
    const headers = recorded("mistral").find((one) => one["x-ratelimit-limit-req-10-second"] !== undefined) ?? {};
    expect(read(headers)).toEqual({
      requests: { limit: 60, remaining: 50, resetAtMs: nowMs + 10_000 },
      tokens: { limit: 20_000_000, remaining: 19_999_990, resetAtMs: nowMs + 60_000 },
    });
  });

  it("of Anthropic are the tightest of its three of tokens, counted from the answer's own date", () => {
    const headers =
      recorded("anthropic").find((one) => one["anthropic-ratelimit-tokens-remaining"] === "22498000") ?? {};
    const dated = { ...headers, date: "Thu, 03 Jul 2025 18:18:06 GMT" };
    expect(read(dated)).toEqual({
      requests: null,
      tokens: { limit: 20_000_000, remaining: 19_998_000, resetAtMs: nowMs + 10_000 },
    });
  });
});

describe("the limits that providers document", () => {
  it.each<[string, Given, unknown]>([
    [
      "OpenRouter's moment in milliseconds",
      { date, "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(nowMs + 30_000) },
      { requests: { limit: 20, remaining: 0, resetAtMs: nowMs + 30_000 }, tokens: null },
    ],
    [
      "SambaNova's day that is tighter than its minute",
      {
        date,
        "x-ratelimit-limit-requests": "20",
        "x-ratelimit-remaining-requests": "19",
        "x-ratelimit-reset-requests": String(nowMs / 1000 + 60),
        "x-ratelimit-limit-requests-day": "20",
        "x-ratelimit-remaining-requests-day": "3",
        "x-ratelimit-reset-requests-day": "4h17m",
      },
      { requests: { limit: 20, remaining: 3, resetAtMs: nowMs + 15_420_000 }, tokens: null },
    ],
    [
      "Cerebras' fractions of seconds",
      {
        "x-ratelimit-limit-requests-day": "14400",
        "x-ratelimit-remaining-requests-day": "13693",
        "x-ratelimit-reset-requests-day": "11726.2840924263",
        "x-ratelimit-limit-tokens-minute": "60000",
        "x-ratelimit-remaining-tokens-minute": "6000",
        "x-ratelimit-reset-tokens-minute": "26.28409242630005",
      },
      {
        requests: { limit: 14_400, remaining: 13_693, resetAtMs: nowMs + 11_726_285 },
        tokens: { limit: 60_000, remaining: 6000, resetAtMs: nowMs + 26_285 },
      },
    ],
    [
      "Fireworks' tokens of prompts and answers",
      {
        "x-ratelimit-limit-tokens-prompt": "7200000",
        "x-ratelimit-remaining-tokens-prompt": "7193993",
        "x-ratelimit-limit-tokens-generated": "72000",
        "x-ratelimit-remaining-tokens-generated": "36000",
      },
      { requests: null, tokens: { limit: 72_000, remaining: 36_000, resetAtMs: null } },
    ],
    [
      "Cohere's trial keys",
      { "x-trial-endpoint-call-limit": "20", "x-trial-endpoint-call-remaining": "19" },
      { requests: { limit: 20, remaining: 19, resetAtMs: nowMs + 60_000 }, tokens: null },
    ],
  ])("are read: %s", (_, headers, limits) => {
    expect(read(headers)).toEqual(limits);
  });
});

describe("a header that makes no sense", () => {
  const limited = { "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "5" };

  it.each<[string, Given, unknown]>([
    ["what remains as -1 (Azure)", { "x-ratelimit-remaining-tokens": "-1", "x-ratelimit-limit-tokens": "-1" }, null],
    ["what remains in words", { "x-ratelimit-remaining-requests": "plenty" }, null],
    [
      "a limit of zero",
      { "x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "5" },
      { requests: { limit: 0, remaining: 5, resetAtMs: null }, tokens: null },
    ],
    ...[
      ["a negative reset", "-5", null],
      ["an empty reset", "", null],
      ["a reset in words", "soon", null],
      ["a moment without a date to count from", "2026-07-06T10:00:05Z", null],
      ["no time until the reset", "0", 0],
      ["a reset in a thousand years", "31536000000s", 86_400_000],
    ].map(([name, reset, waitMs]): [string, Given, unknown] => [
      String(name),
      { ...limited, "x-ratelimit-reset-requests": String(reset) },
      {
        requests: { limit: 10, remaining: 5, resetAtMs: waitMs === null ? null : nowMs + Number(waitMs) },
        tokens: null,
      },
    ]),
    [
      "a reset that has passed",
      { ...limited, date, "x-ratelimit-reset-requests": "2026-07-06T09:59:00Z" },
      { requests: { limit: 10, remaining: 5, resetAtMs: nowMs }, tokens: null },
    ],
  ])("is passed over or cut: %s", (_, headers, limits) => {
    expect(read(headers)).toEqual(limits);
  });

  it("never makes reading throw, nor gives a time that is before now or more than a day away", () => {
    const names = ["requests", "tokens", "tokens-minute", "requests-day"].flatMap((unit) =>
      ["limit", "remaining", "reset"].map((what) => `x-ratelimit-${what}-${unit}`),
    );
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.nat().map((n) => `${n}ms`),
      fc.date().map((at) => (Number.isNaN(at.getTime()) ? "" : at.toISOString())),
      fc.constantFrom("0", "-1", "1e9", "∞", "1h2m", "NaN"),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("date", ...names), value), (headers) => {
        const limits = read(headers);
        for (const one of [limits?.requests, limits?.tokens]) {
          if (!one) continue;
          expect(one.remaining).toBeGreaterThanOrEqual(0);
          if (one.resetAtMs === null) continue;
          expect(one.resetAtMs - nowMs).toBeGreaterThanOrEqual(0);
          expect(one.resetAtMs - nowMs).toBeLessThanOrEqual(86_400_000);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it("headers that say nothing of limits give nothing, in ten look-ups", () => {
  let lookups = 0;
  const counting = (): null => {
    lookups += 1;
    return null;
  };
  expect(readLimits(counting, nowMs)).toBeNull();
  expect(lookups).toBe(10);
});

it("a refill is waited for only where something is used up, and then for all that is", () => {
  const headers = {
    "anthropic-ratelimit-requests-remaining": "0",
    "anthropic-ratelimit-requests-reset": "2026-07-06T10:00:05Z",
    "anthropic-ratelimit-input-tokens-remaining": "0",
    "anthropic-ratelimit-input-tokens-reset": "2026-07-06T10:00:20Z",
    "anthropic-ratelimit-output-tokens-remaining": "7",
    "anthropic-ratelimit-output-tokens-reset": "2026-07-06T11:00:00Z",
    date,
  };
  expect(refillWait(lookup(headers))).toBe(20_000);
  expect(refillWait(lookup({ "x-ratelimit-remaining-req-minute": "0" }))).toBeNull();
  expect(refillWait(lookup({}))).toBeNull();
});
