// Streams in tests: frames of a recording or of chunks written by hand, and what a decoder and a client make of them.
import type { CompletionEvent } from "../../../../providers/dialects/completion.ts";
import type { Frame } from "../../../../providers/dialects/dialect.ts";
import { openaiChat } from "../../../../providers/dialects/openai-chat/index.ts";
import { SseFramer } from "../../../../src/gateway/sse.ts";

/** The events of an SSE body; comments are left out, as the gateway does. */
export function framesOf(body: string): Frame[] {
  const framer = new SseFramer();
  return [...framer.push(new TextEncoder().encode(body)), ...framer.end()].filter((frame) => frame.kind === "event");
}

/** Frames of chunks: an object is written as JSON, a string stands as it is. */
export function frames(...chunks: readonly (object | string)[]): Frame[] {
  return chunks.map((chunk) => ({ event: null, data: typeof chunk === "string" ? chunk : JSON.stringify(chunk) }));
}

/** A chunk of one choice. */
export function chunk(delta: object, rest: object = {}, top: object = {}): object {
  return {
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
    ...top,
  };
}

/** All events of a stream to its end. */
export function decodeAll(all: readonly Frame[]): CompletionEvent[] {
  const decoder = openaiChat().stream();
  return [...all.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** The JSON chunks of an SSE text that Turnpike wrote, without `[DONE]`. */
export function chunksOf(text: string): Record<string, unknown>[] {
  return framesOf(text)
    .filter(({ data }) => data !== "[DONE]")
    .map(({ data }) => JSON.parse(data));
}
