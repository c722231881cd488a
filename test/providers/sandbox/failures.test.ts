// The failures and delays that the sandbox makes on demand, and its refusals of what it can't do.
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { sandbox } from "../../../providers/sandbox/index.ts";
import { ask, dataOf, openaiClient, said, timeless } from "./ask.ts";

async function errorOf(body: object | string) {
  const { status, headers, text } = await ask(body);
  return { status, headers, ...(JSON.parse(text) as { error: Record<string, unknown> }) };
}

describe("error", () => {
  test("is a plain 500 when nothing else is asked for", async () => {
    expect(await errorOf({ model: "error", messages: said("x") })).toMatchObject({
      status: 500,
      error: { type: "server_error", message: expect.stringMatching(/sandbox/), param: null },
    });
  });

  test("has the status, code, message and wait that are asked for", async () => {
    const model = "error?status=429&code=slow_down&message=Not%20now&retry_after=2";
    const failed = await errorOf({ model, messages: said("x"), stream: true });
    expect(failed).toMatchObject({ status: 429, error: { code: "slow_down", message: "Not now", type: "requests" } });
    expect(failed.headers["retry-after"]).toBe("2");
  });

  test.each([
    [401, OpenAI.AuthenticationError],
    [404, OpenAI.NotFoundError],
    [429, OpenAI.RateLimitError],
    [503, OpenAI.InternalServerError],
  ])("of status %d is what OpenAI's client takes it for", async (status, kind) => {
    const call = openaiClient().chat.completions.create({ model: `error?status=${status}`, messages: said("x") });
    await expect(call).rejects.toBeInstanceOf(kind);
  });

  test("is a failure to the dialect that the sandbox is registered with", async () => {
    const { status, headers, text } = await ask({ model: "error?status=429&retry_after=2", messages: said("x") });
    const failure = sandbox.dialect.error(status, (name) => headers[name] ?? null, JSON.parse(text));
    expect(failure).toMatchObject({ kind: "rate_limit", retryAfterMs: 2000 });
  });

  test("comes after so many tokens of a stream, as an event, and ends it", async () => {
    const { status, text } = await ask({ model: "error?after=5&code=gone", messages: said("x"), stream: true });
    const chunks = dataOf(text);
    const content = chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? "").join("");
    expect(status).toBe(200);
    expect(content).toBe("one two three four five");
    expect(chunks.at(-1)?.error).toMatchObject({ code: "gone" });
    expect(text).not.toContain("[DONE]");
  });

  test("comes before the first token where none is to come before it", async () => {
    const { text } = await ask({ model: "error?after=0", messages: said("x"), stream: true });
    expect(dataOf(text).at(-1)?.error).toBeDefined();
    expect(dataOf(text).some((chunk) => chunk.choices?.[0]?.delta.content)).toBe(false);
  });

  test("of an answer that is not streamed is its status", async () => {
    expect(await errorOf({ model: "error?after=5&status=503", messages: said("x") })).toMatchObject({ status: 503 });
  });

  test("may be a stream that just ends", async () => {
    const { text } = await ask({ model: "error?drop=1&after=2", messages: said("x"), stream: true });
    const chunks = dataOf(text);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("one two");
    expect(chunks.every((chunk) => chunk.choices[0]?.finish_reason === null && !chunk.error)).toBe(true);
    expect(text).not.toContain("[DONE]");
    const decoder = sandbox.dialect.stream();
    for (const chunk of chunks) decoder.push({ event: null, data: JSON.stringify(chunk) });
    expect(decoder.end()).toMatchObject([{ type: "error", failure: { kind: "protocol" } }]);
  });

  test("may be an answer that just ends", async () => {
    const { status, text } = await ask({ model: "error?drop=1", messages: said("x") });
    expect(status).toBe(200);
    expect(() => JSON.parse(text)).toThrow();
  });
});

describe("a delay", () => {
  test("comes before the first token, and between the tokens of a stream", async () => {
    const context = timeless();
    await ask({ model: "slow?ttft=800&tps=20&tokens=5", messages: said("x"), stream: true }, context);
    expect(context.slept).toEqual([800, 50, 50, 50, 50]);
  });

  test("of an answer that is not streamed is as long in all", async () => {
    const context = timeless();
    await ask({ model: "echo?ttft=100&tps=10", messages: said("x") }, context);
    const [slept] = context.slept;
    expect(context.slept).toHaveLength(1);
    expect(slept).toBeGreaterThan(100);
  });

  test("adds up where it is shorter than a millisecond", async () => {
    const context = timeless();
    await ask({ model: "long?tps=4000&tokens=401", messages: said("x"), stream: true }, context);
    expect(context.slept.reduce((sum, ms) => sum + ms, 0)).toBe(100);
  });

  test("is there in `slow` even unasked, and in no other model", async () => {
    for (const model of ["slow", "echo"]) {
      const context = timeless();
      await ask({ model, messages: said("x"), stream: true }, context);
      expect(context.slept.some((ms) => ms > 0)).toBe(model === "slow");
    }
  });

  test("ends when the caller goes away", async () => {
    const gone = new Error("aborted");
    const context = { ...timeless(), sleep: () => Promise.reject(gone) };
    await expect(ask({ model: "slow", messages: said("x"), stream: true }, context)).rejects.toBe(gone);
  });

  test("lets the process do other things during a long answer", async () => {
    const context = timeless();
    await ask({ model: "long?tokens=1000", messages: said("x"), stream: true }, context);
    expect(context.slept.length).toBeGreaterThan(10);
  });
});

describe("a request that is wrong", () => {
  const messages = said("x");
  test.each<[string, object | string, string | null]>([
    ["a body that is no JSON", "{", null],
    ["a body that is no object", "[]", null],
    ["no model", { messages }, "model"],
    ["no messages", { model: "echo" }, "messages"],
    ["empty messages", { model: "echo", messages: [] }, "messages"],
    ["a message without a role", { model: "echo", messages: [{ content: "x" }] }, "messages[0]"],
    ["an option that the model has not", { model: "echo?tokens=5", messages }, "model"],
    ["an option that is no number", { model: "slow?ttft=soon", messages }, "model"],
    ["an option that is empty", { model: "slow?ttft=", messages }, "model"],
    ["an option out of range", { model: "error?status=200", messages }, "model"],
    ["a fraction where a whole number belongs", { model: "long?tokens=1.5", messages }, "model"],
    ["a limit of nothing", { model: "echo", messages, max_tokens: 0 }, "max_tokens"],
    ["a wrong new limit", { model: "echo", messages, max_completion_tokens: "9" }, "max_completion_tokens"],
    ["no choice", { model: "echo", messages, n: 0 }, "n"],
    ["too many stop sequences", { model: "echo", messages, stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["too many alternatives", { model: "echo", messages, logprobs: true, top_logprobs: 21 }, "top_logprobs"],
    ["tools that are none", { model: "tools", messages, tools: [{ type: "custom" }] }, "tools[0]"],
    ["a choice without tools", { model: "tools", messages, tool_choice: "required" }, "tool_choice"],
    ["an unknown format", { model: "json", messages, response_format: { type: "xml" } }, "response_format.type"],
    ["more text than the sandbox makes", { model: "long?tokens=100000", messages, n: 128 }, "n"],
    [
      "a schema without instances",
      { model: "json", messages, response_format: { type: "json_schema", json_schema: { name: "x", schema: false } } },
      "response_format.json_schema.schema",
    ],
    [
      "a tool without possible arguments",
      {
        model: "tools",
        messages,
        tools: [{ type: "function", function: { name: "f", parameters: { type: "integer", minimum: 2, maximum: 1 } } }],
      },
      "tools[0].function.parameters",
    ],
  ])("is refused in OpenAI's error shape: %s", async (_, body, param) => {
    expect(await errorOf(body)).toMatchObject({
      status: 400,
      error: { type: "invalid_request_error", param, message: expect.stringMatching(/\w{3}/) },
    });
  });

  test("by an unknown model is not found", async () => {
    expect(await errorOf({ model: "gpt-5", messages })).toMatchObject({
      status: 404,
      error: { code: "model_not_found" },
    });
    expect(await errorOf({ model: "constructor", messages })).toMatchObject({ status: 404 });
  });

  test("by an unknown path is not found", async () => {
    const response = await sandbox.local?.(
      { method: "POST", baseUrl: sandbox.baseUrl, path: "/images/generations", headers: {}, body: "{}" },
      timeless(),
    );
    expect(response?.status).toBe(404);
  });
});
