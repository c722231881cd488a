// Reads a streamed answer: each frame is a whole GenerateContentResponse with the next pieces of its candidates.
import type { Candidate } from "@google/genai";
import type { CompletionEvent } from "../../completion.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import type { Usage } from "../../usage.ts";
import { errorIn, protocolFailure, readFailure } from "../error.ts";
import { type Counts, laterCounts, NO_COUNTS, readCounts, toUsage } from "../usage.ts";
import { asObjects, parseObject, type Unread, type WireResponse } from "../wire.ts";
import { ChoiceDecoder } from "./choice.ts";
import { blockReason, indexOf, readHeading } from "./response.ts";

/** A decoder for one response. */
export function decodeStream(): StreamDecoder {
  return new GeminiStreamDecoder();
}

class GeminiStreamDecoder implements StreamDecoder {
  readonly #choices = new Map<number, ChoiceDecoder>();
  #counts: Counts = NO_COUNTS;
  #responseId: string | null = null;
  #state: "new" | "open" | "blocked" | "failed" = "new";

  get usage(): Usage | null {
    return toUsage(this.#counts);
  }

  push(frame: Frame): readonly CompletionEvent[] {
    if (this.#state === "failed") return [];
    const response: WireResponse | null = parseObject(frame.data);
    if (response === null) return [this.#fail(protocolFailure("A frame of the stream is not a JSON object."))];
    if (errorIn(response) !== null) return [this.#fail(readFailure(null, response))];
    const events: CompletionEvent[] = [];
    this.#start(response, events);
    const candidates = asObjects<Candidate>(response.candidates);
    for (const [position, candidate] of candidates.entries()) {
      events.push(...this.#choice(indexOf(candidates, position), candidate).push(candidate));
      if (events.at(-1)?.type === "error") {
        this.#state = "failed";
        return events;
      }
    }
    if (candidates.length === 0) this.#block(response, events);
    this.#count(response, events);
    return events;
  }

  end(): readonly CompletionEvent[] {
    if (this.#state === "failed" || this.#state === "blocked") return [];
    const choices = [...this.#choices.values()];
    if (choices.length > 0 && choices.every(({ finished }) => finished)) return [];
    return [this.#fail(protocolFailure("The stream ended before the model finished."))];
  }

  #fail(failure: ProviderFailure): CompletionEvent {
    this.#state = "failed";
    return { type: "error", failure };
  }

  #start(response: WireResponse, events: CompletionEvent[]): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    const { id, model, createdS, serviceTier } = readHeading(response);
    this.#responseId = id;
    events.push({ type: "start", id: id ?? "", model, createdS, serviceTier });
  }

  #choice(index: number, first: Unread<Candidate>): ChoiceDecoder {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      const grounded = first.groundingMetadata !== undefined;
      choice = new ChoiceDecoder({ index, responseId: this.#responseId, grounded });
      this.#choices.set(index, choice);
    }
    return choice;
  }

  /** A blocked prompt has no candidates: its reason ends a choice without content. */
  #block(response: WireResponse, events: CompletionEvent[]): void {
    const raw = blockReason(response);
    if (raw === null || this.#state === "blocked") return;
    this.#state = "blocked";
    events.push({ type: "finish", choice: 0, reason: "content-filter", raw });
  }

  #count(response: WireResponse, events: CompletionEvent[]): void {
    if (response.usageMetadata === undefined) return;
    this.#counts = laterCounts(this.#counts, readCounts(response.usageMetadata));
    const usage = toUsage(this.#counts);
    if (usage !== null) events.push({ type: "usage", usage });
  }
}
