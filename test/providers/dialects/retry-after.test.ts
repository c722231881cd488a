// How long to wait: every dialect reads it from all the places where a provider may say it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../providers/dialects/anthropic-messages/index.ts";
import { bedrockConverse } from "../../../providers/dialects/bedrock-converse/index.ts";
import { cohereChat } from "../../../providers/dialects/cohere/index.ts";
import type { ClientDialect } from "../../../providers/dialects/dialect.ts";
import { gemini } from "../../../providers/dialects/gemini/index.ts";
import { openaiChat } from "../../../providers/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../providers/dialects/openai-responses/index.ts";
import { retryAfter } from "../../../providers/dialects/retry-after.ts";

type Given = Readonly<Record<string, string>>;
const lookup =
  (headers: Given) =>
  (name: string): string | null =>
    headers[name] ?? null;
const date = "Mon, 06 Jul 2026 10:00:00 GMT";

const dialects: readonly (readonly [string, ClientDialect, (message: string) => unknown])[] = [
  ["OpenAI chat", openaiChat(), (message) => ({ error: { message, type: "requests", code: "rate_limit_exceeded" } })],
  ["OpenAI responses", openaiResponses(), (message) => ({ error: { message, code: "rate_limit_exceeded" } })],
  ["Anthropic", anthropicMessages, (message) => ({ type: "error", error: { type: "rate_limit_error", message } })],
  ["Gemini", gemini, (message) => ({ error: { code: 429, message, status: "RESOURCE_EXHAUSTED" } })],
  ["Bedrock", bedrockConverse, (message) => ({ message })],
  ["Cohere", cohereChat, (message) => ({ message })],
];

const told: readonly (readonly [string, Given, number | null])[] = [
  ["", { "retry-after": "2" }, 2000],
  ["", { "retry-after": "0.25" }, 250],
  ["", { "retry-after": "6m0s" }, 360_000],
  ["", { "retry-after": "Mon, 06 Jul 2026 10:00:30 GMT", date }, 30_000],
  ["", { "retry-after": "2026-07-06T10:00:30Z", date }, 30_000],
  ["", { "retry-after-ms": "1200", "retry-after": "2" }, 1200],
  ["", { "retry-after-ms": "0", "retry-after": "1" }, 1000],
  ["", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s" }, 1500],
  [
    "",
    {
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": "2026-07-06T10:00:09Z",
      date,
    },
    9000,
  ],
  ["Rate limit reached. Please try again in 1.2s.", {}, 1200],
  ["Requests have exceeded call rate limit. Please retry after 26 seconds.", {}, 26_000],
  ["Rate limit is exceeded. Try again in 2 minutes.", {}, 120_000],
  ["Try again in 6m0s. Need more tokens?", { "retry-after": "0" }, 360_000],
  ["Please try again in 3s.", { "retry-after": "-1" }, 3000],
  // A request that is larger than the whole limit (Azure).
  ["Please retry after 86400 seconds.", {}, 86_400_000],
  ["", { "retry-after": "99999999" }, 86_400_000],
  ["", { "retry-after": "Fri, 01 Jan 2999 00:00:00 GMT", date }, 86_400_000],
  ["Please try again in 400 days.", {}, 86_400_000],
  ["", { "retry-after": "Fri, 01 Jan 2999 00:00:00 GMT" }, null],
  ["", { "retry-after": "Mon, 06 Jul 2026 09:00:00 GMT", date }, null],
  ["", { "retry-after": "0", "retry-after-ms": "0" }, null],
  ["", { "retry-after": "-5" }, null],
  ["", { "retry-after": "soon", "retry-after-ms": "1s" }, null],
  ["Please try again in a while, or retry after lunch.", { "x-ratelimit-remaining-requests": "7" }, null],
];

describe.each(dialects)("a refusal in the dialect of %s", (_, dialect, body) => {
  it.each(told)("that says %j with the headers %j asks to wait %s ms", (message, headers, waitMs) => {
    const failure = dialect.error(429, lookup(headers), body(message));
    expect(failure.kind).toBe("rate_limit");
    expect(failure.retryAfterMs).toBe(waitMs);
  });
});

describe("the wait of a refusal", () => {
  it("is OpenRouter's reset, which it tells in the body alone", () => {
    const headers = { "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1783332042000" };
    const body = { error: { message: "Rate limit exceeded: free-models-per-min.", code: 429, metadata: { headers } } };
    expect(openaiChat().error(429, lookup({ date }), body).retryAfterMs).toBe(42_000);
  });

  it("is null, or from a millisecond to a day, whatever the provider sends", () => {
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.constantFrom(date, "0", "-1", "1e400", "6m0s", "2026-07-06"),
    );
    const names = fc.constantFrom(
      "date",
      "retry-after",
      "retry-after-ms",
      "x-ratelimit-remaining",
      "x-ratelimit-reset",
    );
    const message = fc.oneof(
      value,
      value.map((wait) => `Please try again in ${wait}`),
    );
    fc.assert(
      fc.property(fc.dictionary(names, value), message, (headers, words) => {
        const wait = retryAfter(lookup(headers), words, "rate_limit");
        if (wait === null) return;
        expect(Number.isSafeInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(86_400_000);
      }),
      { numRuns: 2000 },
    );
  });
});
