// Watches a Cohere stream that is passed through: tells events apart by name, and parses only the last.
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { reportedFailure } from "../error.ts";
import { readUsage } from "../usage.ts";
import { asObject, asText, type JsonObject } from "../wire.ts";

/** The usage is part of `message-end`, which a client of this dialect must get: no frame is `usage`. */
export class ChatStreamWatcher implements StreamWatcher {
  ended = false;
  usage: Usage | null = null;

  glance(frame: Frame): FrameGlance {
    if (frame.data === "[DONE]") return { kind: "end" };
    switch (frame.event ?? asText(parse(frame.data)?.type)) {
      case "message-start":
        return { kind: "preamble" };
      case "message-end": {
        const wire = asObject(asObject(parse(frame.data)?.delta)?.usage);
        this.usage = (wire === null ? null : readUsage(wire)) ?? this.usage;
        this.ended = true;
        return { kind: "end" };
      }
      case "error":
        return { kind: "error", failure: reportedFailure(null, asText(parse(frame.data)?.message)) };
      default:
        return { kind: "content" };
    }
  }
}

function parse(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return null;
  }
}
