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

/** The events that bring parts, each cut into pieces as a provider would. */
export function eventsOf(parts: readonly AssistantPart[], cut: number): CompletionEvent[] {
  const events: CompletionEvent[] = [{ type: "start", id: "c1", model: "m", createdS: 1 }];
  for (const [part, value] of parts.entries()) {
    const at = { choice: 0, part };
    switch (value.type) {
      case "text":
        for (const text of pieces(value.text, cut)) events.push({ type: "text", ...at, text });
        for (const citation of value.citations ?? []) events.push({ type: "citation", ...at, citation });
        if (value.signature !== undefined) events.push({ type: "text-signature", ...at, signature: value.signature });
        break;
      case "refusal":
        for (const text of pieces(value.text, cut)) events.push({ type: "refusal", ...at, text });
        break;
      case "reasoning": {
        const { signature, encrypted } = value;
        for (const text of pieces(value.text, cut)) events.push({ type: "reasoning", ...at, text });
        if (signature !== undefined) events.push({ type: "reasoning-signature", ...at, signature });
        if (encrypted !== undefined) events.push({ type: "reasoning-encrypted", ...at, encrypted });
        break;
      }
      case "tool-call": {
        const { type, arguments: args, ...rest } = value;
        events.push({ type, ...at, ...rest });
        for (const delta of pieces(args, cut)) events.push({ type: "tool-arguments", ...at, delta });
        break;
      }
      case "output-image": {
        const { type, ...rest } = value;
        events.push({ type: "image", ...at, ...rest });
      }
    }
  }
  return [...events, { type: "finish", choice: 0, reason: finishOf(parts), raw: null }];
}

export function completionOf(parts: readonly AssistantPart[], usage: Usage | null = null): Completion {
  return {
    id: "c1",
    model: "m",
    createdS: 1,
    choices: [{ index: 0, content: parts, finish: finishOf(parts), rawFinish: null, logprobs: null }],
    usage,
    serviceTier: null,
    systemFingerprint: null,
  };
}

function finishOf(parts: readonly AssistantPart[]): "tool-calls" | "stop" {
  return parts.some((part) => part.type === "tool-call") ? "tool-calls" : "stop";
}

function pieces(text: string, size: number): string[] {
  const letters = [...text];
  const cut: string[] = [];
  for (let at = 0; at < letters.length; at += size) cut.push(letters.slice(at, at + size).join(""));
  return cut;
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
