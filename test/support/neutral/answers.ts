// Answers of tests: whole, and as the events of a provider that streams them.
import type { Completion, CompletionEvent } from "../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../providers/dialects/conversation.ts";

/** A whole answer of these parts. */
export function completionOf(content: readonly AssistantPart[], rest: Partial<Completion> = {}): Completion {
  return {
    id: "c1",
    model: "m",
    createdS: 1,
    choices: [{ index: 0, content, finish: finishOf(content), rawFinish: null, logprobs: null }],
    usage: null,
    serviceTier: null,
    systemFingerprint: null,
    ...rest,
  };
}

function finishOf(parts: readonly AssistantPart[]): "tool-calls" | "stop" {
  return parts.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop";
}

/** The events of each part, in pieces of `size` letters. */
export function eventsOfParts(parts: readonly AssistantPart[], size: number): CompletionEvent[][] {
  return parts.map((value, part) => eventsOfPart(value, part, size));
}

function eventsOfPart(value: AssistantPart, part: number, size: number): CompletionEvent[] {
  const at = { choice: 0, part };
  switch (value.type) {
    case "text":
      return [
        ...pieces(value.text, size).map((text) => ({ type: "text" as const, ...at, text })),
        ...(value.citations ?? []).map((citation) => ({ type: "citation" as const, ...at, citation })),
        ...(value.signature ? [{ type: "text-signature" as const, ...at, signature: value.signature }] : []),
      ];
    case "refusal":
      return pieces(value.text, size).map((text) => ({ type: "refusal", ...at, text }));
    case "reasoning":
      return [
        ...pieces(value.text, size).map((text) => ({ type: "reasoning" as const, ...at, text })),
        ...(value.signature ? [{ type: "reasoning-signature" as const, ...at, signature: value.signature }] : []),
        ...(value.encrypted ? [{ type: "reasoning-encrypted" as const, ...at, encrypted: value.encrypted }] : []),
      ];
    case "tool-call": {
      const { type, arguments: args, ...rest } = value;
      const deltas = pieces(args, size).map((delta) => ({ type: "tool-arguments" as const, ...at, delta }));
      return [{ type, ...at, ...rest }, ...deltas];
    }
    case "output-image": {
      const { type, ...rest } = value;
      return [{ type: "image", ...at, ...rest }];
    }
    case "output-audio": {
      const { type, expiresAtS, ...rest } = value;
      return [{ type: "audio", ...at, ...rest, ...(expiresAtS !== null && { expiresAtS }) }];
    }
    case "audio-reference":
      return [];
  }
}

export const start: CompletionEvent = { type: "start", id: "c1", model: "m", createdS: 1 };

export function finishEvent(parts: readonly AssistantPart[]): CompletionEvent {
  return { type: "finish", choice: 0, reason: finishOf(parts), raw: null };
}

/** The parts one after the other, as a provider streams them that does not interleave. */
export function eventsOf(parts: readonly AssistantPart[], size: number): CompletionEvent[] {
  return [start, ...eventsOfParts(parts, size).flat(), finishEvent(parts)];
}

function pieces(text: string, size: number): string[] {
  const letters = [...text];
  const cut: string[] = [];
  for (let at = 0; at < letters.length; at += size) cut.push(letters.slice(at, at + size).join(""));
  return cut;
}
