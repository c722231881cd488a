// Gathers the events of a stream into a whole answer, for tests that compare streams with answers.
import type { Choice, Completion, CompletionEvent } from "../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../providers/dialects/conversation.ts";
import type { Frame } from "../../../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../../../providers/dialects/failure.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";

/** The completion, or a thrown error that says what it is instead. */
export function completionOf(answer: Completion | ProviderFailure): Completion {
  if ("kind" in answer) throw new Error(`a failure, not a completion: ${JSON.stringify(answer)}`);
  return answer;
}

/** The failure, or a thrown error. */
export function failureOf(answer: Completion | ProviderFailure): ProviderFailure {
  if (!("kind" in answer)) throw new Error(`a completion, not a failure: ${JSON.stringify(answer)}`);
  return answer;
}

/** All events of a stream. */
export function decoded(frames: readonly Frame[]): readonly CompletionEvent[] {
  const decoder = gemini.stream();
  return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
}

/** The parts of one choice as an assistant message would hold them. Throws when the numbers of parts leave a gap. */
export function partsFrom(events: readonly CompletionEvent[], choice = 0): readonly AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const event of events) {
    if (!("part" in event) || event.choice !== choice) continue;
    if (event.part > parts.length) throw new Error(`part ${event.part} came before part ${parts.length}`);
    parts[event.part] = grown(parts[event.part], event);
  }
  return parts;
}

function grown(part: AssistantPart | undefined, event: Extract<CompletionEvent, { part: number }>): AssistantPart {
  switch (event.type) {
    case "text":
      return part?.type === "text" ? { ...part, text: part.text + event.text } : { type: "text", text: event.text };
    case "reasoning":
      return part?.type === "reasoning"
        ? { ...part, text: part.text + event.text }
        : { type: "reasoning", text: event.text };
    case "text-signature":
      if (part?.type === "text") return { ...part, signature: event.signature };
      break;
    case "reasoning-signature":
      if (part?.type === "reasoning") return { ...part, signature: event.signature };
      break;
    case "tool-call": {
      const { id, name, signature } = event;
      return { type: "tool-call", id, name, arguments: "", ...(signature === undefined ? {} : { signature }) };
    }
    case "tool-arguments":
      if (part?.type === "tool-call") return { ...part, arguments: part.arguments + event.delta };
      break;
    case "citation":
      if (part?.type === "text") return { ...part, citations: [...(part.citations ?? []), event.citation] };
      break;
    case "image":
      return { type: "output-image", source: event.source };
    case "audio":
      return {
        type: "output-audio",
        id: event.id ?? "",
        data: (part?.type === "output-audio" ? part.data : "") + (event.data ?? ""),
        transcript: "",
        expiresAtS: null,
      };
    default:
      break;
  }
  throw new Error(`a ${event.type} event has no part to belong to: ${JSON.stringify(event)}`);
}

/** An answer with these candidates. */
export function answer(...candidates: object[]) {
  return { candidates, modelVersion: "gemini-3-pro", responseId: "R-1_x" };
}

export function choiceOf(candidate: object): Choice {
  const [choice] = completionOf(gemini.decode(answer(candidate))).choices;
  if (choice === undefined) throw new Error("no choice");
  return choice;
}
