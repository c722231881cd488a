// Watches a Messages API stream that is passed through: tells frames apart by name, and parses only those with usage.
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { readErrorEvent } from "../error.ts";
import { mergeUsage, readUsage } from "../usage.ts";
import { asObject, asText, type JsonObject } from "../wire.ts";

const preamble: FrameGlance = { kind: "preamble" };
const content: FrameGlance = { kind: "content" };
const end: FrameGlance = { kind: "end" };

/** The usage in `message_delta` is part of the content, which a client of this dialect must get: no frame is `usage`. */
export class MessageStreamWatcher implements StreamWatcher {
  ended = false;
  /** Whether the client has something to show. */
  #begun = false;
  #wireUsage: JsonObject | null = null;

  get usage(): Usage | null {
    return this.#wireUsage === null ? null : readUsage(this.#wireUsage);
  }

  glance(frame: Frame): FrameGlance {
    switch (frame.event ?? nameOf(frame.data)) {
      case "content_block_start":
        this.#begun ||= saysSomething(parse(frame.data)?.content_block);
        return this.#begun ? content : preamble;
      case "content_block_delta":
      case "content_block_stop":
        this.#begun = true;
        return content;
      case "ping":
        return preamble;
      case "message_start":
        this.#count(asObject(parse(frame.data)?.message)?.usage);
        return preamble;
      case "message_delta":
        this.#count(parse(frame.data)?.usage);
        return content;
      case "message_stop":
        this.ended = true;
        return end;
      case "error":
        return { kind: "error", failure: readErrorEvent(parse(frame.data)) };
      default:
        // An event that this version does not know may be anything that the client could show.
        return content;
    }
  }

  #count(usage: unknown): void {
    const wire = asObject(usage);
    if (wire !== null) this.#wireUsage = mergeUsage(this.#wireUsage, wire);
  }
}

/** Blocks of text and of thinking begin empty, and an overloaded provider often fails right after that. */
function saysSomething(block: unknown): boolean {
  const { type, text, thinking } = asObject(block) ?? {};
  return !((type === "text" && text === "") || (type === "thinking" && thinking === ""));
}

/** For an upstream that does not name its events: they carry their name in `type` as well. */
function nameOf(data: string): string | null {
  return asText(parse(data)?.type);
}

function parse(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return null;
  }
}
