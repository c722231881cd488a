// The matrix through `@anthropic-ai/sdk`.
import Anthropic from "@anthropic-ai/sdk";
import { asking, type MatrixClient, type Opened, type Place, type Read } from "./client.ts";

type Param = Anthropic.MessageParam;

export function anthropicClient({ url, key }: Place): MatrixClient {
  const { messages } = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });

  function ask(model: string, streamed: boolean, turns: Param[]): Promise<Anthropic.Message> {
    const request = {
      model,
      system: asking.system,
      messages: turns,
      max_tokens: asking.maxTokens,
      thinking: { type: "enabled" as const, budget_tokens: asking.thinkingTokens },
      tools: asking.tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: { ...parameters, required: [...parameters.required] },
      })),
    };
    return streamed ? messages.stream(request).finalMessage() : messages.create(request);
  }

  async function open(model: string, streamed: boolean): Promise<Opened> {
    const turns: Param[] = [
      {
        role: "user",
        content: [
          { type: "text", text: asking.text },
          {
            type: "image",
            source: { type: "base64", media_type: asking.image.mediaType, data: asking.image.data },
          },
        ],
      },
    ];
    const first = await ask(model, streamed, turns);
    return {
      read: read(first),
      reply: async (results) => {
        const content = first.content
          .filter((block) => block.type === "tool_use")
          .map(({ id, name }) => ({ type: "tool_result" as const, tool_use_id: id, content: results[name] ?? "" }));
        const more: Param[] = [
          { role: "assistant", content: first.content },
          { role: "user", content },
        ];
        return read(await ask(model, streamed, [...turns, ...more]));
      },
    };
  }
  return { dialect: "anthropic-messages", open };
}

function read({ content, stop_reason, usage }: Anthropic.Message): Read {
  const thinking = content.filter((block) => block.type === "thinking");
  const hidden = content.some((block) => block.type === "redacted_thinking");
  return {
    reasoning: thinking.map((block) => block.thinking).join(""),
    signed: hidden || thinking.some(({ signature }) => signature !== ""),
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: content
      .filter((block) => block.type === "tool_use")
      .map(({ id, name, input }) => ({ id, name, arguments: input as Read["calls"][number]["arguments"] })),
    finish: stop_reason === "tool_use" ? "calls" : "stop",
    usage: {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      cached: usage.cache_read_input_tokens,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? null,
    },
  };
}
