// Cohere's errors become classified failures; odd answers become failures, not crashes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohereChat } from "../../../../providers/dialects/cohere/index.ts";
import { accumulate } from "../anthropic-messages/support/events.ts";

function decode(...events: readonly object[]) {
  const decoder = cohereChat.stream();
  const frames = events.map((data) => ({ event: null, data: JSON.stringify(data) }));
  return accumulate([...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()]);
}
const start = { type: "message-start", id: "m" };
const callStart = (args: string) => ({
  type: "tool-call-start",
  index: 0,
  delta: { message: { tool_calls: { id: "t", type: "function", function: { name: "look", arguments: args } } } },
});
const callDelta = (args: string) => ({
  type: "tool-call-delta",
  index: 0,
  delta: { message: { tool_calls: { function: { arguments: args } } } },
});
const callEnd = { type: "tool-call-end", index: 0 };
const end = (finish_reason: string, more: object = {}) => ({ type: "message-end", delta: { finish_reason, ...more } });

describe("an error response", () => {
  it.each([
    [400, "invalid request: message must be at least 1 token long", "bad_request"],
    [400, "too many tokens: total number of tokens in the prompt cannot exceed 4081", "context_length"],
    [400, "too many tokens: max tokens must be less than or equal to 4096", "bad_request"],
    [401, "invalid api token", "authentication"],
    [402, "Please add or update your payment method", "quota"],
    [403, "forbidden", "permission"],
    [404, "model 'command-r' was removed", "not_found"],
    [422, "unprocessable", "bad_request"],
    [429, "Please wait and try again later", "rate_limit"],
    [429, "You are using a Trial key, which is limited to 1000 API calls / month.", "quota"],
    [498, "blocked", "content_filter"],
    [499, "request cancelled", "server"],
    [500, "internal server error", "server"],
    [503, "service unavailable", "overloaded"],
    [504, "timeout", "timeout"],
  ])("%i %s is %s", (status, message, kind) => {
    expect(cohereChat.error(status, () => null, { message })).toMatchObject({ kind, status, message });
  });

  it("may be no JSON, and tells how long to wait", () => {
    expect(cohereChat.error(502, () => null, "<html>")).toMatchObject({ kind: "server", message: "<html>" });
    const headers = (name: string) => (name === "retry-after" ? "2" : null);
    expect(cohereChat.error(429, headers, { message: "slow" })).toMatchObject({ retryAfterMs: 2000 });
  });
});

describe("an answer", () => {
  it("that ends in an error before it said anything is a failure, and later finishes as one", () => {
    expect(decode(start, end("ERROR", { error: "oh" })).failure).toMatchObject({ kind: "server", message: "oh" });
    expect(decode(start, end("TIMEOUT")).failure).toMatchObject({ kind: "timeout" });
    const said = { type: "content-delta", index: 0, delta: { message: { content: { text: "Hi" } } } };
    expect(decode(start, said, end("ERROR"))).toMatchObject({ failure: null, finish: "error", rawFinish: "ERROR" });
    expect(cohereChat.decode({ message: { role: "assistant" }, finish_reason: "ERROR" })).toMatchObject({
      kind: "server",
    });
  });

  it.each([
    [[callStart(""), callEnd], "{}"],
    [[callStart(""), callDelta("null"), callEnd], "{}"],
    [[callStart("nu"), callDelta("ll")], "{}"],
    [[callStart(""), callDelta("{"), callDelta("}"), callEnd], "{}"],
    [[callStart('{"a":'), callDelta("null"), callDelta("}"), callEnd], '{"a":null}'],
  ])("%j has a call with whole arguments", (events, expected) => {
    expect(decode(start, ...events, end("TOOL_CALL"))).toMatchObject({
      content: [{ type: "tool-call", id: "t", name: "look", arguments: expected }],
      finish: "tool-calls",
    });
  });

  it("that is an error in a success is a failure", () => {
    expect(decode({ message: "oh" }).failure).toMatchObject({ kind: "server", message: "oh" });
    expect(cohereChat.decode({ message: "oh" })).toMatchObject({ kind: "server", message: "oh" });
    expect(cohereChat.decode([])).toMatchObject({ kind: "protocol" });
  });

  it("counts billed units only where tokens are missing", () => {
    expect(cohereChat.usage({ usage: { billed_units: { input_tokens: 3, output_tokens: 4 } } })).toEqual({
      inputTokens: 3,
      outputTokens: 4,
    });
    expect(cohereChat.usage({ usage: {} })).toBeNull();
  });

  it("never makes the decoders throw, whatever it is", () => {
    const types = fc.constantFrom(
      "message-start",
      "content-start",
      "content-delta",
      "tool-plan-delta",
      "tool-call-start",
      "tool-call-delta",
      "tool-call-end",
      "citation-start",
      "message-end",
      "error",
    );
    const events = fc.record({ type: types, index: fc.jsonValue(), delta: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(fc.oneof(events, fc.jsonValue()), { maxLength: 8 }), (all) => {
        const decoder = cohereChat.stream();
        const watcher = cohereChat.watch();
        const frames = all.map((data) => ({ event: null, data: JSON.stringify(data) }));
        const got = [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
        for (const frame of frames) watcher.glance(frame);
        expect(got.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(1);
        for (const body of all) cohereChat.decode(body);
      }),
    );
  });
});
