// Collects a stream's events into whole choices, as simply as can be, to compare with an answer that came whole.
import type { CompletionEvent, FinishReason, TokenLogprob } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart, Citation, Signature } from "../../../../providers/dialects/conversation.ts";
import type { ProviderFailure } from "../../../../providers/dialects/failure.ts";
import type { Usage } from "../../../../providers/dialects/usage.ts";

export interface Collected {
  readonly start: Extract<CompletionEvent, { type: "start" }> | null;
  readonly choices: ReadonlyMap<number, CollectedChoice>;
  readonly usage: Usage | null;
  readonly failure: ProviderFailure | null;
}

export interface CollectedChoice {
  readonly parts: readonly AssistantPart[];
  readonly finish: FinishReason | null;
  readonly raw: string | null;
  readonly logprobs: readonly TokenLogprob[];
}

interface Growing {
  parts: Map<number, Record<string, unknown>>;
  finish: FinishReason | null;
  raw: string | null;
  logprobs: TokenLogprob[];
}

export function collect(events: readonly CompletionEvent[]): Collected {
  let start: Collected["start"] = null;
  let usage: Usage | null = null;
  let failure: ProviderFailure | null = null;
  const choices = new Map<number, Growing>();
  for (const event of events) {
    if (event.type === "start") start = event;
    else if (event.type === "usage") usage = event.usage;
    else if (event.type === "error") failure = event.failure;
    else {
      const choice = choices.get(event.choice) ?? { parts: new Map(), finish: null, raw: null, logprobs: [] };
      choices.set(event.choice, choice);
      grow(choice, event);
    }
  }
  const done = [...choices].map(([index, { parts, ...choice }]) => {
    const ordered = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part as unknown as AssistantPart);
    return [index, { ...choice, parts: ordered }] as const;
  });
  return { start, choices: new Map(done), usage, failure };
}

function grow(choice: Growing, event: Exclude<CompletionEvent, { type: "start" | "usage" | "error" }>): void {
  if (event.type === "finish") {
    choice.finish = event.reason;
    choice.raw = event.raw;
    return;
  }
  if (event.type === "logprobs") {
    choice.logprobs.push(...(event.logprobs.content ?? []));
    return;
  }
  const part = choice.parts.get(event.part) ?? {};
  choice.parts.set(event.part, part);
  const append = (name: string, text: string | undefined) => {
    part[name] = String(part[name] ?? "") + (text ?? "");
  };
  switch (event.type) {
    case "text":
    case "refusal":
    case "reasoning":
      part.type = event.type;
      append("text", event.text);
      break;
    case "text-signature":
      part.type = "text";
      append("text", "");
      part.signature = event.signature satisfies Signature;
      break;
    case "reasoning-signature":
      part.type = "reasoning";
      append("text", "");
      part.signature = event.signature;
      break;
    case "reasoning-encrypted":
      part.type = "reasoning";
      append("text", "");
      part.encrypted = event.encrypted;
      break;
    case "tool-call":
      Object.assign(part, { type: "tool-call", id: event.id, name: event.name, arguments: "" });
      if (event.signature !== undefined) part.signature = event.signature;
      break;
    case "tool-arguments":
      append("arguments", event.delta);
      break;
    case "citation":
      part.citations = [...((part.citations as Citation[] | undefined) ?? []), event.citation];
      break;
    case "image":
      Object.assign(part, { type: "output-image", source: event.source });
      if (event.signature !== undefined) part.signature = event.signature;
      break;
    case "audio":
      part.type = "output-audio";
      if (event.id !== undefined) part.id = event.id;
      append("data", event.data);
      append("transcript", event.transcript);
      part.expiresAtS = event.expiresAtS ?? part.expiresAtS ?? null;
  }
}
