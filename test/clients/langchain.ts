// `@langchain/openai`, over chat completions and over responses.
import {
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { type Client, type Place, type RunWeather, report, weather } from "./client.ts";

export function langchainChat(place: Place): Client {
  return driven("@langchain/openai, chat", place, { useResponsesApi: false });
}

export function langchainResponses(place: Place): Client {
  return driven("@langchain/openai, responses", place, { useResponsesApi: true });
}

function driven(name: string, { url, key }: Place, options: { readonly useResponsesApi: boolean }): Client {
  const use = (model: string) =>
    new ChatOpenAI({ ...options, model, apiKey: key, maxRetries: 0, configuration: { baseURL: `${url}/v1` } });
  return {
    name,
    whole: async (model, prompt) => (await use(model).invoke(prompt)).text,
    stream: async (model, prompt) => {
      let text = "";
      for await (const chunk of await use(model).stream(prompt)) text += chunk.text;
      return text;
    },
    tools: (model, prompt, run) => loop(prompt, run, (messages, tools) => use(model).bindTools(tools).invoke(messages)),
    streamedTools: (model, prompt, run) =>
      loop(prompt, run, async (messages, tools) => {
        const chunks: AIMessageChunk[] = [];
        for await (const chunk of await use(model).bindTools(tools).stream(messages)) chunks.push(chunk);
        return chunks.reduce((whole, chunk) => whole.concat(chunk));
      }),
    structured: (model, prompt) => use(model).withStructuredOutput(report, { method: "jsonSchema" }).invoke(prompt),
  };
}

type WeatherTool = ReturnType<typeof weatherTool>;

function weatherTool(run: RunWeather) {
  return tool((args) => run(args), {
    name: weather.name,
    description: weather.description,
    schema: weather.schema,
  });
}

async function loop(
  prompt: string,
  run: RunWeather,
  ask: (messages: BaseMessage[], tools: WeatherTool[]) => Promise<AIMessage>,
): Promise<string> {
  const called = weatherTool(run);
  const messages: BaseMessage[] = [new HumanMessage(prompt)];
  for (let round = 0; round < 4; round += 1) {
    const answer = await ask(messages, [called]);
    const calls = answer.tool_calls ?? [];
    if (calls.length === 0) return answer.text;
    messages.push(answer);
    for (const { id = "", args } of calls) {
      messages.push(
        new ToolMessage({ tool_call_id: id, content: String(await called.invoke(weather.schema.parse(args))) }),
      );
    }
  }
  throw new Error("the model never stopped calling");
}
