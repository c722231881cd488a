// What each model of the sandbox answers.
import Ajv2020 from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { createCatalog } from "../../../providers/catalog/catalog.ts";
import { sandbox, sandboxModels } from "../../../providers/sandbox/index.ts";
import { costOf } from "../../../src/usage/price.ts";
import { answerTo, ask, dataOf, openaiClient, said, tokens } from "./ask.ts";

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
      required: ["city", "days"],
      additionalProperties: false,
    },
  },
} as const;
const clock = {
  type: "function",
  function: { name: "get_time", parameters: { type: "object", properties: {} } },
} as const;

function contentOf(completion: Awaited<ReturnType<typeof answerTo>>): string {
  const content = completion.choices[0]?.message.content;
  if (typeof content !== "string") throw new Error(`no content in ${JSON.stringify(completion)}`);
  return content;
}

function callsOf(completion: Awaited<ReturnType<typeof answerTo>>) {
  return (completion.choices[0]?.message.tool_calls ?? []).map((call) => {
    if (call.type !== "function") throw new Error("not a function call");
    return { name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown };
  });
}

describe("echo", () => {
  test("says the user's last text back", async () => {
    const messages = [...said("first"), { role: "assistant", content: "x" }, ...said("second ✓")];
    expect(contentOf(await answerTo({ model: "echo", messages }))).toBe("Sandbox echo: second ✓");
  });

  test("describes pictures, sounds and files", async () => {
    const data = Buffer.from("12345").toString("base64");
    const content = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } },
      { type: "image_url", image_url: { url: "https://example.com/cat.jpg" } },
      { type: "input_audio", input_audio: { data, format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` } },
    ];
    expect(contentOf(await answerTo({ model: "echo", messages: [{ role: "user", content }] }))).toBe(
      "Sandbox echo: look\n(with image (image/png, 5 bytes), image (https://example.com/cat.jpg), audio (wav, 5 bytes), file (a.pdf, 5 bytes))",
    );
  });

  test("answers even when the user said nothing", async () => {
    expect(contentOf(await answerTo({ model: "echo", messages: [{ role: "system", content: "x" }] }))).toMatch(
      /no text/,
    );
  });
});

describe("chat and default", () => {
  test("answer in a way that shows that no model was asked", async () => {
    for (const model of ["chat", "default"]) {
      expect(contentOf(await answerTo({ model, messages: said("one two three") }))).toMatch(/sandbox.*3 words/);
    }
  });

  test("differ by seed and by choice", async () => {
    const { choices } = await answerTo({ model: "chat", messages: said("hi"), n: 3 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(choices.map(({ message }) => message.content)).size).toBe(3);
    const seeded = await answerTo({ model: "chat", messages: said("hi"), seed: 1 });
    expect(contentOf(seeded)).toBe(choices[1]?.message.content);
  });
});

describe("long and slow", () => {
  test.each([1, 7, 500])("answer with exactly %d tokens", async (count) => {
    for (const model of [`long?tokens=${count}`, `slow?tokens=${count}`]) {
      const completion = await answerTo({ model, messages: said("go") });
      expect(completion.usage?.completion_tokens).toBe(count);
      expect(tokens.count(contentOf(completion))).toBe(count);
    }
  });
});

describe("reasoning", () => {
  test("thinks before it answers, and its thoughts are counted", async () => {
    const completion = await answerTo({ model: "reasoning?thinking=20", messages: said("why?") });
    const message = completion.choices[0]?.message as { reasoning_content?: string; content: string };
    expect(tokens.count(message.reasoning_content ?? "")).toBe(20);
    expect(message.content).toMatch(/sandbox/);
    expect(completion.usage?.completion_tokens_details?.reasoning_tokens).toBe(20);
    expect(completion.usage?.completion_tokens).toBe(20 + tokens.count(message.content));
  });

  test("heeds the effort", async () => {
    const thought = async (effort: string) => {
      const { usage } = await answerTo({ model: "reasoning", messages: said("?"), reasoning_effort: effort });
      return usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    };
    expect(await thought("none")).toBe(0);
    expect(await thought("high")).toBeGreaterThan(await thought("low"));
  });

  test("may use up its limit without a word", async () => {
    const { choices } = await answerTo({
      model: "reasoning?thinking=20",
      messages: said("?"),
      max_completion_tokens: 12,
    });
    expect(choices[0]).toMatchObject({ finish_reason: "length", message: { content: "" } });
  });
});

describe("tools", () => {
  test("calls the tool that is offered, with arguments of its schema", async () => {
    const completion = await answerTo({ model: "tools", messages: said("go"), tools: [weather] });
    expect(completion.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    expect(callsOf(completion)).toEqual([{ name: "get_weather", arguments: { city: "sandbox city", days: 1 } }]);
  });

  test("prefers the tools that the prompt names", async () => {
    const one = await answerTo({ model: "tools", messages: said("use get_time"), tools: [weather, clock] });
    expect(callsOf(one).map(({ name }) => name)).toEqual(["get_time"]);
    const two = await answerTo({ model: "tools", messages: said("get_time, get_weather"), tools: [weather, clock] });
    expect(callsOf(two).map(({ name }) => name)).toEqual(["get_weather", "get_time"]);
  });

  test.each([
    ["tools?calls=3", "go"],
    ["tools", "please call 3 tools"],
    ["tools", "make three calls"],
  ])("makes several calls at once when it is asked to: %s, %s", async (model, text) => {
    const calls = callsOf(await answerTo({ model, messages: said(text), tools: [weather, clock] }));
    expect(calls.map(({ name }) => name)).toEqual(["get_weather", "get_time", "get_weather"]);
    expect(calls[2]?.arguments).not.toEqual(calls[0]?.arguments);
  });

  test("calls all when it is asked for all, and one when parallel calls are not allowed", async () => {
    const asked = { model: "tools", messages: said("call both in parallel"), tools: [weather, clock] };
    expect(callsOf(await answerTo(asked))).toHaveLength(2);
    expect(callsOf(await answerTo({ ...asked, parallel_tool_calls: false }))).toHaveLength(1);
  });

  test("gives every call its own id", async () => {
    const { choices } = await answerTo({ model: "tools?calls=20", messages: said("go"), tools: [clock] });
    expect(new Set(choices[0]?.message.tool_calls?.map(({ id }) => id)).size).toBe(20);
  });

  test("quotes the results of its tools", async () => {
    const messages = [
      ...said("weather?"),
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "sunny" },
      { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "noon" }] },
    ];
    const completion = await answerTo({ model: "tools", messages, tools: [weather] });
    expect(contentOf(completion)).toBe("The sandbox got from its tools: sunny; noon");
  });

  test("heeds tool_choice, and so does every model", async () => {
    const asked = { messages: said("go"), tools: [weather, clock] };
    const named = { type: "function", function: { name: "get_time" } };
    const allowed = { type: "allowed_tools", allowed_tools: { mode: "required", tools: [clock] } };
    for (const tool_choice of [named, allowed]) {
      const calls = callsOf(await answerTo({ ...asked, model: "echo", tool_choice }));
      expect(calls.map(({ name }) => name)).toEqual(["get_time"]);
    }
    expect(callsOf(await answerTo({ ...asked, model: "chat", tool_choice: "required" }))).toHaveLength(1);
    expect(callsOf(await answerTo({ ...asked, model: "chat", tool_choice: "auto" }))).toHaveLength(0);
    expect(callsOf(await answerTo({ ...asked, model: "tools", tool_choice: "none" }))).toHaveLength(0);
  });
});

describe("structured answers", () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", minLength: 20 },
      tags: { type: "array", items: { enum: ["a", "b"] }, minItems: 1 },
      next: { anyOf: [{ $ref: "#" }, { type: "null" }] },
    },
    required: ["name", "tags", "next"],
    additionalProperties: false,
  };
  const response_format = { type: "json_schema", json_schema: { name: "thing", strict: true, schema } };

  test.each(["json", "echo", "chat", "reasoning"])("of %s satisfy their schema", async (model) => {
    const content = JSON.parse(contentOf(await answerTo({ model, messages: said("go"), response_format })));
    const validate = new Ajv2020.default({ strict: false }).compile(schema);
    expect(validate(content), JSON.stringify(validate.errors)).toBe(true);
  });

  test("without a schema are an object", async () => {
    const asked = { model: "chat", messages: said("hello"), response_format: { type: "json_object" } };
    expect(JSON.parse(contentOf(await answerTo(asked)))).toEqual({ sandbox: true, echo: "Sandbox echo: hello" });
    expect(JSON.parse(contentOf(await answerTo({ model: "json", messages: said("x") })))).toMatchObject({
      sandbox: true,
    });
  });
});

describe("refusal and logprobs", () => {
  test("a refusal is in its own member", async () => {
    const { choices } = await answerTo({ model: "refusal", messages: said("x") });
    expect(choices[0]?.message).toMatchObject({ content: null, refusal: expect.stringMatching(/refuse/) });
  });

  test("log probabilities cover the text, and have as many alternatives as were asked for", async () => {
    for (const asked of [{ model: "logprobs" }, { model: "echo", logprobs: true, top_logprobs: 3 }]) {
      const completion = await answerTo({ ...asked, messages: said("hello there, 2 wörlds") });
      const content = completion.choices[0]?.logprobs?.content ?? [];
      expect(content.map(({ token }) => token).join("")).toBe(contentOf(completion));
      for (const { token, logprob, bytes, top_logprobs } of content) {
        expect(logprob).toBeLessThanOrEqual(0);
        expect(Buffer.from(bytes ?? []).toString()).toBe(token);
        expect(top_logprobs).toHaveLength(asked.top_logprobs ?? 0);
      }
    }
    const plain = await answerTo({ model: "echo", messages: said("x") });
    expect(plain.choices[0]?.logprobs).toBeNull();
  });
});

describe("every chat model", () => {
  const chat = sandboxModels.filter(({ mode }) => mode === "chat");
  const names = chat.map(({ providerModelId }) => providerModelId).filter((name) => name !== "error");

  test.each(names)("%s answers the same request with the same bytes", async (model) => {
    for (const stream of [true, false]) {
      const body = { model, messages: said("same"), tools: [weather], stream };
      expect((await ask(body)).text).toBe((await ask(body)).text);
    }
  });

  test.each(names)("%s says the same in a stream as it does whole, to OpenAI's own client", async (model) => {
    const body = {
      model,
      messages: said("Hello, wörld! 👩‍💻 123456"),
      tools: [weather],
      n: 2,
      logprobs: true,
      top_logprobs: 2,
    };
    const stream = openaiClient().chat.completions.stream({ ...body, stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    const whole = await answerTo(body);
    expect(streamed.usage).toEqual(whole.usage);
    for (const [at, choice] of whole.choices.entries()) {
      const other = streamed.choices[at];
      expect(other?.message.content ?? null).toEqual(choice.message.content);
      expect(other?.message.refusal ?? null).toEqual(choice.message.refusal);
      expect(other?.finish_reason).toBe(choice.finish_reason);
      expect(other?.logprobs?.content ?? null).toEqual(choice.logprobs?.content ?? null);
      const calls = choice.message.tool_calls ?? [];
      expect(other?.message.tool_calls ?? []).toMatchObject(calls.map(({ id, type }) => ({ id, type })));
    }
  });

  test.each(names)("%s keeps to max_tokens and says that it was cut", async (model) => {
    for (const max of [1, 2, 5, 9]) {
      for (const limit of ["max_tokens", "max_completion_tokens"]) {
        const body = {
          model,
          messages: said("some ordinary words to repeat until the limit comes"),
          tools: [weather],
          [limit]: max,
        };
        const { usage, choices } = await answerTo(body);
        expect(usage?.completion_tokens).toBeLessThanOrEqual(max);
        expect(choices[0]?.finish_reason).toBe("length");
      }
    }
  });

  test("ends before a stop sequence", async () => {
    const { choices, usage } = await answerTo({ model: "long", messages: said("x"), stop: ["zzz", "five"] });
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "one two three four " } });
    expect(usage?.completion_tokens).toBe(tokens.count("one two three four "));
  });

  test("reports usage in a stream only when it is asked to", async () => {
    const body = { model: "echo", messages: said("hi"), stream: true };
    expect(dataOf((await ask(body)).text).every((chunk) => !("usage" in chunk))).toBe(true);
    const chunks = dataOf((await ask({ ...body, stream_options: { include_usage: true } })).text);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
  });

  test("counts the prompt as OpenAI would", async () => {
    const { usage } = await answerTo({ model: "echo", messages: said("What is the capital of Mexico?") });
    expect(usage?.prompt_tokens).toBe(14);
    expect(usage?.total_tokens).toBe(14 + (usage?.completion_tokens ?? 0));
  });

  test("is read by the dialect that the sandbox is registered with", async () => {
    const { text } = await ask({ model: "tools", messages: said("go"), tools: [weather] });
    expect(sandbox.dialect.decode(JSON.parse(text))).toMatchObject({
      choices: [{ finish: "tool-calls", content: [{ type: "tool-call", name: "get_weather" }] }],
      usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
    });
  });
});

describe("the catalogue's rows", () => {
  test("cost nothing, which is not the same as an unknown price", () => {
    for (const row of sandboxModels) expect(costOf({ inputTokens: 1000, outputTokens: 1000 }, row)).toBe(0n);
  });

  test("are found under names that carry options", () => {
    const catalog = createCatalog(sandboxModels);
    expect(catalog.resolve("sandbox/error?status=429&retry_after=2")).toMatchObject({
      kind: "model",
      canonical: "sandbox/error",
      deployments: [{ provider: "sandbox", providerModelId: "error?status=429&retry_after=2" }],
    });
  });
});
