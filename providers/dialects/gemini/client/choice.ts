// Reads one choice of a streamed answer: the state machine that numbers its parts.
import type { Candidate } from "@google/genai";
import type { CompletionEvent } from "../../completion.ts";
import type { Signature } from "../../conversation.ts";
import { protocolFailure } from "../error.ts";
import type { Unread } from "../wire.ts";
import { readCitations } from "./citations.ts";
import { finishOf, finishWord } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { PartialArguments } from "./partial-arguments.ts";
import { type AnswerPart, mintAudioId, mintCallId, readPart } from "./parts.ts";
import { partsOf } from "./response.ts";

type Call = Extract<AnswerPart, { kind: "call" }>;

export interface ChoiceStart {
  readonly index: number;
  readonly responseId: string | null;
  /**
   * Whether to keep the text, for the offsets of citations. Grounded answers announce themselves: their first chunk has a
   * `groundingMetadata`, empty at first (recording `test_google-test_google_model_web_search_tool_stream.0`).
   */
  readonly grounded: boolean;
}

/** Takes the pieces of one candidate in order. */
export class ChoiceDecoder {
  readonly #choice: number;
  readonly #responseId: string | null;
  #events: CompletionEvent[] = [];
  /** The number of the next part. */
  #parts = 0;
  /** The part that the next piece of the same kind belongs to. */
  #open: { readonly kind: "text" | "reasoning" | "audio"; readonly part: number } | null = null;
  /** The call whose arguments are coming in pieces. */
  #partial: { readonly part: number; readonly arguments: PartialArguments } | null = null;
  #calls = 0;
  /** The last text part, on which citations stand. */
  #textPart = 0;
  /** The visible text so far; null where it is not kept. */
  #text: string | null;
  #finished = false;

  constructor({ index, responseId, grounded }: ChoiceStart) {
    this.#choice = index;
    this.#responseId = responseId;
    this.#text = grounded ? "" : null;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** The events of one chunk. An `error` event is the last of them. */
  push(candidate: Unread<Candidate>): readonly CompletionEvent[] {
    this.#events = [];
    for (const wire of partsOf(candidate)) {
      const part = readPart(wire);
      if (part === null) this.#open = null;
      else if (!this.#part(part)) return this.#events;
    }
    for (const citation of readCitations(candidate.groundingMetadata, this.#text)) {
      this.#events.push({ type: "citation", choice: this.#choice, part: this.#textPart, citation });
    }
    const logprobs = readLogprobs(candidate);
    if (logprobs !== null) this.#events.push({ type: "logprobs", choice: this.#choice, logprobs });
    const raw = finishWord(candidate.finishReason);
    if (raw !== null && !this.#finished) {
      this.#closePartial();
      this.#finished = true;
      this.#events.push({ type: "finish", choice: this.#choice, reason: finishOf(raw, this.#calls), raw });
    }
    return this.#events;
  }

  /** False when the part can't be, and an `error` event says so. */
  #part(part: AnswerPart): boolean {
    const choice = this.#choice;
    switch (part.kind) {
      case "text":
      case "reasoning":
        this.#words(part.kind, part.text, part.signature);
        return true;
      case "call":
        return this.#call(part);
      case "image":
        this.#open = null;
        this.#events.push({
          type: "image",
          choice,
          part: this.#nextPart(),
          source: part.source,
          ...(part.signature === undefined ? {} : { signature: part.signature }),
        });
        return true;
      case "audio": {
        if (this.#open?.kind !== "audio") this.#open = { kind: "audio", part: this.#nextPart() };
        const id = mintAudioId(this.#responseId, this.#open.part);
        this.#events.push({ type: "audio", choice, part: this.#open.part, id, data: part.data });
        return true;
      }
    }
  }

  #nextPart(): number {
    this.#parts += 1;
    return this.#parts - 1;
  }

  /**
   * Unsigned pieces of a kind that follow each other are one part. A signed piece, though it be empty, is a part of its own:
   * a signature must come back on the part that it came on, and a part that has one must not be joined to one that has none
   * (ai.google.dev, "Thought signatures").
   */
  #words(kind: "text" | "reasoning", text: string, signature: Signature | undefined): void {
    if (text === "" && signature === undefined) return;
    if (this.#open?.kind !== kind || signature !== undefined) this.#open = { kind, part: this.#nextPart() };
    const { part } = this.#open;
    if (kind === "text") {
      this.#textPart = part;
      if (this.#text !== null) this.#text += text;
    }
    this.#events.push({ type: kind, choice: this.#choice, part, text });
    if (signature === undefined) return;
    this.#events.push({ type: `${kind}-signature`, choice: this.#choice, part, signature });
    this.#open = null;
  }

  /** A call comes whole, or opens with its name and goes on in pieces without one, up to the first that will not continue. */
  #call(call: Call): boolean {
    if (call.name !== null) {
      this.#closePartial();
      return this.#openCall(call, call.name);
    }
    return this.#partial === null || this.#grow(this.#partial.arguments, call);
  }

  #openCall(call: Call, name: string): boolean {
    const args = JSON.stringify(call.args ?? {});
    const part = this.#nextPart();
    const place = { responseId: this.#responseId, choice: this.#choice, call: this.#calls };
    this.#calls += 1;
    this.#open = null;
    this.#events.push({
      type: "tool-call",
      choice: this.#choice,
      part,
      id: call.id ?? mintCallId(place, name, args),
      name,
      ...(call.signature === undefined ? {} : { signature: call.signature }),
    });
    if (!call.willContinue && call.partialArgs === undefined) {
      this.#events.push({ type: "tool-arguments", choice: this.#choice, part, delta: args });
      return true;
    }
    this.#partial = { part, arguments: new PartialArguments() };
    return this.#grow(this.#partial.arguments, call);
  }

  #grow(partial: PartialArguments, call: Call): boolean {
    if (call.args !== null) partial.assign(call.args);
    if (!partial.add(call.partialArgs)) {
      const failure = protocolFailure("A piece of a function call's arguments names no place in them.");
      this.#events.push({ type: "error", failure });
      return false;
    }
    if (!call.willContinue) this.#closePartial();
    return true;
  }

  /** The arguments of a call that came in pieces, in one event: the order of the pieces is not that of JSON. */
  #closePartial(): void {
    if (this.#partial === null) return;
    const { part, arguments: args } = this.#partial;
    this.#partial = null;
    this.#events.push({ type: "tool-arguments", choice: this.#choice, part, delta: args.toString() });
  }
}
