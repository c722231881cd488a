// The `openai` package, with its chat and its responses half.
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import type { ResponseInputItem } from "openai/resources/responses/responses";
import { type Client, type Place, report, weather } from "./client.ts";

function connect({ url, key }: Place): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
}

export function openaiChat(place: Place): Client {
  const { chat } = connect(place);
  const user = (content: string) => [{ role: "user" as const, content }];
  const tool = (run: (args: { city: string }) => string) => ({
    type: "function" as const,
    function: {
      name: weather.name,
      description: weather.description,
      parameters: weather.jsonSchema,
      parse: JSON.parse as (text: string) => { city: string },
      function: run,
    },
  });
  return {
    name: "openai, chat",
    whole: async (model, prompt) => {
      const completion = await chat.completions.create({ model, messages: user(prompt) });
      return completion.choices[0]?.message.content ?? "";
    },
    stream: async (model, prompt) =>
      (await chat.completions.stream({ model, messages: user(prompt) }).finalContent()) ?? "",
    tools: async (model, prompt, run) =>
      (await chat.completions.runTools({ model, messages: user(prompt), tools: [tool(run)] }).finalContent()) ?? "",
    streamedTools: async (model, prompt, run) =>
      (await chat.completions
        .runTools({ model, messages: user(prompt), tools: [tool(run)], stream: true })
        .finalContent()) ?? "",
    structured: async (model, prompt) => {
      const completion = await chat.completions.parse({
        model,
        messages: user(prompt),
        response_format: zodResponseFormat(report, "report"),
      });
      return completion.choices[0]?.message.parsed;
    },
  };
}

export function openaiResponses(place: Place): Client {
  const { responses } = connect(place);
  const tools = [
    {
      type: "function" as const,
      name: weather.name,
      description: weather.description,
      parameters: weather.jsonSchema,
      strict: true,
    },
  ];
  return {
    name: "openai, responses",
    whole: async (model, prompt) => (await responses.create({ model, input: prompt })).output_text,
    stream: async (model, prompt) => {
      const response = await responses.stream({ model, input: prompt }).finalResponse();
      return response.output_text;
    },
    tools: async (model, prompt, run) => {
      const input: ResponseInputItem[] = [{ role: "user", content: prompt }];
      for (let round = 0; round < 4; round += 1) {
        const response = await responses.create({ model, input, tools, store: false });
        const calls = response.output.filter((item) => item.type === "function_call");
        if (calls.length === 0) return response.output_text;
        input.push(...(response.output as ResponseInputItem[]));
        for (const { call_id, arguments: text } of calls) {
          input.push({ type: "function_call_output", call_id, output: run(JSON.parse(text)) });
        }
      }
      throw new Error("the model never stopped calling");
    },
    structured: async (model, prompt) => {
      const response = await responses.parse({
        model,
        input: prompt,
        text: { format: zodTextFormat(report, "report") },
      });
      return response.output_parsed;
    },
  };
}
