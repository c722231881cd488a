// Failures: what kind a provider's error is, and how long it asks to wait.
import { describe, expect, it } from "vitest";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";

function failureOf(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return openaiChat().error(status, (name) => headers[name] ?? null, body);
}

const openaiError = (code: string | null, message = "m", type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});

describe("a failed response", () => {
  it.each([
    [401, openaiError("invalid_api_key"), "authentication"],
    [401, openaiError(null), "authentication"],
    [403, openaiError(null), "permission"],
    [404, openaiError("model_not_found"), "not_found"],
    [403, openaiError("model_not_found"), "not_found"],
    [400, openaiError("context_length_exceeded"), "context_length"],
    [400, openaiError(null, "This model's maximum context length is 8192 tokens."), "context_length"],
    [400, openaiError("content_policy_violation"), "content_filter"],
    [400, openaiError("content_filter"), "content_filter"],
    [400, openaiError("unsupported_value"), "bad_request"],
    [413, openaiError("rate_limit_exceeded", "Request too large", "tokens"), "rate_limit"],
    [429, openaiError("rate_limit_exceeded", "m", "requests"), "rate_limit"],
    [429, openaiError("insufficient_quota", "m", "insufficient_quota"), "quota"],
    [429, openaiError(null, "The engine is currently overloaded, please try again later"), "overloaded"],
    [402, { error: { message: "Insufficient Balance" } }, "quota"],
    [500, openaiError(null, "m", "server_error"), "server"],
    [503, openaiError(null, "m", "server_error"), "overloaded"],
    [503, openaiError("slow_down"), "overloaded"],
    [504, "Gateway Timeout", "timeout"],
    [408, "", "timeout"],
    [502, "<html>Bad Gateway</html>", "server"],
    [422, { message: "Extra inputs are not permitted", type: "invalid_request_error", code: "3000" }, "bad_request"],
  ])("of status %i with %j is %s", (status, body, kind) => {
    expect(failureOf(status, body)).toMatchObject({ kind, status });
  });

  it.each([
    [
      "openrouter: 429 from the provider behind it",
      429,
      { error: { code: 429, message: "Provider returned error" } },
      "rate_limit",
      "429",
    ],
    [
      "deepseek: a wrong key",
      401,
      {
        error: {
          message: "Authentication Fails",
          type: "authentication_error",
          param: null,
          code: "invalid_request_error",
        },
      },
      "authentication",
      "invalid_request_error",
    ],
    [
      "azure: an unknown deployment",
      404,
      { error: { code: "DeploymentNotFound", message: "none" } },
      "not_found",
      "DeploymentNotFound",
    ],
    [
      "azure: a rate limit",
      429,
      { error: { code: "RateLimitReached", message: "exceeded" } },
      "rate_limit",
      "RateLimitReached",
    ],
    [
      "perplexity: a long prompt",
      400,
      {
        error: { message: "The total length of all messages is too long.", type: "too_many_prompt_tokens", code: 400 },
      },
      "context_length",
      "400",
    ],
    [
      "groq: a call that fits no schema",
      400,
      { error: { message: "Tool call validation failed", type: "invalid_request_error", code: "tool_use_failed" } },
      "bad_request",
      "tool_use_failed",
    ],
    [
      "ollama: no key",
      401,
      { error: { message: "Unauthorized", type: "api_error", param: null, code: null } },
      "authentication",
      null,
    ],
    [
      "google: an error in an array",
      404,
      [{ error: { code: 404, message: "none", status: "NOT_FOUND" } }],
      "not_found",
      "404",
    ],
    ["FastAPI servers: detail", 404, { detail: "Not Found" }, "not_found", null],
    ["a bare string", 500, { error: "boom" }, "server", null],
  ] as const)("recorded at %s", (_who, status, body, kind, code) => {
    const failure = failureOf(status, body);
    expect(failure).toMatchObject({ kind, code, status });
    expect(failure.message.length).toBeGreaterThan(0);
  });

  it("says something even when its body does not, and never too much", () => {
    expect(failureOf(502, "").message).toBe("HTTP status 502");
    expect(failureOf(500, { error: { message: "x".repeat(10_000) } }).message).toHaveLength(2000);
  });
});

describe("the wait that a provider asks for", () => {
  const date = "Mon, 06 Jul 2026 10:00:00 GMT";
  const limit = openaiError("rate_limit_exceeded", "Too many.", "requests");

  it.each([
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "retry-after-ms": "0", "retry-after": "1" }, 1000],
    [{ "retry-after": "20" }, 20_000],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after": "Mon, 06 Jul 2026 10:00:30 GMT", date }, 30_000],
    [{ "retry-after": "Mon, 06 Jul 2026 09:00:00 GMT", date }, null],
    [{ "retry-after": "Mon, 06 Jul 2026 10:00:30 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    [
      {
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "120ms",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "1h",
      },
      120,
    ],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1783332030000", date }, 30_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "15" }, 15_000],
    [{ "x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.38" }, 11_380],
    [{ "x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "1s" }, null],
    [{}, null],
  ])("in the headers %j is %s ms", (headers, wait) => {
    expect(failureOf(429, limit, headers).retryAfterMs).toBe(wait);
  });

  it.each([
    ["Please try again in 3.89s. Visit the page.", 3890],
    ["Please try again in 174ms.", 174],
    ["Please try again in 1m12.5s.", 72_500],
    ["Please retry after 7 seconds.", 7000],
    ["Please try again later.", null],
  ])("in the message %j is %s ms", (message, wait) => {
    expect(failureOf(429, openaiError("rate_limit_exceeded", message)).retryAfterMs).toBe(wait);
  });

  it("is not read from limits that were not hit", () => {
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" };
    expect(failureOf(400, openaiError(null), headers).retryAfterMs).toBeNull();
  });
});

describe("an answer with status 200", () => {
  const decode = openaiChat().decode;

  it("that holds an error is a failure", () => {
    expect(decode({ error: { message: "Overloaded", code: 503 } })).toMatchObject({
      kind: "overloaded",
      code: "503",
      status: null,
    });
    expect(decode({ object: "error", message: "too long", type: "BadRequestError", code: 400 })).toMatchObject({
      kind: "bad_request",
    });
    const choice = { index: 0, message: { role: "assistant", content: "" }, error: { code: 429, message: "Limited" } };
    expect(decode({ id: "x", choices: [choice] })).toMatchObject({ kind: "rate_limit" });
  });

  it.each([[null], ["text"], [{}], [{ choices: [] }], [{ choices: [{ text: "completion" }] }]])(
    "that is no chat completion is one too: %j",
    (body) => {
      expect(decode(body)).toMatchObject({ kind: "protocol" });
    },
  );
});
