// Writes answers of any dialect as Gemini's, and has the official SDK read them.
import type { Completion, CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
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

export function completionOf(parts: readonly AssistantPart[], rest: Partial<Completion> = {}): Completion {
  const called = parts.some((part) => part.type === "tool-call");
  return {
    id: "c1",
    model: "m",
    createdS: null,
    choices: [{ index: 0, content: parts, finish: called ? "tool-calls" : "stop", rawFinish: null, logprobs: null }],
    usage: null,
    serviceTier: null,
    systemFingerprint: null,
    ...rest,
  };
}

/** Text cut into pieces of so many letters. */
function pieces(text: string, size: number): string[] {
  const letters = [...text];
  const cut: string[] = [];
  for (let at = 0; at < letters.length; at += size) cut.push(letters.slice(at, at + size).join(""));
  return cut;
}

/** The events of an answer, each part cut into pieces as a provider would. */
export function eventsOf(parts: readonly AssistantPart[], cut: number): CompletionEvent[] {
  const events: CompletionEvent[] = [{ type: "start", id: "c1", model: "m", createdS: null }];
  for (const [part, value] of parts.entries()) {
    const at = { choice: 0, part };
    switch (value.type) {
      case "text":
      case "refusal":
      case "reasoning":
        for (const text of pieces(value.text, cut)) events.push({ type: value.type, ...at, text });
        if (value.type === "text" && value.signature !== undefined) {
          events.push({ type: "text-signature", ...at, signature: value.signature });
        }
        if (value.type !== "reasoning") break;
        if (value.signature !== undefined) {
          events.push({ type: "reasoning-signature", ...at, signature: value.signature });
        }
        if (value.encrypted !== undefined) {
          events.push({ type: "reasoning-encrypted", ...at, encrypted: value.encrypted });
        }
        break;
      case "tool-call": {
        const { type, arguments: args, ...rest } = value;
        events.push({ type, ...at, ...rest });
        for (const delta of pieces(args, cut)) events.push({ type: "tool-arguments", ...at, delta });
        break;
      }
      case "output-image": {
        const { type, ...rest } = value;
        events.push({ type: "image", ...at, ...rest });
        break;
      }
      case "output-audio": {
        const { type, expiresAtS, ...rest } = value;
        events.push({ type: "audio", ...at, ...rest, ...(expiresAtS !== null && { expiresAtS }) });
        break;
      }
    }
  }
  const called = parts.some((part) => part.type === "tool-call");
  return [...events, { type: "finish", choice: 0, reason: called ? "tool-calls" : "stop", raw: null }];
}
