// What Turnpike writes in the Messages API's dialect, served over HTTP and read by Anthropic's own SDK.
import Anthropic from "@anthropic-ai/sdk";
import type { ContentBlock, Message } from "@anthropic-ai/sdk/resources/messages";
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Completion, CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import type { ClientDialect, Frame } from "../../../../../providers/dialects/dialect.ts";
import type { Usage } from "../../../../../providers/dialects/usage.ts";
import type { Replay } from "../../../../support/replay.ts";
import { checkOrder } from "./order.ts";

export const context = { fallbackId: "req_fallback", nowS: 1_700_000_000, model: "a-model", includeUsage: true };

/** A whole stream of these pushes, its order checked. */
export function streamOf(pushes: readonly (readonly CompletionEvent[])[], usage: Usage | null = null): string {
  const encoder = anthropicMessagesServer.stream(context);
  const text = pushes.map((events) => encoder.push(events)).join("") + encoder.end(usage, { usd: null });
  checkOrder(text);
  return text;
}

/** A provider's frames, decoded and written anew as the gateway does it. Throws where the decoder finds a failure. */
export function translated(dialect: ClientDialect, frames: readonly Frame[]): string {
  const decoder = dialect.stream();
  const pushes = [...frames.map((frame) => decoder.push(frame)), decoder.end()];
  const failure = pushes.flat().find((event) => event.type === "error");
  if (failure?.type === "error") throw new Error(`decoded as a failure: ${failure.failure.message}`);
  return streamOf(pushes, decoder.usage);
}

/** A whole answer as JSON text. */
export function written(completion: Completion): string {
  return JSON.stringify(anthropicMessagesServer.write(completion, context, { usd: null }));
}

/** What `messages.create`, or `messages.stream`, makes of a body. */
export async function readBySdk(replay: Replay, body: string): Promise<Message> {
  const stream = body.startsWith("event:");
  const headers = { "content-type": stream ? "text/event-stream" : "application/json" };
  const { url } = replay.script(() => [{ kind: "head", status: 200, headers }, body], { match: () => false });
  const client = new Anthropic({ apiKey: "test", baseURL: url, maxRetries: 0, timeout: 30_000 });
  const params = { model: "any", max_tokens: 1, messages: [{ role: "user" as const, content: "any" }] };
  const message = await (stream
    ? client.messages.stream(params).finalMessage()
    : client.messages.create(params, { maxRetries: 0 }));
  // The SDK computes `input` when it is read.
  return JSON.parse(JSON.stringify(message)) as Message;
}

/** The text blocks and calls of a message, as other dialects have them. */
export function simplified(content: readonly ContentBlock[]): {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
} {
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
  };
}
