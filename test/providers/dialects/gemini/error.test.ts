import { describe, expect, it } from "vitest";
import type { FailureKind } from "../../../../providers/dialects/failure.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { named } from "./gemini-recordings.ts";

const noHeader = (): null => null;

function failureFor(
  status: number,
  error: Record<string, unknown>,
  header: (name: string) => string | null = noHeader,
) {
  return gemini.error(status, header, { error: { code: status, ...error } });
}

function quotaFailure(...quotaIds: string[]) {
  return {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: quotaIds.map((quotaId) => ({ quotaId })),
  };
}

function retryInfo(retryDelay: string) {
  return { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
}

function errorInfo(reason: string) {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
}

describe("recorded errors", () => {
  it.each<[string, FailureKind]>([
    ["chat-real-error-scenarios-vertexai-gemini-2-5-flash-handles-context-length-exceeded-2", "context_length"],
    ["chat-real-error-scenarios-gemini-gemini-2-5-flash-handles-context-length-exceeded-er", "rate_limit"],
    ["test-generate-content-invalid-temperature", "bad_request"],
    ["test-generate-content-invalid-role", "bad_request"],
    ["test_embeddings-TestGoogle.test_embed_error.0", "not_found"],
  ])("%s is %s", (name, kind) => {
    const recording = named(name);
    const failure = gemini.error(recording.status, noHeader, JSON.parse(recording.response));
    expect(failure).toMatchObject({ kind, status: recording.status });
  });

  it("the longer of two told waits holds, in milliseconds rounded up", () => {
    const recording = named("chat-real-error-scenarios-gemini-gemini-2-5-flash-handles-context-length-exceeded-er");
    expect(gemini.error(429, noHeader, JSON.parse(recording.response))).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      retryAfterMs: 48_940,
    });
  });
});

describe("an error's kind", () => {
  it.each<[number, string, FailureKind]>([
    [400, "INVALID_ARGUMENT", "bad_request"],
    [400, "FAILED_PRECONDITION", "bad_request"],
    [401, "UNAUTHENTICATED", "authentication"],
    [403, "PERMISSION_DENIED", "permission"],
    [404, "NOT_FOUND", "not_found"],
    [429, "RESOURCE_EXHAUSTED", "rate_limit"],
    [499, "CANCELLED", "server"],
    [500, "INTERNAL", "server"],
    [503, "UNAVAILABLE", "overloaded"],
    [504, "DEADLINE_EXCEEDED", "timeout"],
    [418, "A_NEW_WORD", "bad_request"],
    [502, "constructor", "server"],
  ])("%i %s is %s", (status, word, kind) => {
    expect(failureFor(status, { status: word, message: "No." })).toMatchObject({ kind, code: word, message: "No." });
  });

  it.each<[FailureKind, number, Record<string, unknown>]>([
    [
      "authentication",
      400,
      {
        status: "INVALID_ARGUMENT",
        message: "API key not valid. Please pass a valid API key.",
        details: [errorInfo("API_KEY_INVALID")],
      },
    ],
    ["authentication", 400, { status: "INVALID_ARGUMENT", message: "API key expired. Please renew the API key." }],
    [
      "authentication",
      403,
      { status: "PERMISSION_DENIED", message: "Your API key was reported as leaked. Please use another API key." },
    ],
    ["authentication", 403, { status: "PERMISSION_DENIED", message: "Method doesn't allow unregistered callers." }],
    ["permission", 400, { status: "FAILED_PRECONDITION", message: "User location is not supported for the API use." }],
    [
      "permission",
      400,
      {
        status: "FAILED_PRECONDITION",
        message: "Gemini API free tier is not available in your country. Please enable billing on your project.",
      },
    ],
    ["quota", 403, { status: "PERMISSION_DENIED", message: "Disabled.", details: [errorInfo("BILLING_DISABLED")] }],
    ["quota", 402, { status: "RESOURCE_EXHAUSTED", message: "No." }],
    ["quota", 429, { status: "RESOURCE_EXHAUSTED", message: "Your prepayment credits are depleted." }],
    ["quota", 429, { status: "RESOURCE_EXHAUSTED", message: "Your project has exceeded its monthly spending cap." }],
    [
      "quota",
      429,
      {
        status: "RESOURCE_EXHAUSTED",
        message: "You exceeded your current quota, please check your plan and billing details.",
        details: [quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), retryInfo("36s")],
      },
    ],
    [
      "rate_limit",
      429,
      {
        status: "RESOURCE_EXHAUSTED",
        message: "You exceeded your current quota, please check your plan and billing details.",
        details: [quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")],
      },
    ],
    [
      "context_length",
      400,
      {
        status: "INVALID_ARGUMENT",
        message: "The input token count exceeds the maximum number of tokens allowed 1048576.",
      },
    ],
  ])("%s (%i): %o", (kind, status, error) => {
    expect(failureFor(status, error).kind).toBe(kind);
  });

  it("an error in an array is the same error", () => {
    const error = { code: 400, status: "INVALID_ARGUMENT", message: "No." };
    expect(gemini.error(400, noHeader, [{ error }])).toEqual(gemini.error(400, noHeader, { error }));
  });

  it.each<[number, unknown, FailureKind]>([
    [502, "<html>Bad gateway</html>", "server"],
    [401, "", "authentication"],
    [402, {}, "quota"],
    [403, null, "permission"],
    [404, [], "not_found"],
    [408, "", "timeout"],
    [429, "", "rate_limit"],
    [503, "", "overloaded"],
    [400, { error: "text" }, "bad_request"],
  ])("%i with the body %o is told by its status: %s", (status, body, kind) => {
    const failure = gemini.error(status, (name) => (name === "retry-after" ? "7" : null), body);
    expect(failure).toMatchObject({ kind, status, retryAfterMs: 7000 });
    expect(failure.message).not.toBe("");
  });

  it("the parameter is the first field that the API complains of", () => {
    const details = [
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "contents[0].role" }] },
    ];
    expect(failureFor(400, { status: "INVALID_ARGUMENT", message: "No.", details }).param).toBe("contents[0].role");
  });
});

describe("how long to wait", () => {
  it.each<[string, Record<string, unknown>, number | null]>([
    ["a whole detail", { message: "", details: [retryInfo("12s")] }, 12_000],
    ["a fraction", { message: "", details: [retryInfo("21599.960323804s")] }, 21_599_961],
    ["milliseconds in the message", { message: "Please retry in 577.188366ms." }, 578],
    ["hours in the message", { message: "Please retry in 1h2m3.5s." }, 3_723_500],
    ["nothing told", { message: "Resource exhausted. Please try again later." }, null],
    ["nonsense", { message: "Please retry in a while.", details: [retryInfo("soon")] }, null],
  ])("%s", (_, error, retryAfterMs) => {
    expect(failureFor(429, { status: "RESOURCE_EXHAUSTED", ...error }).retryAfterMs).toBe(retryAfterMs);
  });
});
