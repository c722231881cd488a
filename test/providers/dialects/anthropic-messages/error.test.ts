// Errors of the Messages API are classified by what can be done about them.
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../../../providers/dialects/anthropic-messages/index.ts";

const none = () => null;
const headers =
  (given: Readonly<Record<string, string>>) =>
  (name: string): string | null =>
    given[name] ?? null;
const body = (type: string, message = "no", details?: object) => ({
  type: "error",
  error: { type, message, ...(details && { details }) },
  request_id: "req_1",
});

describe("an error", () => {
  it.each([
    [400, "invalid_request_error", "bad_request"],
    [401, "authentication_error", "authentication"],
    [402, "billing_error", "quota"],
    [403, "permission_error", "permission"],
    [404, "not_found_error", "not_found"],
    [409, "conflict_error", "bad_request"],
    [413, "request_too_large", "bad_request"],
    [429, "rate_limit_error", "rate_limit"],
    [500, "api_error", "server"],
    [504, "timeout_error", "timeout"],
    [529, "overloaded_error", "overloaded"],
  ])("%i of type %s is %s", (status, type, kind) => {
    expect(anthropicMessages.error(status, none, body(type))).toEqual({
      kind,
      message: "no",
      status,
      code: type,
      param: null,
      retryAfterMs: null,
    });
  });

  it.each([
    ["prompt is too long: 210000 tokens > 200000 maximum", "context_length"],
    [
      "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length",
      "context_length",
    ],
    ["Your credit balance is too low to access the Anthropic API.", "quota"],
    ["You have reached your specified API usage limits. You will regain access on 2026-12-01.", "quota"],
    ["Output blocked by content filtering policy", "content_filter"],
    ["messages: text content blocks must be non-empty", "bad_request"],
  ])("of an invalid request that says %j is %s", (message, kind) => {
    expect(anthropicMessages.error(400, none, body("invalid_request_error", message)).kind).toBe(kind);
  });

  it.each([
    [429, "rate_limit_error", "enforced_spend_limit_reached", "quota"],
    [429, "rate_limit_error", "contract_spend_limit_reached", "quota"],
    [429, "rate_limit_error", "ramp_limit_exceeded", "rate_limit"],
    [400, "invalid_request_error", "organization_on_hold", "permission"],
  ])("%i of type %s with the code %s is %s", (status, type, error_code, kind) => {
    const failure = anthropicMessages.error(status, none, body(type, "no", { error_code }));
    expect(failure).toMatchObject({ kind, code: error_code });
  });

  it.each([
    [400, "bad_request"],
    [401, "authentication"],
    [402, "quota"],
    [403, "permission"],
    [404, "not_found"],
    [408, "timeout"],
    [413, "bad_request"],
    [429, "rate_limit"],
    [500, "server"],
    [502, "server"],
    [503, "overloaded"],
    [504, "timeout"],
    [529, "overloaded"],
  ])("%i without the API's body is %s by its status", (status, kind) => {
    const page = "<html>Bad gateway</html>";
    expect(anthropicMessages.error(status, none, page)).toMatchObject({ kind, message: page, code: null });
    expect(anthropicMessages.error(status, none, body("an_error_of_tomorrow"))).toMatchObject({ kind });
  });

  it("without words gets some", () => {
    expect(anthropicMessages.error(500, none, null).message).toBe("The provider answered with HTTP status 500.");
  });

  it.each([
    [{ "retry-after": "12" }, 12_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "retry-after": "Fri, 06 Nov 2026 10:00:30 GMT", date: "Fri, 06 Nov 2026 10:00:00 GMT" }, 30_000],
    [{ "retry-after": "Fri, 06 Nov 2026 10:00:00 GMT", date: "Fri, 06 Nov 2026 10:00:30 GMT" }, null],
    [{ "retry-after": "Fri, 06 Nov 2026 10:00:30 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "" }, null],
    [{ "retry-after": "-1" }, null],
    [{}, null],
  ])("with the headers %j asks to wait %s ms", (given, retryAfterMs) => {
    const failure = anthropicMessages.error(429, headers(given), body("rate_limit_error"));
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });
});
