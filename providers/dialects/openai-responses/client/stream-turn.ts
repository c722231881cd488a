// Reads the events of a stream's items, and numbers the parts that they belong to.
import type { CompletionEvent } from "../../completion.ts";
import type { Signature, Vendor } from "../../conversation.ts";
import { count, type Json, list, object, string, text } from "../../json.ts";
import { argumentText } from "../../openai-chat/client/response.ts";
import { readAnnotation } from "../citations.ts";
import type { Envelope } from "../envelope.ts";
import { imageSource, paragraph, readProof } from "../turn.ts";
import { tokenLogprobs } from "./response.ts";

/** A text, a refusal or a paragraph of reasoning: what deltas add to. */
interface Piece {
  /** How much of it was told, UTF-16 units. */
  told: number;
  /** Null until it has something to show. */
  part: number | null;
  /** Where its text begins in the whole answer. */
  start: number;
  annotations: number;
}

interface Item {
  readonly pieces: Map<string, Piece>;
  /** Of reasoning that was shown, and of a call that was announced. */
  part: number | null;
  /** Arguments: those that came before the call was announced, and how many in all. */
  held: string;
  argued: number;
  /** Whether nothing more can come. */
  done: boolean;
}

type Words = "text" | "refusal" | "summary" | "content";

/**
 * Deltas are read as they come. The item itself, at its end, fills in what they left out: some servers send no deltas of
 * arguments (recordings of LM Studio), and one may send none at all.
 */
export class TurnDecoder {
  readonly #vendor: Vendor | null;
  readonly #items = new Map<number, Item>();
  #parts = 0;
  #textLength = 0;
  /** The numbers of the parts that a note may be about (see envelope.ts). */
  readonly #numbers = { text: [] as number[], reasoning: [] as number[] };
  readonly #callSignatures = new Map<string, Signature>();
  #imageSignature: Signature | null = null;
  calledTools = false;

  constructor(vendor: Vendor | null) {
    this.#vendor = vendor;
  }

  /** Events that are not known say nothing: those of built-in tools, and new ones. */
  read(type: string, event: Json, events: CompletionEvent[]): void {
    const index = count(event.output_index) ?? 0;
    switch (type) {
      case "response.output_item.added":
        this.#begin(this.#item(index), object(event.item) ?? {}, events);
        break;
      case "response.output_item.done":
        this.complete(index, object(event.item) ?? {}, events);
        break;
      case "response.output_text.delta":
        this.#delta(index, "text", event.content_index, event.delta, events);
        pushLogprobs(event.logprobs, events);
        break;
      case "response.refusal.delta":
        this.#delta(index, "refusal", event.content_index, event.delta, events);
        break;
      case "response.reasoning_summary_text.delta":
        this.#delta(index, "summary", event.summary_index, event.delta, events);
        break;
      case "response.reasoning_text.delta":
        this.#delta(index, "content", event.content_index, event.delta, events);
        break;
      case "response.function_call_arguments.delta":
        this.#argue(this.#item(index), string(event.delta) ?? "", events);
        break;
      case "response.output_text.annotation.added":
        this.#annotate(pieceOf(this.#item(index), "text", count(event.content_index) ?? 0), event.annotation, events);
    }
  }

  /** Reads a finished item: what of it has not been told yet. */
  complete(index: number, item: Json, events: CompletionEvent[]): void {
    const known = this.#item(index);
    if (known.done) return;
    known.done = true;
    switch (item.type) {
      case "message":
        for (const [at, value] of list(item.content).entries()) {
          this.#fillContent(known, at, object(value) ?? {}, events);
        }
        break;
      case "reasoning":
        this.#fillReasoning(known, item, events);
        break;
      case "function_call":
        this.#begin(known, item, events);
        this.#argue(known, argumentText(item.arguments).slice(known.argued), events);
        break;
      case "image_generation_call":
        this.#image(item, events);
    }
  }

  #item(index: number): Item {
    let item = this.#items.get(index);
    if (item === undefined) {
      item = { pieces: new Map(), part: null, held: "", argued: 0, done: false };
      this.#items.set(index, item);
    }
    return item;
  }

  /** Announces a call, once; other items begin with their first words. */
  #begin(known: Item, item: Json, events: CompletionEvent[]): void {
    if (item.type !== "function_call" || known.part !== null) return;
    known.part = this.#parts++;
    this.calledTools = true;
    const id = text(item.call_id) ?? string(item.id) ?? "";
    const signature = this.#callSignatures.get(id);
    events.push({
      type: "tool-call",
      choice: 0,
      part: known.part,
      id,
      name: string(item.name) ?? "",
      ...(signature === undefined ? {} : { signature }),
    });
    if (known.held !== "") events.push({ type: "tool-arguments", choice: 0, part: known.part, delta: known.held });
    known.held = "";
  }

  #argue(known: Item, delta: string, events: CompletionEvent[]): void {
    if (delta === "") return;
    known.argued += delta.length;
    if (known.part === null) known.held += delta;
    else events.push({ type: "tool-arguments", choice: 0, part: known.part, delta });
  }

  #delta(index: number, kind: Words, at: unknown, delta: unknown, events: CompletionEvent[]): void {
    this.#say(this.#item(index), kind, count(at) ?? 0, string(delta) ?? "", events);
  }

  #say(item: Item, kind: Words, at: number, words: string, events: CompletionEvent[]): void {
    if (words === "") return;
    const piece = pieceOf(item, kind, at);
    if (kind === "summary" || kind === "content") {
      const gap = piece.told === 0 && isShown(item) ? paragraph : "";
      events.push({ type: "reasoning", choice: 0, part: this.#reasoningPart(item), text: gap + words });
    } else {
      events.push({ type: kind, choice: 0, part: this.#partOf(piece, kind), text: words });
      if (kind === "text") this.#textLength += words.length;
    }
    piece.told += words.length;
  }

  #partOf(piece: Piece, kind: "text" | "refusal"): number {
    if (piece.part === null) {
      piece.part = this.#parts++;
      piece.start = this.#textLength;
      if (kind === "text") this.#numbers.text.push(piece.part);
    }
    return piece.part;
  }

  #reasoningPart(item: Item): number {
    if (item.part === null) {
      item.part = this.#parts++;
      this.#numbers.reasoning.push(item.part);
    }
    return item.part;
  }

  #annotate(piece: Piece, annotation: unknown, events: CompletionEvent[]): void {
    piece.annotations += 1;
    const citation = readAnnotation(annotation, piece.part === null ? this.#textLength : piece.start);
    if (citation !== null) events.push({ type: "citation", choice: 0, part: this.#partOf(piece, "text"), citation });
  }

  #image(item: Json, events: CompletionEvent[]): void {
    const source = imageSource(item);
    if (source === null) return;
    const signature = this.#imageSignature === null ? {} : { signature: this.#imageSignature };
    events.push({ type: "image", choice: 0, part: this.#parts++, source, ...signature });
    this.#imageSignature = null;
  }

  #fillContent(item: Item, at: number, content: Json, events: CompletionEvent[]): void {
    const refusal = text(content.refusal);
    if (refusal !== null) {
      this.#say(item, "refusal", at, refusal.slice(pieceOf(item, "refusal", at).told), events);
      return;
    }
    const piece = pieceOf(item, "text", at);
    const untold = piece.told === 0;
    this.#say(item, "text", at, (string(content.text) ?? "").slice(piece.told), events);
    if (untold) pushLogprobs(content.logprobs, events);
    for (const annotation of list(content.annotations).slice(piece.annotations)) {
      this.#annotate(piece, annotation, events);
    }
  }

  #fillReasoning(item: Item, done: Json, events: CompletionEvent[]): void {
    for (const kind of ["summary", "content"] as const) {
      for (const [at, value] of list(done[kind]).entries()) {
        const words = string(object(value)?.text) ?? "";
        this.#say(item, kind, at, words.slice(pieceOf(item, kind, at).told), events);
      }
    }
    const proof = readProof(done, this.#vendor);
    if (proof.of !== undefined) this.#note(proof, events);
    else if (proof.signature !== undefined || proof.encrypted !== undefined) {
      prove(this.#reasoningPart(item), proof, events);
    }
  }

  #note(note: Envelope, events: CompletionEvent[]): void {
    const { of, id, back = 0, signature } = note;
    if (of === "reasoning") {
      const part = this.#numbers.reasoning.at(-1 - back);
      if (part !== undefined) prove(part, note, events);
    } else if (signature === undefined) {
      return;
    } else if (of === "text") {
      if (note.empty) this.#numbers.text.push(this.#parts++);
      const part = this.#numbers.text.at(-1 - back);
      if (part !== undefined) events.push({ type: "text-signature", choice: 0, part, signature });
    } else if (of === "image") {
      this.#imageSignature = signature;
    } else if (id !== undefined) {
      this.#callSignatures.set(id, signature);
    }
  }
}

function prove(part: number, { signature, encrypted }: Envelope, events: CompletionEvent[]): void {
  if (signature !== undefined) events.push({ type: "reasoning-signature", choice: 0, part, signature });
  if (encrypted !== undefined) events.push({ type: "reasoning-encrypted", choice: 0, part, encrypted });
}

function pushLogprobs(value: unknown, events: CompletionEvent[]): void {
  const content = tokenLogprobs(value);
  if (content.length > 0) events.push({ type: "logprobs", choice: 0, logprobs: { content, refusal: null } });
}

function pieceOf(item: Item, kind: Words, at: number): Piece {
  const name = `${kind}/${at}`;
  let piece = item.pieces.get(name);
  if (piece === undefined) {
    piece = { told: 0, part: null, start: 0, annotations: 0 };
    item.pieces.set(name, piece);
  }
  return piece;
}

/** Whether any of a reasoning item's words were told. */
function isShown(item: Item): boolean {
  for (const piece of item.pieces.values()) if (piece.told > 0) return true;
  return false;
}
