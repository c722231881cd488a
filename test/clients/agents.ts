// `@openai/agents`: an agent with a tool, over chat completions and over responses.
import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  Runner,
  setTracingDisabled,
  tool,
} from "@openai/agents";
import OpenAI from "openai";
import { type Client, type Place, type RunWeather, report, weather } from "./client.ts";

// Else its traces go to OpenAI.
setTracingDisabled(true);

type Model = OpenAIChatCompletionsModel | OpenAIResponsesModel;

export function agentsChat(place: Place): Client {
  return driven("@openai/agents, chat", place, (client, model) => new OpenAIChatCompletionsModel(client, model));
}

export function agentsResponses(place: Place): Client {
  return driven("@openai/agents, responses", place, (client, model) => new OpenAIResponsesModel(client, model));
}

function driven(name: string, { url, key }: Place, use: (client: OpenAI, model: string) => Model): Client {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const runner = new Runner({ tracingDisabled: true });
  const agent = (model: string, run?: RunWeather) =>
    new Agent({
      name: "helper",
      instructions: "Help.",
      model: use(client, model),
      tools:
        run === undefined
          ? []
          : [
              tool({
                name: weather.name,
                description: weather.description,
                parameters: weather.schema,
                execute: async (args) => run(args),
              }),
            ],
    });
  const streamed = async (model: string, prompt: string, run?: RunWeather): Promise<string> => {
    const result = await runner.run(agent(model, run), prompt, { stream: true });
    let text = "";
    for await (const piece of result.toTextStream()) text += piece;
    await result.completed;
    return text;
  };
  return {
    name,
    whole: async (model, prompt) => (await runner.run(agent(model), prompt)).finalOutput ?? "",
    stream: streamed,
    tools: async (model, prompt, run) => (await runner.run(agent(model, run), prompt)).finalOutput ?? "",
    streamedTools: streamed,
    structured: async (model, prompt) => {
      const typed = new Agent({
        name: "reporter",
        instructions: "Report.",
        model: use(client, model),
        outputType: report,
      });
      return (await runner.run(typed, prompt)).finalOutput;
    },
  };
}
