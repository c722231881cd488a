// A message item in the making: its texts and refusals, and the events that tell them.
import type { TokenLogprob as NeutralLogprob } from "../../completion.ts";
import type { Citation } from "../../conversation.ts";
import { writeAnnotation } from "../citations.ts";
import type { Annotation, ItemStep, MessageItem, RefusalContent, TextContent, TokenLogprob } from "../wire.ts";

/** Where an item stands, and who is told of its steps. */
export interface Place {
  readonly id: string;
  readonly index: number;
  readonly emit: (step: ItemStep) => void;
}

export type Words = "text" | "refusal";

interface Content {
  readonly part: number;
  readonly kind: Words;
  /** Where its text begins in the whole answer. */
  readonly start: number;
  words: string;
  readonly annotations: Annotation[];
  readonly logprobs: TokenLogprob[];
  done: boolean;
}

/** The delta that log probabilities may still be added to: they come right after their tokens. */
interface Pending {
  readonly at: number;
  readonly delta: string;
  readonly logprobs: TokenLogprob[];
}

export class MessageWriter {
  readonly #place: Place;
  readonly #contents: Content[] = [];
  #pending: Pending | null = null;

  constructor(place: Place) {
    this.#place = place;
    place.emit({ type: "response.output_item.added", output_index: place.index, item: this.item("in_progress") });
  }

  /** Whether a part of the answer has begun in this message and may go on in it. */
  isOpen(part: number, kind: Words): boolean {
    const last = this.#contents.at(-1);
    return last !== undefined && last.part === part && last.kind === kind;
  }

  /** @param start How much text the answer held before. */
  begin(part: number, kind: Words, start: number): void {
    this.#endContent();
    const content: Content = { part, kind, start, words: "", annotations: [], logprobs: [], done: false };
    this.#contents.push(content);
    this.#place.emit({
      type: "response.content_part.added",
      ...this.#at(this.#contents.length - 1),
      part: wire(content),
    });
  }

  write(words: string): void {
    const at = this.#contents.length - 1;
    const content = this.#contents[at];
    if (content === undefined) return;
    content.words += words;
    if (content.kind === "text") this.#pending = { at, delta: words, logprobs: [] };
    else this.#place.emit({ type: "response.refusal.delta", ...this.#at(at), delta: words });
  }

  addLogprobs(tokens: readonly NeutralLogprob[]): void {
    const at = this.#contents.length - 1;
    const content = this.#contents[at];
    if (content?.kind !== "text") return;
    this.#pending ??= { at, delta: "", logprobs: [] };
    for (const token of tokens) {
      const wired = wireLogprob(token);
      this.#pending.logprobs.push(wired);
      content.logprobs.push(wired);
    }
  }

  /** @returns false when the part is not in this message. */
  annotate(part: number, citation: Citation): boolean {
    const at = this.#contents.findLastIndex((content) => content.part === part && content.kind === "text");
    const content = this.#contents[at];
    if (content === undefined) return false;
    const span = { start: content.start, end: content.start + content.words.length };
    const annotation = writeAnnotation(citation, span);
    if (annotation === null) return true;
    this.#place.emit({
      type: "response.output_text.annotation.added",
      ...this.#at(at),
      annotation_index: content.annotations.length,
      annotation,
    });
    content.annotations.push(annotation);
    return true;
  }

  /** Sends what waits for log probabilities: before anything else is told. */
  flush(): void {
    if (this.#pending === null) return;
    const { at, delta, logprobs } = this.#pending;
    this.#pending = null;
    this.#place.emit({ type: "response.output_text.delta", ...this.#at(at), delta, logprobs });
  }

  end(status: "completed" | "incomplete"): MessageItem {
    this.#endContent();
    const item = this.item(status);
    this.#place.emit({ type: "response.output_item.done", output_index: this.#place.index, item });
    return item;
  }

  item(status: MessageItem["status"]): MessageItem {
    const content = this.#contents.map(wire);
    return { id: this.#place.id, type: "message", role: "assistant", status, content };
  }

  #endContent(): void {
    const at = this.#contents.length - 1;
    const content = this.#contents[at];
    if (content === undefined || content.done) return;
    content.done = true;
    const { emit } = this.#place;
    if (content.kind === "refusal") {
      emit({ type: "response.refusal.done", ...this.#at(at), refusal: content.words });
    } else {
      emit({
        type: "response.output_text.done",
        ...this.#at(at),
        text: content.words,
        logprobs: content.logprobs,
      });
    }
    emit({ type: "response.content_part.done", ...this.#at(at), part: wire(content) });
  }

  #at(content: number): { item_id: string; output_index: number; content_index: number } {
    return { item_id: this.#place.id, output_index: this.#place.index, content_index: content };
  }
}

function wire({ kind, words, annotations, logprobs }: Content): TextContent | RefusalContent {
  if (kind === "refusal") return { type: "refusal", refusal: words };
  return { type: "output_text", text: words, annotations: [...annotations], logprobs: [...logprobs] };
}

function wireLogprob({ token, logprob, bytes, top_logprobs }: NeutralLogprob): TokenLogprob {
  return {
    token,
    logprob,
    bytes: [...(bytes ?? [])],
    top_logprobs: top_logprobs.map((top) => ({
      token: top.token,
      logprob: top.logprob,
      bytes: [...(top.bytes ?? [])],
    })),
  };
}
