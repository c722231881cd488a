// The `@anthropic-ai/sdk` package.
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { type Client, type Place, type RunWeather, report, weather } from "./client.ts";

export function anthropicMessages({ url, key }: Place): Client {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  const ask = (model: string, content: string) => ({
    model,
    max_tokens: 300,
    messages: [{ role: "user" as const, content }],
  });
  const tools = (run: RunWeather) => [
    betaZodTool({ name: weather.name, description: weather.description, inputSchema: weather.schema, run }),
  ];
  return {
    name: "@anthropic-ai/sdk",
    whole: async (model, prompt) => textOf((await client.messages.create(ask(model, prompt))).content),
    stream: (model, prompt) => client.messages.stream(ask(model, prompt)).finalText(),
    tools: async (model, prompt, run) => {
      const message = await client.beta.messages.toolRunner({ ...ask(model, prompt), tools: tools(run) });
      return textOf(message.content);
    },
    streamedTools: async (model, prompt, run) => {
      let text = "";
      const runner = client.beta.messages.toolRunner({ ...ask(model, prompt), tools: tools(run), stream: true });
      for await (const turn of runner) {
        for await (const event of turn) {
          if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
        }
      }
      return text;
    },
    structured: async (model, prompt) => {
      const message = await client.messages.parse({
        ...ask(model, prompt),
        output_config: { format: zodOutputFormat(report) },
      });
      return message.parsed_output;
    },
  };
}

function textOf(content: readonly { readonly type: string; readonly text?: string }[]): string {
  return content.map((block) => block.text ?? "").join("");
}
