// Watches a stream that is passed on as it came. The event's name says what a frame is; few frames are parsed.
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import { type Json, list, object, text } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { failureInside, protocolFailure } from "../error.ts";
import { usageOf } from "../usage.ts";

const preamble: FrameGlance = { kind: "preamble" };
const content: FrameGlance = { kind: "content" };
const accounting: FrameGlance = { kind: "usage" };

/** Events that tell a response's state, and never anything that it says. */
const lifecycle: ReadonlySet<string> = new Set(["response.created", "response.queued", "response.in_progress"]);

/** Events that begin or end something, which may be empty. Deltas are never asked, and neither are built-in tools. */
const maybeEmpty: ReadonlySet<string> = new Set([
  "response.output_item.added",
  "response.output_item.done",
  "response.content_part.added",
  "response.content_part.done",
  "response.reasoning_summary_part.added",
  "response.reasoning_summary_part.done",
]);

export function createStreamWatcher(): StreamWatcher {
  return new EventWatcher();
}

class EventWatcher implements StreamWatcher {
  #contentSeen = false;
  /** The last event, parsed when somebody asks: it repeats the whole answer. */
  #last: string | null = null;
  #usage: Usage | null = null;
  ended = false;

  get usage(): Usage | null {
    if (this.#last !== null) {
      this.#usage = usageOf(object(parse(this.#last)?.response) ?? {});
      this.#last = null;
    }
    return this.#usage;
  }

  glance(frame: Frame): FrameGlance {
    const type = frame.event ?? typeIn(frame.data);
    switch (type) {
      case "response.completed":
      case "response.incomplete":
        this.#last = frame.data;
        this.ended = true;
        return accounting;
      case "response.failed":
        this.#last = frame.data;
        return { kind: "error", failure: failureOf(object(parse(frame.data)?.response) ?? {}) };
      case "error":
        return { kind: "error", failure: failureOf(parse(frame.data) ?? { message: frame.data }) };
    }
    if (this.#contentSeen) return content;
    // `[DONE]`, comments in data: nothing of this dialect.
    if (type === null || lifecycle.has(type)) return preamble;
    if (maybeEmpty.has(type) && isEmpty(parse(frame.data) ?? {})) return preamble;
    this.#contentSeen = true;
    return content;
  }
}

function failureOf(holder: Json): NonNullable<FrameGlance["failure"]> {
  return failureInside(holder) ?? protocolFailure("The provider's model failed and did not say why.");
}

/**
 * The type of an event without a name. Inside a JSON string a quote is always written `\"`, so `"type":` with bare quotes
 * can only be a member's name, and no member's type but an event's begins with `response.`.
 */
function typeIn(data: string): string | null {
  return /"type": ?"(response\.[a-z_.]+|error)"/.exec(data)?.[1] ?? null;
}

/** Whether a client has nothing to show yet. Ciphertext alone is nothing to show; a call or a search is. */
function isEmpty(event: Json): boolean {
  const item = object(event.item) ?? object(event.part) ?? {};
  switch (item.type) {
    case "message":
    case "reasoning":
      return [...list(item.content), ...list(item.summary)].every((piece) => isSilent(object(piece) ?? {}));
    case "output_text":
    case "refusal":
    case "reasoning_text":
    case "summary_text":
      return isSilent(item);
    default:
      return false;
  }
}

function isSilent(piece: Json): boolean {
  return text(piece.text) === null && text(piece.refusal) === null;
}

function parse(data: string): Json | null {
  try {
    return object(JSON.parse(data));
  } catch {
    return null;
  }
}
