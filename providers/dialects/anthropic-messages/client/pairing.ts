// Tells which tool call each tool result answers, and which ids both carry on the wire.
import type { Message } from "../../conversation.ts";
import type { Losses } from "./unsupported.ts";

/**
 * The wire id of each answered tool call (by `message.part` position) and of each tool result (by message position).
 * What is in neither is unanswered or answers nothing; the API refuses both, so both are reported and left out.
 */
export interface Pairing {
  readonly calls: ReadonlyMap<string, string>;
  readonly results: ReadonlyMap<number, string>;
}

interface OpenCall {
  readonly key: string;
  readonly path: string;
  readonly wireId: string;
}

export function callKey(message: number, part: number): string {
  return `${message}.${part}`;
}

/**
 * All calls of an assistant turn must be answered before the next one ("Each `tool_use` block must have a corresponding
 * `tool_result` block in the next message"), and ids must be unique in the conversation. Other dialects may repeat an id
 * from turn to turn, or within one; results then belong to the calls of their own turn, in order.
 */
export function pairTools(messages: readonly Message[], losses: Losses): Pairing {
  const calls = new Map<string, string>();
  const results = new Map<number, string>();
  const idOf = wireIds();
  let open = new Map<string, OpenCall[]>();
  let answering = false;

  const close = () => {
    for (const { path } of [...open.values()].flat()) losses.refuse(path, "is a tool call without a tool result");
    open = new Map();
    answering = false;
  };

  messages.forEach((message, at) => {
    if (message.role === "tool") {
      const call = open.get(message.toolCallId)?.shift();
      answering = true;
      if (call === undefined) {
        losses.refuse(`messages[${at}]`, "is a tool result without a tool call in the assistant message before it");
        return;
      }
      calls.set(call.key, call.wireId);
      results.set(at, call.wireId);
    } else if (message.role === "assistant") {
      if (answering) close();
      message.content.forEach((part, position) => {
        if (part.type !== "tool-call") return;
        const path = `messages[${at}].content[${position}]`;
        const call = { key: callKey(at, position), path, wireId: idOf(part.id) };
        const sameId = open.get(part.id);
        if (sameId === undefined) open.set(part.id, [call]);
        else sameId.push(call);
      });
    } else {
      answering = true;
    }
  });
  close();
  return { calls, results };
}

/** Ids must match `^[a-zA-Z0-9_-]+$`. Ours depend on nothing but the conversation, so that prompt caches keep hitting. */
function wireIds(): (id: string) => string {
  const taken = new Set<string>();
  return (id) => {
    const base = id.replaceAll(/[^a-zA-Z0-9_-]/g, "_") || "call";
    let wireId = base;
    for (let n = 2; taken.has(wireId); n += 1) wireId = `${base}_${n}`;
    taken.add(wireId);
    return wireId;
  };
}
