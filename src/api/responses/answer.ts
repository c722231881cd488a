// The final response in an answer of the responses API, whole or at the end of its stream.
import { SseFramer } from "../../gateway/sse.ts";
import { isItem } from "./items.ts";

export interface FinalResponse {
  readonly id: string;
  readonly [member: string]: unknown;
}

/**
 * The response that an answer tells: null when there is none that a later call could go on from.
 * @param tail the whole answer; of a stream, the events from the last content on.
 */
export function finalResponse(tail: string | Uint8Array, stream: boolean): FinalResponse | null {
  const told = stream ? lastTold(tail) : parse(typeof tail === "string" ? tail : new TextDecoder().decode(tail));
  if (!isItem(told) || typeof told.id !== "string") return null;
  return told.status === "completed" || told.status === "incomplete" ? { ...told, id: told.id } : null;
}

function lastTold(tail: string | Uint8Array): unknown {
  const framer = new SseFramer({ maxFrameBytes: Number.POSITIVE_INFINITY });
  const bytes = typeof tail === "string" ? new TextEncoder().encode(tail) : tail;
  let response: unknown = null;
  for (const frame of [...framer.push(bytes), ...framer.end()]) {
    const event = frame.kind === "event" ? parse(frame.data) : null;
    if (isItem(event) && isItem(event.response)) response = event.response;
  }
  return response;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
