// Puts streamed events together again, and checks the rules that every stream of events keeps.
import type { CompletionEvent, FinishReason } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart, Citation, Signature } from "../../../../../providers/dialects/conversation.ts";
import type { Frame } from "../../../../../providers/dialects/dialect.ts";
import type { ProviderFailure } from "../../../../../providers/dialects/failure.ts";
import type { Usage } from "../../../../../providers/dialects/usage.ts";
import { SseFramer } from "../../../../../src/gateway/sse.ts";

/** The frames of a recorded SSE body, comments left out. */
export function framesOf(body: string): readonly Frame[] {
  const framer = new SseFramer();
  return [...framer.push(new TextEncoder().encode(body)), ...framer.end()].filter(({ kind }) => kind === "event");
}

export interface Accumulated {
  readonly id: string | null;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly content: readonly AssistantPart[];
  readonly finish: FinishReason | null;
  readonly rawFinish: string | null;
  readonly stopSequence: string | undefined;
  readonly usage: Usage | null;
  readonly failure: ProviderFailure | null;
}

interface Part {
  readonly type: "text" | "refusal" | "reasoning" | "tool-call";
  text: string;
  readonly citations: Citation[];
  signature?: Signature;
  encrypted?: Signature;
  readonly id: string;
  readonly name: string;
}

/** Throws where the events break a rule: parts out of order, deltas of two kinds in one part, anything after an error. */
export function accumulate(events: readonly CompletionEvent[]): Accumulated {
  const parts: Part[] = [];
  const result: { -readonly [member in keyof Accumulated]: Accumulated[member] } = {
    id: null,
    model: null,
    serviceTier: null,
    content: [],
    finish: null,
    rawFinish: null,
    stopSequence: undefined,
    usage: null,
    failure: null,
  };
  const partAt = (at: number, type: Part["type"], about: { id?: string; name?: string } = {}): Part => {
    if (at > parts.length) throw new Error(`part ${at} appears before part ${parts.length}`);
    const part = parts[at] ?? { type, text: "", citations: [], id: about.id ?? "", name: about.name ?? "" };
    if (part.type !== type) throw new Error(`part ${at} is ${part.type}, and then ${type}`);
    parts[at] = part;
    return part;
  };
  for (const event of events) {
    if (result.failure !== null) throw new Error(`${event.type} follows an error`);
    switch (event.type) {
      case "start":
        result.id = event.id;
        result.model = event.model;
        result.serviceTier = event.serviceTier ?? null;
        break;
      case "text":
      case "refusal":
      case "reasoning":
        partAt(event.part, event.type).text += event.text;
        break;
      case "reasoning-signature":
        partAt(event.part, "reasoning").signature = event.signature;
        break;
      case "reasoning-encrypted":
        partAt(event.part, "reasoning").encrypted = event.encrypted;
        break;
      case "tool-call":
        if (parts[event.part] !== undefined) throw new Error(`part ${event.part} begins twice`);
        partAt(event.part, "tool-call", event);
        break;
      case "tool-arguments":
        if (parts[event.part] === undefined) throw new Error(`arguments of part ${event.part} come before its call`);
        partAt(event.part, "tool-call").text += event.delta;
        break;
      case "citation":
        partAt(event.part, "text").citations.push(event.citation);
        break;
      case "finish":
        if (result.finish !== null) throw new Error("the choice finishes twice");
        result.finish = event.reason;
        result.rawFinish = event.raw;
        result.stopSequence = event.stopSequence;
        break;
      case "usage":
        result.usage = event.usage;
        break;
      case "error":
        result.failure = event.failure;
        break;
      default:
        throw new Error(`Anthropic has no ${event.type}`);
    }
  }
  return { ...result, content: parts.map(toPart) };
}

function toPart({ type, text, citations, signature, encrypted, id, name }: Part): AssistantPart {
  switch (type) {
    case "text":
      return { type, text, ...(citations.length > 0 && { citations }) };
    case "refusal":
      return { type, text };
    case "reasoning":
      return { type, text, ...(signature && { signature }), ...(encrypted && { encrypted }) };
    case "tool-call":
      return { type, id, name, arguments: text };
  }
}
