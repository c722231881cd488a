// Vercel's `ai` package with its providers of all four dialects.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from "ai";
import { type Client, type Place, type RunWeather, report, weather } from "./client.ts";

export function aiOpenAIChat({ url, key }: Place): Client {
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  return driven("ai, @ai-sdk/openai chat", (model) => openai.chat(model));
}

export function aiOpenAIResponses({ url, key }: Place): Client {
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  return driven("ai, @ai-sdk/openai responses", (model) => openai.responses(model));
}

export function aiCompatible({ url, key }: Place): Client {
  const provider = createOpenAICompatible({
    name: "turnpike",
    baseURL: `${url}/v1`,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return driven("ai, @ai-sdk/openai-compatible", (model) => provider(model));
}

export function aiAnthropic({ url, key }: Place): Client {
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: key });
  return driven("ai, @ai-sdk/anthropic", (model) => anthropic(model));
}

export function aiGoogle({ url, key }: Place): Client {
  const google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: key });
  return driven("ai, @ai-sdk/google", (model) => google(model));
}

function driven(name: string, use: (model: string) => LanguageModel): Client {
  const looping = (run: RunWeather) => ({
    tools: {
      [weather.name]: tool({
        description: weather.description,
        inputSchema: weather.schema,
        execute: async (args) => run(args),
      }),
    },
    stopWhen: stepCountIs(4),
  });
  const common = { maxRetries: 0, maxOutputTokens: 1000 };
  return {
    name,
    whole: async (model, prompt) => (await generateText({ ...common, model: use(model), prompt })).text,
    stream: async (model, prompt) => {
      let failure: unknown;
      const result = streamText({
        ...common,
        model: use(model),
        prompt,
        onError: ({ error }) => {
          failure = error;
        },
      });
      let text = "";
      for await (const piece of result.textStream) text += piece;
      if (failure !== undefined) throw failure;
      return text;
    },
    tools: async (model, prompt, run) =>
      (await generateText({ ...common, model: use(model), prompt, ...looping(run) })).text,
    streamedTools: (model, prompt, run) => {
      const result = streamText({ ...common, model: use(model), prompt, ...looping(run) });
      return Promise.resolve(result.text);
    },
    structured: async (model, prompt) => {
      const result = await generateText({
        ...common,
        model: use(model),
        prompt,
        output: Output.object({ schema: report }),
      });
      return result.output;
    },
  };
}
