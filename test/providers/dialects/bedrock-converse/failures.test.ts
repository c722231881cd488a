// Bedrock's exceptions, as responses and inside streams, become classified failures; odd streams become failures, not crashes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../../providers/dialects/bedrock-converse/index.ts";
import { accumulate } from "../anthropic-messages/support/events.ts";
import { event, exception, frames } from "./support/messages.ts";

const error = (status: number, type: string | null, message: string, headers: Record<string, string> = {}) =>
  bedrockConverse.error(status, (name) => ({ ...headers, "x-amzn-errortype": type })[name] ?? null, { message });

function decode(...body: readonly Uint8Array[]) {
  const decoder = bedrockConverse.stream();
  return accumulate([...frames(...body).flatMap((frame) => decoder.push(frame)), ...decoder.end()]);
}

const begun = [
  event("messageStart", { role: "assistant" }),
  event("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Hi" } }),
];

describe("an error response", () => {
  it.each([
    [429, "ThrottlingException:http://internal.amazon.com/coral/", "Too many requests", "rate_limit"],
    [403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", "permission"],
    [403, "UnrecognizedClientException", "The security token included in the request is invalid.", "authentication"],
    [403, "ExpiredTokenException", "The security token included in the request is expired", "authentication"],
    [403, "InvalidSignatureException", "The request signature we calculated does not match", "authentication"],
    [403, null, "Authentication failed: Please make sure your API Key is valid.", "authentication"],
    [404, "ResourceNotFoundException", "Could not resolve the foundation model", "not_found"],
    [408, "ModelTimeoutException", "Model has timed out", "timeout"],
    [424, "ModelErrorException", "The model failed", "server"],
    [429, "ModelNotReadyException", "Model is not ready", "overloaded"],
    [503, "ServiceUnavailableException", "Bedrock is unable to process your request.", "overloaded"],
    [500, "InternalServerException", "oh", "server"],
    [400, "ValidationException", "Input is too long for requested model.", "context_length"],
    [
      400,
      "ValidationException",
      "The model returned the following errors: prompt is too long: 220000 tokens > 200000 maximum",
      "context_length",
    ],
    [400, "ValidationException", "messages.0.content: thinking signature is invalid", "bad_request"],
    [418, null, "?", "bad_request"],
  ])("%i %s (%s) is %s", (status, type, message, kind) => {
    expect(error(status, type, message)).toMatchObject({ kind, status, message });
  });

  it("tells its exception's name and how long to wait", () => {
    const failure = error(429, "ThrottlingException:http://x", "slow", { "retry-after": "3" });
    expect(failure).toMatchObject({ code: "ThrottlingException", retryAfterMs: 3000 });
  });

  it("may be no JSON, or name itself in `__type` or `Message`", () => {
    const none = () => null;
    expect(bedrockConverse.error(502, none, "<html>")).toMatchObject({ kind: "server", message: "<html>" });
    expect(bedrockConverse.error(500, none, "")).toMatchObject({
      message: "The provider answered with HTTP status 500.",
    });
    const body = { __type: "com.amazon.coral.service#UnknownOperationException", Message: "no such" };
    expect(bedrockConverse.error(400, none, body)).toMatchObject({
      kind: "not_found",
      code: "UnknownOperationException",
      message: "no such",
    });
  });
});

describe("an exception inside a stream", () => {
  it.each([
    ["throttlingException", "rate_limit"],
    ["validationException", "bad_request"],
    ["internalServerException", "server"],
    ["modelStreamErrorException", "server"],
    ["serviceUnavailableException", "overloaded"],
    ["modelTimeoutException", "timeout"],
    ["somethingNewException", "server"],
  ])("%s is %s, with its words", (name, kind) => {
    const { failure, content } = decode(...begun, exception(name, "because"));
    expect(failure).toMatchObject({ kind, message: "because", status: null });
    expect(content).toEqual([{ type: "text", text: "Hi" }]);
    expect(
      bedrockConverse.watch().glance(frames(exception(name, "because"))[0] ?? { event: null, data: "" }),
    ).toMatchObject({
      kind: "error",
      failure: { kind },
    });
  });

  it("is a protocol failure when the stream's own rules were broken", () => {
    const spoiled = Buffer.from(begun[1] ?? []);
    spoiled[40] = 0;
    expect(decode(begun[0] ?? Buffer.alloc(0), spoiled).failure).toMatchObject({ kind: "protocol" });
  });
});

describe("a stream", () => {
  const stop = event("messageStop", { stopReason: "end_turn" });

  it("finishes with its metadata, or at its end without", () => {
    const decoder = bedrockConverse.stream();
    const types = (body: Uint8Array) => frames(body).flatMap((frame) => decoder.push(frame).map(({ type }) => type));
    expect([...begun.flatMap(types), ...types(stop)]).toEqual(["start", "text"]);
    expect(types(event("metadata", { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }))).toEqual([
      "finish",
      "usage",
    ]);
    expect(decoder.end()).toEqual([]);
    expect(decode(...begun, stop)).toMatchObject({ finish: "stop", usage: null, failure: null });
  });

  it("tells a call without arguments as an empty object, and nothing of a server's own tool", () => {
    const start = (index: number, toolUse: object) =>
      event("contentBlockStart", { contentBlockIndex: index, start: { toolUse } });
    const end = (index: number) => event("contentBlockStop", { contentBlockIndex: index });
    const input = event("contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: "{}" } } });
    const { content } = decode(
      start(0, { toolUseId: "s", name: "nova_code_interpreter", type: "server_tool_use" }),
      input,
      end(0),
      start(1, { toolUseId: "t", name: "look" }),
      end(1),
      stop,
    );
    expect(content).toEqual([{ type: "tool-call", id: "t", name: "look", arguments: "{}" }]);
  });

  it("reads writes to caches by their lifetime", () => {
    const usage = {
      inputTokens: 3,
      outputTokens: 5,
      cacheReadInputTokens: 7,
      cacheWriteInputTokens: 30,
      cacheDetails: [
        { ttl: "5m", inputTokens: 10 },
        { ttl: "1h", inputTokens: 20 },
      ],
    };
    expect(decode(...begun, stop, event("metadata", { usage })).usage).toEqual({
      inputTokens: 3,
      cachedInputTokens: 7,
      cacheWriteTokens: 10,
      cacheWrite1hTokens: 20,
      outputTokens: 5,
    });
  });

  it("never throws, whatever its frames hold", () => {
    const names = fc.constantFrom(
      "messageStart",
      "contentBlockStart",
      "contentBlockDelta",
      "contentBlockStop",
      "messageStop",
      "metadata",
      "exception:x",
    );
    const data = fc.oneof(fc.json(), fc.string());
    fc.assert(
      fc.property(fc.array(fc.record({ event: fc.option(names), data }), { maxLength: 8 }), (all) => {
        const decoder = bedrockConverse.stream();
        const watcher = bedrockConverse.watch();
        const events = [...all.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
        for (const frame of all) watcher.glance(frame);
        expect(events.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("never throws on a whole body, whatever it is", () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => void bedrockConverse.decode(body)));
    expect(bedrockConverse.decode({ output: { message: { content: "no list" } } })).toMatchObject({ kind: "protocol" });
  });
});
