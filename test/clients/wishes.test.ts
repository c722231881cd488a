// What official clients ask for beside the question is kept or said: one call at most, hints, reasoning that is not shown, and a
// limit of output tokens that thinking counts inside.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI, type Part } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anthropicWire } from "../matrix/upstreams/anthropic.ts";
import { cohereWire } from "../matrix/upstreams/cohere.ts";
import { geminiWire } from "../matrix/upstreams/gemini.ts";
import type { Said, Wire } from "../matrix/upstreams/said.ts";
import { serveModel } from "../matrix/upstreams/scripted-model.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Replay, startReplay } from "../support/replay.ts";
import { weather } from "./client.ts";

const wires: readonly Wire[] = [anthropicWire, geminiWire, cohereWire];
const said: Said = {
  reasoning: { text: "Two cities are asked for.", signature: "c2lnbmF0dXJl" },
  text: "I look.",
  calls: [
    { id: "call_1", name: "weather", arguments: { city: "Paris" } },
    { id: "call_2", name: "weather", arguments: { city: "Rome" } },
  ],
  usage: { input: 11, cached: 0, output: 7, reasoning: 5 },
};

let replay: Replay;
let gateway: Gateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  replay = await startReplay();
  gateway = await startGateway({
    env: {
      ANTHROPIC_API_KEY: "sk-ant-upstream-0123456789",
      ANTHROPIC_BASE_URL: replay.url,
      COHERE_API_KEY: "cohere-upstream-0123456789",
      COHERE_BASE_URL: replay.url,
      GOOGLE_API_KEY: "google-upstream-0123456789",
      GOOGLE_BASE_URL: `${replay.url}/v1beta`,
    },
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
});

beforeEach(() => {
  replay.clear();
  for (const wire of wires) serveModel(replay, wire, () => said);
});

afterAll(async () => {
  await gateway.close();
  await replay.close();
});

const messages = [{ role: "user" as const, content: "What is the weather in Paris and Rome?" }];
const { name, description, jsonSchema: parameters } = weather;
const tools = [{ type: "function" as const, function: { name, description, parameters } }];

describe.each(wires)("before a provider of $dialect", ({ model, dialect }) => {
  const asked = { model, messages, tools, parallel_tool_calls: false };

  test("`openai` gets one call where it asks for one at most, whole and streamed", async () => {
    const whole = await openai.chat.completions.create(asked);
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.message.tool_calls).toMatchObject([{ function: { arguments: '{"city":"Paris"}' } }]);
      expect(choices[0]?.finish_reason).toBe("tool_calls");
    }
    const both = await openai.chat.completions.create({ ...asked, parallel_tool_calls: true });
    expect(both.choices[0]?.message.tool_calls).toHaveLength(2);
  });

  test("`openai` gets one call of the responses API too", async () => {
    const input = "What is the weather?";
    const functions = [{ type: "function" as const, name, description, parameters, strict: true }];
    const asking = { model, input, tools: functions, parallel_tool_calls: false };
    for (const { output } of [
      await openai.responses.create(asking),
      await openai.responses.stream(asking).finalResponse(),
    ]) {
      expect(output.filter(({ type }) => type === "function_call")).toMatchObject([{ arguments: '{"city":"Paris"}' }]);
    }
  });

  test("`@anthropic-ai/sdk` gets one call where it disables parallel ones", async () => {
    if (dialect === "anthropic-messages") return;
    const asking = {
      model,
      messages,
      max_tokens: 1000,
      tools: [{ name, description, input_schema: parameters }],
      tool_choice: { type: "auto" as const, disable_parallel_tool_use: true },
    };
    for (const { content, stop_reason } of [
      await anthropic.messages.create(asking),
      await anthropic.messages.stream(asking).finalMessage(),
    ]) {
      expect(content.filter(({ type }) => type === "tool_use")).toMatchObject([{ input: { city: "Paris" } }]);
      expect(stop_reason).toBe("tool_use");
    }
  });

  test("Codex's hints are answered without leave, and those that are lost are named", async () => {
    const { data, response } = await openai.responses
      .create({
        model,
        input: "Hi",
        store: false,
        prompt_cache_key: "session-1",
        include: ["reasoning.encrypted_content"],
        service_tier: "auto",
        ...{ client_metadata: { session: "1" } },
      })
      .withResponse();
    expect(data.status).toBe("completed");
    expect(response.headers.get("x-turnpike-dropped-params")).toBe("prompt_cache_key, client_metadata");
  });

  test("`openai` is shown no reasoning where it excludes it, and pays for it", async () => {
    const excluding = { model, messages, max_completion_tokens: 4000, reasoning: { effort: "low", exclude: true } };
    const { data, response } = await openai.chat.completions
      .create(excluding as never as OpenAI.ChatCompletionCreateParamsNonStreaming)
      .withResponse();
    expect(response.headers.get("x-turnpike-dropped-params")).toBeNull();
    expect(JSON.stringify(data)).not.toContain("Two cities");
    expect(data.usage?.completion_tokens).toBe(12);
    const shown = await openai.chat.completions.create({ ...excluding, reasoning: { effort: "low" } } as never);
    expect(JSON.stringify(shown)).toContain("Two cities");
    let text = "";
    const streaming = { ...excluding, stream: true } as never as OpenAI.ChatCompletionCreateParamsStreaming;
    for await (const chunk of await openai.chat.completions.create(streaming)) {
      text += JSON.stringify(chunk);
    }
    expect(text).not.toContain("Two cities");
    expect(text).toContain("weather");
  });
});

test("`@google/genai` that gathers the parts of a stream in one content gives Cohere's model its own words back", async () => {
  const { models } = new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: gateway.url } });
  const config = {
    thinkingConfig: { thinkingBudget: 1024, includeThoughts: true },
    tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema: parameters }] }],
  };
  const question = { role: "user", parts: [{ text: "What is the weather?" }] };
  const parts: Part[] = [];
  const { model } = cohereWire;
  for await (const { candidates } of await models.generateContentStream({ model, contents: [question], config })) {
    parts.push(...(candidates?.[0]?.content?.parts ?? []));
  }
  expect(parts.filter(({ thought }) => thought).length).toBeGreaterThan(2);
  const results = parts.flatMap(({ functionCall: call }): Part[] =>
    call === undefined ? [] : [{ functionResponse: { id: call.id ?? "", name, response: { output: "sunny" } } }],
  );
  const contents = [question, { role: "model", parts }, { role: "user", parts: results }];
  await models.generateContent({ model, contents, config });
  const sent = JSON.parse(replay.requests.at(-1)?.body ?? "{}");
  expect(sent.messages[1].tool_plan).toBe("Two cities are asked for.\nI look.");
});

test("a limit of `openai`'s is Claude's limit, thinking included", async () => {
  const limited = {
    model: anthropicWire.model,
    messages,
    max_completion_tokens: 2000,
    reasoning_effort: "high" as const,
  };
  await openai.chat.completions.create(limited);
  const sent = JSON.parse(replay.requests.at(-1)?.body ?? "{}");
  expect(sent).toMatchObject({ max_tokens: 2000, thinking: { type: "enabled", budget_tokens: 1600 } });
  await expect(openai.chat.completions.create({ ...limited, max_completion_tokens: 500 })).rejects.toMatchObject({
    status: 400,
    code: "unsupported_parameter",
    param: "reasoning_effort",
  });
});
