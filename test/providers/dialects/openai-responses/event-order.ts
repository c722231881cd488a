// The order of a stream's events, as OpenAI's recordings and reference have it, checked by a reader of its own.
import { framesOf } from "../openai-chat/frames.ts";

export interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [member: string]: unknown;
}

/** The events of an SSE text that Turnpike wrote. Each is named, and its name is its type. */
export function eventsIn(text: string): WireEvent[] {
  return framesOf(text).map(({ event, data }) => {
    const parsed = JSON.parse(data) as WireEvent;
    if (parsed.type !== event) throw new Error(`the event ${event} holds one of type ${parsed.type}`);
    return parsed;
  });
}

/** The response that the last event holds. */
export function lastResponse(events: readonly WireEvent[]): { readonly status: string; readonly output: unknown[] } {
  const response = events.at(-1)?.response;
  if (response === undefined) throw new Error("the stream does not end with a response");
  return response as { status: string; output: unknown[] };
}

interface Item {
  readonly item: { readonly id: string; readonly type: string };
  readonly open: Map<string, string>;
  done: unknown;
}

/** Which event begins the part that a delta adds to, and which two end it. */
const parts: Readonly<Record<string, { begin: string | null; done: string; text: string; end: string | null }>> = {
  "response.output_text.delta": {
    begin: "response.content_part.added",
    done: "response.output_text.done",
    text: "text",
    end: "response.content_part.done",
  },
  "response.refusal.delta": {
    begin: "response.content_part.added",
    done: "response.refusal.done",
    text: "refusal",
    end: "response.content_part.done",
  },
  "response.reasoning_text.delta": {
    begin: "response.content_part.added",
    done: "response.reasoning_text.done",
    text: "text",
    end: "response.content_part.done",
  },
  "response.reasoning_summary_text.delta": {
    begin: "response.reasoning_summary_part.added",
    done: "response.reasoning_summary_text.done",
    text: "text",
    end: "response.reasoning_summary_part.done",
  },
  "response.function_call_arguments.delta": {
    begin: null,
    done: "response.function_call_arguments.done",
    text: "arguments",
    end: null,
  },
};
const begins = new Set(["response.content_part.added", "response.reasoning_summary_part.added"]);
const ends = new Set(["response.content_part.done", "response.reasoning_summary_part.done"]);
const dones = new Map(Object.values(parts).map((part) => [part.done, part.text]));
const terminal = ["response.completed", "response.incomplete", "response.failed"];

/** What is wrong with the order, in words; empty when nothing is. */
export function disorder(events: readonly WireEvent[]): readonly string[] {
  const wrong: string[] = [];
  const items: Item[] = [];
  const say = (event: WireEvent, problem: string) => wrong.push(`${event.sequence_number} ${event.type}: ${problem}`);
  for (const [at, event] of events.entries()) {
    if (event.sequence_number !== at) say(event, `should be number ${at}`);
    if (at === 0 && event.type !== "response.created") say(event, "is not the beginning");
    if (at === 1 && event.type !== "response.in_progress") say(event, "should be in_progress");
    if (terminal.includes(event.type) !== (at === events.length - 1)) say(event, "is not the end, or ends too early");
    if (event.type === "response.output_item.added") {
      if (event.output_index !== items.length) say(event, `should begin item ${items.length}`);
      items.push({ item: event.item as Item["item"], open: new Map(), done: null });
    } else if (typeof event.output_index === "number") {
      checkItemEvent(event, items[event.output_index], say);
    }
  }
  for (const { item, done } of items) if (done === null) wrong.push(`item ${item.id} never ended`);
  const output = (events.at(-1)?.response as { output?: unknown } | undefined)?.output;
  const told = items.map(({ done }) => done);
  if (JSON.stringify(output) !== JSON.stringify(told))
    wrong.push("the response does not hold the items that were told");
  return wrong;
}

function checkItemEvent(
  event: WireEvent,
  known: Item | undefined,
  say: (event: WireEvent, problem: string) => void,
): void {
  if (known === undefined) {
    say(event, "is about an item that has not begun");
    return;
  }
  if (known.done !== null) say(event, "is about an item that has ended");
  if (event.type === "response.output_item.done") {
    const item = event.item as Item["item"];
    if (item.id !== known.item.id || item.type !== known.item.type) say(event, "ends another item");
    if ([...known.open.keys()].some((name) => name !== "call")) say(event, "has parts that are open");
    known.done = item;
    return;
  }
  if (event.item_id !== known.item.id) say(event, "names another item");
  const part = event.content_index ?? event.summary_index;
  const name = part === undefined ? "call" : String(part);
  if (begins.has(event.type)) {
    if (known.open.has(name)) say(event, "begins twice");
    known.open.set(name, "");
  } else if (parts[event.type] !== undefined) {
    if (parts[event.type]?.begin !== null && !known.open.has(name)) say(event, "adds to a part that has not begun");
    known.open.set(name, (known.open.get(name) ?? "") + String(event.delta));
  } else if (dones.has(event.type)) {
    const whole = event[dones.get(event.type) ?? ""];
    if (whole !== (known.open.get(name) ?? "")) say(event, "is not the sum of its deltas");
  } else if (ends.has(event.type)) {
    if (!known.open.delete(name)) say(event, "ends a part that has not begun");
  }
}
