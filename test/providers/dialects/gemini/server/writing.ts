// Writes answers of any dialect as Gemini's, and has the official SDK read them.
import type { Completion } from "../../../../../providers/dialects/completion.ts";
import type { AnswerContext, StreamDecoder } from "../../../../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../../../../providers/dialects/failure.ts";
import { geminiServer } from "../../../../../providers/dialects/gemini/index.ts";
import { SseFramer } from "../../../../../src/gateway/sse.ts";
import type { Recording } from "../../../../support/recordings.ts";

export const context: AnswerContext = { fallbackId: "f1", nowS: 1, model: "m1", includeUsage: true };
export const free = { usd: null };

/** The answer as JSON text. */
export function wholeText(completion: Completion | ProviderFailure): string {
  if ("kind" in completion) throw new Error(completion.message);
  return JSON.stringify(geminiServer.write(completion, context, free));
}

/** The frames of a body, without comments. */
export function framesOf(body: string) {
  const framer = new SseFramer();
  const frames = [...framer.push(new TextEncoder().encode(body)), ...framer.end()];
  return frames.filter(({ kind }) => kind === "event");
}

/** A recorded stream as the SSE text that Turnpike would send, frame by frame. */
export function streamText(decoder: StreamDecoder, frames: readonly { event: string | null; data: string }[]): string {
  const encoder = geminiServer.stream(context);
  let text = "";
  for (const frame of frames) text += encoder.push(decoder.push(frame));
  text += encoder.push(decoder.end());
  return text + encoder.end(decoder.usage, free);
}

/** The chunks in an SSE text. */
export function chunksOf(text: string): Record<string, unknown>[] {
  return framesOf(text).map(({ data }) => JSON.parse(data) as Record<string, unknown>);
}

/** A recording whose answer is this one. */
export function answering(recording: Recording, response: string): Recording {
  return { ...recording, status: 200, response };
}
