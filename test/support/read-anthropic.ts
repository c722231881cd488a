// What the official `@anthropic-ai/sdk` reads at a base URL, in the neutral form of a Reading.
import Anthropic, { APIError } from "@anthropic-ai/sdk";
import type { ContentBlock, Message, MessageCreateParamsNonStreaming } from "@anthropic-ai/sdk/resources/messages";
import { distinct, failure, type ReadFinish, type ReadResult, type ReadToolCall, reading } from "./reading.ts";
import type { JsonObject } from "./recordings.ts";

export interface AnthropicConnection {
  /** Without `/v1`. */
  readonly baseUrl: string;
  readonly key: string;
}

/** Sends a messages request with the official SDK, without retries, and reads the answer whole or as a stream. */
export async function readWithAnthropic(connection: AnthropicConnection, request: JsonObject): Promise<ReadResult> {
  const client = new Anthropic({
    apiKey: connection.key,
    baseURL: connection.baseUrl,
    maxRetries: 0,
    // With an explicit timeout the SDK does not refuse long answers that are not streamed.
    timeout: 60_000,
  });
  const { stream, ...rest } = request;
  const params = rest as unknown as MessageCreateParamsNonStreaming;
  try {
    const message =
      stream === true ? await client.messages.stream(params).finalMessage() : await client.messages.create(params);
    return readMessage(message);
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const { error: inner } = (error.error ?? {}) as { readonly error?: { readonly type?: string } };
    return failure({
      status: error.status ?? null,
      code: null,
      type: inner?.type ?? null,
      message: error.message,
    });
  }
}

function readMessage(message: Message): ReadResult {
  const blocks = message.content;
  return reading(
    [
      {
        text: blocks.map((block) => (block.type === "text" ? block.text : "")).join(""),
        refusal: null,
        reasoning: blocks.map((block) => (block.type === "thinking" ? block.thinking : "")).join("") || null,
        signatures: distinct(blocks.map(signatureOf)),
        toolCalls: blocks.flatMap(toolCallOf),
        finish: finishOf(message.stop_reason),
        citedUrls: distinct(blocks.flatMap(citedUrls)),
        logprobs: null,
      },
    ],
    usageOf(message),
  );
}

function signatureOf(block: ContentBlock): string | undefined {
  if (block.type === "thinking") return block.signature;
  return block.type === "redacted_thinking" ? block.data : undefined;
}

/** Tools that run at the provider are no calls for the client to answer. */
function toolCallOf(block: ContentBlock): readonly ReadToolCall[] {
  return block.type === "tool_use" ? [{ id: block.id, name: block.name, arguments: block.input }] : [];
}

function citedUrls(block: ContentBlock): readonly string[] {
  if (block.type !== "text") return [];
  return (block.citations ?? []).flatMap((citation) =>
    citation.type === "web_search_result_location" ? [citation.url] : [],
  );
}

/** Anthropic API reference, "Stop reasons". */
function finishOf(reason: string | null): ReadFinish {
  switch (reason) {
    case "end_turn":
    case "stop_sequence":
    case "pause_turn":
      return "stop";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool-calls";
    case "refusal":
      return "content-filter";
    default:
      return reason;
  }
}

/** `input_tokens` leaves out what was read from and written to the cache. */
function usageOf(message: Message): {
  input: number;
  cached: number | null;
  cacheWrite: number | null;
  output: number;
  reasoning: number | null;
} {
  const { usage } = message;
  const details = usage as { readonly output_tokens_details?: { readonly thinking_tokens?: number } | null };
  return {
    input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    cached: usage.cache_read_input_tokens ?? null,
    cacheWrite: usage.cache_creation_input_tokens ?? null,
    output: usage.output_tokens,
    reasoning: details.output_tokens_details?.thinking_tokens ?? null,
  };
}
