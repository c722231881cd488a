// The matrix through `openai`'s responses, which keep nothing at the server (`store: false`).
import OpenAI from "openai";
import type { Response, ResponseInputItem } from "openai/resources/responses/responses";
import { asking, type MatrixClient, type Opened, type Place, type Read } from "./client.ts";

export function openaiResponsesClient({ url, key }: Place): MatrixClient {
  const { responses } = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });

  async function ask(model: string, streamed: boolean, input: ResponseInputItem[]): Promise<Response> {
    const request = {
      model,
      input,
      instructions: asking.system,
      max_output_tokens: asking.maxTokens,
      reasoning: { effort: "low" as const, summary: "auto" as const },
      include: ["reasoning.encrypted_content" as const],
      store: false,
      tools: asking.tools.map((tool) => ({ type: "function" as const, strict: false, ...tool })),
    };
    return streamed ? responses.stream(request).finalResponse() : responses.create(request);
  }

  async function open(model: string, streamed: boolean): Promise<Opened> {
    const input: ResponseInputItem[] = [
      {
        role: "user",
        content: [
          { type: "input_text", text: asking.text },
          {
            type: "input_image",
            image_url: `data:${asking.image.mediaType};base64,${asking.image.data}`,
            detail: "auto",
          },
        ],
      },
    ];
    const first = await ask(model, streamed, input);
    return {
      read: read(first),
      reply: async (results) => {
        const answers = first.output.flatMap((item): ResponseInputItem[] =>
          item.type === "function_call"
            ? [{ type: "function_call_output", call_id: item.call_id, output: results[item.name] ?? "" }]
            : [],
        );
        return read(await ask(model, streamed, [...input, ...(first.output as ResponseInputItem[]), ...answers]));
      },
    };
  }
  return { dialect: "openai-responses", open };
}

function read({ output, output_text, usage, status }: Response): Read {
  const reasoning = output.filter((item) => item.type === "reasoning");
  const calls = output.filter((item) => item.type === "function_call");
  if (status !== "completed") throw new Error(`the response is ${status}`);
  return {
    reasoning: reasoning.flatMap(({ summary }) => summary.map(({ text }) => text)).join(""),
    signed: reasoning.some(({ encrypted_content }) => (encrypted_content ?? "") !== ""),
    text: output_text,
    calls: calls.map((item) => ({ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) })),
    finish: calls.length > 0 ? "calls" : "stop",
    usage: {
      input: usage?.input_tokens ?? -1,
      cached: usage?.input_tokens_details.cached_tokens ?? null,
      output: usage?.output_tokens ?? -1,
      reasoning: usage?.output_tokens_details.reasoning_tokens ?? null,
    },
  };
}
