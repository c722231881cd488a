// Watches a stream that is passed through: as few frames as possible are parsed, the others only searched.
import type { Candidate, Part } from "@google/genai";
import type { Frame, FrameGlance, StreamWatcher } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { errorIn, protocolFailure, readFailure } from "../error.ts";
import { type Counts, laterCounts, NO_COUNTS, readCounts, toUsage } from "../usage.ts";
import { asObjects, parseObject, type Unread, type WireResponse } from "../wire.ts";
import { finishWord } from "./finish.ts";
import { blockReason, partsOf } from "./response.ts";

/**
 * Searched for without the quotation mark that begins them: it is the commonest character of a frame, and searching for it
 * costs ten times as much. In a text the mark that ends them is escaped, so that it does not match.
 */
const FINISH = 'finishReason"';
/** The counters that a chunk may leave out. The others come with the prompt's. */
const COUNTERS = ['promptTokenCount"', 'candidatesTokenCount"', 'thoughtsTokenCount"'];

/** How a frame begins that is neither an error nor a blocked prompt. */
const ORDINARY = '{"candidates"';

/** A watcher for one response. */
export function watchStream(): StreamWatcher {
  return new GeminiStreamWatcher();
}

class GeminiStreamWatcher implements StreamWatcher {
  ended = false;
  #begun = false;
  /** For each counter the last frame that has it, and its number. Usage is parsed from them when it is asked for. */
  readonly #last: ({ readonly number: number; readonly data: string } | null)[] = COUNTERS.map(() => null);
  #frames = 0;

  get usage(): Usage | null {
    const frames = new Set(this.#last.filter((frame) => frame !== null));
    let counts: Counts = NO_COUNTS;
    for (const { data } of [...frames].sort((one, other) => one.number - other.number))
      counts = laterCounts(counts, readCounts(parseObject(data)?.usageMetadata));
    return toUsage(counts);
  }

  /**
   * Content is every frame from the first that shows something, the one that ends the answer included: Gemini has no frame
   * for its end or its usage alone.
   */
  glance(frame: Frame): FrameGlance {
    const { data } = frame;
    this.#remember(data);
    if (this.#begun && data.startsWith(ORDINARY) && !data.includes(FINISH)) return { kind: "content" };
    const response: WireResponse | null = parseObject(data);
    if (response === null) {
      if (this.ended) return { kind: "content" };
      return { kind: "error", failure: protocolFailure("A frame of the stream is not a JSON object.") };
    }
    if (errorIn(response) !== null) return { kind: "error", failure: readFailure(null, response) };
    const candidates = asObjects<Candidate>(response.candidates);
    if (blockReason(response) !== null || candidates.some(hasEnded)) this.ended = true;
    this.#begun ||= this.ended || candidates.some((candidate) => partsOf(candidate).some(shows));
    return { kind: this.#begun ? "content" : "preamble" };
  }

  #remember(data: string): void {
    this.#frames += 1;
    const frame = { number: this.#frames, data };
    for (let at = 0; at < COUNTERS.length; at += 1) {
      if (data.includes(COUNTERS[at] ?? "")) this.#last[at] = frame;
    }
  }
}

function hasEnded(candidate: Unread<Candidate>): boolean {
  return finishWord(candidate.finishReason) !== null;
}

function shows(part: Unread<Part>): boolean {
  return part.text !== "";
}
