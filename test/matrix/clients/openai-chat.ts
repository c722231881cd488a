// The matrix through `openai`'s chat completions.
import OpenAI from "openai";
import type { ChatCompletion, ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { asking, type MatrixClient, type Opened, type Place, type Read } from "./client.ts";

/** Turnpike's extensions, as the SDK passes them through. */
interface Extended {
  readonly reasoning_content?: string;
  readonly reasoning_details?: readonly { readonly signature?: string; readonly data?: string }[];
}

export function openaiChatClient({ url, key }: Place): MatrixClient {
  const { chat } = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });

  async function ask(
    model: string,
    streamed: boolean,
    messages: ChatCompletionMessageParam[],
  ): Promise<ChatCompletion> {
    const request = {
      model,
      messages,
      max_completion_tokens: asking.maxTokens,
      reasoning: { max_tokens: asking.thinkingTokens },
      tools: asking.tools.map((tool) => ({ type: "function" as const, function: tool })),
    };
    if (!streamed) return chat.completions.create(request as never) as Promise<ChatCompletion>;
    const options = { stream_options: { include_usage: true } };
    const chunks = await chat.completions.create({ ...request, ...options, stream: true } as never);
    return collect(chunks as never);
  }

  async function open(model: string, streamed: boolean): Promise<Opened> {
    const messages: ChatCompletionMessageParam[] = [
      { role: "system", content: asking.system },
      {
        role: "user",
        content: [
          { type: "text", text: asking.text },
          { type: "image_url", image_url: { url: `data:${asking.image.mediaType};base64,${asking.image.data}` } },
        ],
      },
    ];
    const first = await ask(model, streamed, messages);
    const message = first.choices[0]?.message;
    return {
      read: read(first),
      reply: async (results) => {
        const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
        const answers = calls.map(({ id, function: made }) => ({
          role: "tool" as const,
          tool_call_id: id,
          content: results[made.name] ?? "",
        }));
        return read(await ask(model, streamed, [...messages, message as ChatCompletionMessageParam, ...answers]));
      },
    };
  }
  return { dialect: "openai-chat", open };
}

type Delta = Extended & {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
    readonly extra_content?: unknown;
  }[];
};

/** Adds a stream up as a client does that knows the extensions: details are kept in their order. */
async function collect(
  chunks: AsyncIterable<{
    readonly choices: readonly { readonly delta: Delta; readonly finish_reason: string | null }[];
    readonly usage?: unknown;
  }>,
): Promise<ChatCompletion> {
  let [content, reasoning, finish, usage]: [string, string, string | null, unknown] = ["", "", null, null];
  const details: unknown[] = [];
  const calls: Record<string, unknown>[] = [];
  for await (const { choices, usage: told } of chunks) {
    usage = told ?? usage;
    for (const { delta, finish_reason } of choices) {
      content += delta.content ?? "";
      reasoning += delta.reasoning_content ?? "";
      details.push(...(delta.reasoning_details ?? []));
      finish = finish_reason ?? finish;
      for (const { index, id, function: piece, extra_content } of delta.tool_calls ?? []) {
        const before = calls[index] as { function: { name: string; arguments: string } } | undefined;
        calls[index] = {
          ...before,
          ...(id === undefined ? {} : { id, type: "function" }),
          ...(extra_content === undefined ? {} : { extra_content }),
          function: {
            name: before?.function.name ?? piece?.name ?? "",
            arguments: (before?.function.arguments ?? "") + (piece?.arguments ?? ""),
          },
        };
      }
    }
  }
  const message = {
    role: "assistant",
    content: content === "" ? null : content,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { choices: [{ index: 0, message, finish_reason: finish }], usage } as never;
}

function read({ choices, usage }: ChatCompletion): Read {
  const [choice] = choices;
  const message = choice?.message as (ChatCompletion["choices"][number]["message"] & Extended) | undefined;
  const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
  const details = message?.reasoning_details ?? [];
  return {
    reasoning: message?.reasoning_content ?? "",
    signed:
      details.some(({ signature, data }) => (signature ?? data ?? "") !== "") ||
      calls.some((call) => "extra_content" in call),
    text: message?.content ?? "",
    calls: calls.map(({ id, function: made }) => ({ id, name: made.name, arguments: JSON.parse(made.arguments) })),
    finish: choice?.finish_reason === "tool_calls" ? "calls" : "stop",
    usage: {
      input: usage?.prompt_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? null,
      output: usage?.completion_tokens ?? -1,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? null,
    },
  };
}
