// The `@google/genai` package.
import { type CallableTool, GoogleGenAI } from "@google/genai";
import { type Client, type Place, type RunWeather, weather } from "./client.ts";

export function googleGenAI({ url, key }: Place): Client {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  return {
    name: "@google/genai",
    whole: async (model, contents) => (await client.models.generateContent({ model, contents })).text ?? "",
    stream: async (model, message) => {
      let text = "";
      for await (const chunk of await client.chats.create({ model }).sendMessageStream({ message })) {
        text += chunk.text ?? "";
      }
      return text;
    },
    tools: async (model, message, run) => {
      // The SDK runs the loop by itself ("automatic function calling"), inside a chat.
      const chat = client.chats.create({ model, config: { tools: [callable(run)] } });
      return (await chat.sendMessage({ message })).text ?? "";
    },
    streamedTools: async (model, contents, run) => {
      let text = "";
      const stream = await client.models.generateContentStream({ model, contents, config: { tools: [callable(run)] } });
      for await (const { candidates } of stream) {
        for (const part of candidates?.[0]?.content?.parts ?? []) text += part.text ?? "";
      }
      return text;
    },
    structured: async (model, contents) => {
      const answer = await client.models.generateContent({
        model,
        contents,
        config: {
          responseMimeType: "application/json",
          responseJsonSchema: {
            type: "object",
            properties: { city: { type: "string" }, celsius: { type: "number" } },
            required: ["city", "celsius"],
          },
        },
      });
      return JSON.parse(answer.text ?? "");
    },
  };
}

function callable(run: RunWeather): CallableTool {
  return {
    tool: async () => ({
      functionDeclarations: [
        { name: weather.name, description: weather.description, parametersJsonSchema: weather.jsonSchema },
      ],
    }),
    callTool: async (calls) =>
      calls.map(({ id, name, args }) => ({
        functionResponse: {
          ...(id === undefined ? {} : { id }),
          name: name ?? "",
          response: { output: run(args as { city: string }) },
        },
      })),
  };
}
