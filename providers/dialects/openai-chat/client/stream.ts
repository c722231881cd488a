// Reads a provider's stream of chat completion chunks, frame by frame.
import type { CompletionEvent } from "../../completion.ts";
import type { Citation } from "../../conversation.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import { count, isObject, type Json, list, object, string, text } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { readSearchResults } from "../citations.ts";
import { failureInside, protocolFailure } from "../error.ts";
import type { Behaviour } from "../quirks.ts";
import { usageOf } from "../usage.ts";
import { ChoiceReader } from "./stream-choice.ts";

/**
 * The state of one stream:
 *
 *   waiting ── chunk with a choice ──▶ open ── [DONE] ──▶ closed
 *      └───────── error frame, bad frame, or an end before its time ─▶ failed
 *
 * A stream without `[DONE]` has ended properly when every choice that began has a finish reason.
 */
type State = "waiting" | "open" | "closed" | "failed";

export function createStreamDecoder(quirks: Behaviour): StreamDecoder {
  return new ChunkReader(quirks);
}

class ChunkReader implements StreamDecoder {
  #state: State = "waiting";
  #id = "";
  readonly #choices = new Map<number, ChoiceReader>();
  readonly #quirks: Behaviour;
  /** The sources that the chunks name at their top (Perplexity repeats them on each), told at the end of the first choice. */
  #sources: readonly Citation[] = [];
  usage: Usage | null = null;

  constructor(quirks: Behaviour) {
    this.#quirks = quirks;
  }

  push(frame: Frame): readonly CompletionEvent[] {
    const data = frame.data.trim();
    if (data === "" || this.#state === "closed" || this.#state === "failed") return [];
    if (data === "[DONE]") return this.#close();
    const chunk = parse(data);
    if (chunk === null) {
      return this.#fail(
        protocolFailure(frame.event === "error" ? data : "A chunk of the provider's stream is no JSON."),
      );
    }
    const failure = failureInside(frame.event === "error" && !isObject(chunk.error) ? { error: chunk } : chunk);
    if (failure !== null) return this.#fail(failure);
    return this.#read(chunk);
  }

  end(): readonly CompletionEvent[] {
    if (this.#state === "closed" || this.#state === "failed") return [];
    const complete = this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished);
    if (complete) return [];
    return this.#fail(protocolFailure("The provider's stream ended before its end."));
  }

  #read(chunk: Json): CompletionEvent[] {
    const events: CompletionEvent[] = [];
    const choices = list(chunk.choices);
    if (this.#state === "waiting" && choices.length > 0) events.push(this.#start(chunk));
    const sources = readSearchResults(chunk);
    if (sources.length > 0) this.#sources = sources;
    for (const value of choices) {
      const choice = object(value);
      if (choice === null) continue;
      const failure = failureInside({ error: choice.error });
      if (failure !== null) return [...events, ...this.#fail(failure)];
      this.#choice(count(choice.index) ?? 0).read(choice, events);
    }
    const usage = usageOf(chunk);
    if (usage !== null) {
      this.usage = usage;
      events.push({ type: "usage", usage });
    }
    return events;
  }

  #start(chunk: Json): CompletionEvent {
    this.#state = "open";
    this.#id = string(chunk.id) ?? "";
    return {
      type: "start",
      id: this.#id,
      model: string(chunk.model) ?? "",
      createdS: count(chunk.created),
      serviceTier: string(chunk.service_tier),
      systemFingerprint: text(chunk.system_fingerprint),
    };
  }

  #choice(index: number): ChoiceReader {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceReader(index, this.#id, {
        quirks: this.#quirks,
        sources: () => (index === 0 ? this.#sources : []),
      });
      this.#choices.set(index, choice);
    }
    return choice;
  }

  /** `[DONE]`: some servers never say why a choice finished (recording `test-tools-streaming-variant-a-1-stream`). */
  #close(): readonly CompletionEvent[] {
    if (this.#choices.size === 0) return this.#fail(protocolFailure("The provider's stream held no answer."));
    this.#state = "closed";
    const events: CompletionEvent[] = [];
    for (const choice of this.#choices.values()) choice.finish(null, events);
    return events;
  }

  #fail(failure: Extract<CompletionEvent, { type: "error" }>["failure"]): CompletionEvent[] {
    this.#state = "failed";
    return [{ type: "error", failure }];
  }
}

/** The chunk; null when it is no JSON object. */
function parse(data: string): Json | null {
  try {
    return object(JSON.parse(data));
  } catch {
    return null;
  }
}
