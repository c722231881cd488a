// Neutral answers in tests: what the dialect reads of a body or a stream, in the terms of the SDK's reading.
import type { Completion, CompletionEvent } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart, Vendor } from "../../../../providers/dialects/conversation.ts";
import type { Frame } from "../../../../providers/dialects/dialect.ts";
import { openaiResponses } from "../../../../providers/dialects/openai-responses/index.ts";
import { totalInput, totalOutput, type Usage } from "../../../../providers/dialects/usage.ts";

export const context = {
  fallbackId: "req_0123456789abcdef",
  nowS: 1_700_000_000,
  model: "openai/told",
  includeUsage: true,
};

export function decoded(body: unknown, vendor: Vendor | null = "openai"): Completion {
  const completion = openaiResponses({ vendor }).decode(body);
  if ("kind" in completion) throw new Error(`read as a failure: ${completion.message}`);
  return completion;
}

/** All events of a stream to its end. */
export function decodeAll(frames: readonly Frame[], vendor: Vendor | null = "openai"): CompletionEvent[] {
  const decoder = openaiResponses({ vendor }).stream();
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** An event written by hand. */
export type HandWritten = Readonly<Record<string, unknown>>;

export function frames(...events: readonly HandWritten[]): Frame[] {
  return events.map((event) => ({ event: String(event.type), data: JSON.stringify(event) }));
}

/** What parts say, as the SDK's reading has it. */
export function said(parts: readonly AssistantPart[]) {
  const of = (type: "text" | "refusal" | "reasoning") =>
    parts.map((part) => (part.type === type ? part.text : "")).join("");
  return {
    text: of("text"),
    refusal: of("refusal"),
    reasoning: of("reasoning"),
    calls: parts.flatMap((part) =>
      part.type === "tool-call" ? [{ id: part.id, name: part.name, arguments: part.arguments }] : [],
    ),
    pictures: parts.flatMap((part) =>
      part.type === "output-image" && part.source.kind === "base64" ? [part.source.data] : [],
    ),
    sources: parts.flatMap((part) =>
      part.type === "text" ? (part.citations ?? []).flatMap(({ url, fileId }) => url ?? fileId ?? []) : [],
    ),
  };
}

export function ciphertexts(parts: readonly AssistantPart[]): readonly string[] {
  return parts.flatMap((part) => (part.type === "reasoning" ? (part.encrypted?.value ?? []) : []));
}

/** Usage as OpenAI writes it. */
export function reported(usage: Usage | null) {
  return usage === null
    ? null
    : {
        input: totalInput(usage),
        cached: usage.cachedInputTokens,
        written: usage.cacheWriteTokens,
        output: totalOutput(usage),
        reasoning: usage.reasoningTokens,
      };
}
