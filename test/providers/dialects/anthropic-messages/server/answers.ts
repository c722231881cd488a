// Answers for properties: their parts, the events of a provider that streams them, and a client that adds a stream up.
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Completion, CompletionEvent } from "../../../../../providers/dialects/completion.ts";
import type { AssistantPart } from "../../../../../providers/dialects/conversation.ts";
import { checkOrder } from "./order.ts";

export function completionOf(content: readonly AssistantPart[]): Completion {
  return {
    id: "c1",
    model: "m",
    createdS: null,
    choices: [{ index: 0, content, finish: finishOf(content), rawFinish: null, logprobs: null }],
    usage: null,
    serviceTier: null,
    systemFingerprint: null,
  };
}

function finishOf(parts: readonly AssistantPart[]): "tool-calls" | "stop" {
  return parts.some(({ type }) => type === "tool-call") ? "tool-calls" : "stop";
}

/** The events of each part, in pieces of `size` letters. */
export function eventsOfParts(parts: readonly AssistantPart[], size: number): CompletionEvent[][] {
  return parts.map((value, part): CompletionEvent[] => {
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
      default:
        throw new Error(`no events for ${value.type}`);
    }
  });
}

export const start: CompletionEvent = { type: "start", id: "c1", model: "m", createdS: null };

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

/** Adds a stream up as the SDK does (`lib/MessageStream`, `accumulateMessage`), with strict JSON for inputs. */
export function contentOf(stream: string): readonly unknown[] {
  const blocks: Record<string, unknown>[] = [];
  const inputs: string[] = [];
  for (const event of checkOrder(stream)) {
    const block = blocks[event.index ?? -1];
    if (event.type === "content_block_start") blocks.push({ ...event.content_block });
    if (event.type !== "content_block_delta" || block === undefined || event.delta === undefined) continue;
    const { delta } = event;
    switch (delta.type) {
      case "text_delta":
        block.text = String(block.text) + delta.text;
        break;
      case "thinking_delta":
        block.thinking = String(block.thinking) + delta.thinking;
        break;
      case "signature_delta":
        block.signature = delta.signature;
        break;
      case "citations_delta":
        block.citations = [...((block.citations ?? []) as unknown[]), delta.citation];
        break;
      case "input_json_delta": {
        const at = event.index ?? 0;
        inputs[at] = (inputs[at] ?? "") + delta.partial_json;
      }
    }
  }
  return blocks.map((block, at) => {
    const input = inputs[at];
    return input === undefined ? block : { ...block, input: JSON.parse(input) };
  });
}

/** The parts that Turnpike reads when a client gives these blocks back in the next request. */
export function echoed(content: readonly unknown[]): readonly AssistantPart[] {
  const body = {
    model: "m",
    max_tokens: 100,
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: JSON.parse(JSON.stringify(content)) },
      { role: "user", content: "Go on" },
    ],
  };
  const conversation = anthropicMessagesServer.read(body);
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  if (conversation.foreign !== undefined) throw new Error(`foreign: ${JSON.stringify(conversation.foreign)}`);
  const answer = conversation.messages.find(({ role }) => role === "assistant");
  return answer?.role === "assistant" ? answer.content : [];
}
