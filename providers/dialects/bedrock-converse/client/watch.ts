// Watches a ConverseStream that is passed through: tells messages apart by name, and parses only those with usage.
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { readException } from "../error.ts";
import { exceptionPrefix } from "../eventstream.ts";
import { readUsage } from "../usage.ts";
import { asObject, type JsonObject } from "../wire.ts";

export class ConverseStreamWatcher implements StreamWatcher {
  ended = false;
  usage: Usage | null = null;

  glance(frame: Frame): FrameGlance {
    if (frame.event?.startsWith(exceptionPrefix)) {
      return { kind: "error", failure: readException(frame.event, parse(frame.data)) };
    }
    switch (frame.event) {
      case "messageStart":
        return { kind: "preamble" };
      case "messageStop":
        this.ended = true;
        return { kind: "content" };
      case "metadata": {
        const wire = asObject(parse(frame.data)?.usage);
        this.usage = (wire === null ? null : readUsage(wire)) ?? this.usage;
        return { kind: "end" };
      }
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
