// Writes the content blocks of a stream: one at a time, numbered without gaps, however the provider's parts come.
import type { CompletionEvent } from "../../completion.ts";
import type { Envelope } from "../envelope.ts";
import {
  type AnswerBlock,
  callNote,
  emptyTextNote,
  imageText,
  reasoningNote,
  soundText,
  textNote,
  writeCitation,
} from "./blocks.ts";
import {
  type BlockEvents,
  cite,
  type OpenBlock,
  openCall,
  sayArguments,
  sayText,
  sayThinking,
  stopBlock,
} from "./stream-open.ts";

/** The events that are about an answer's content. */
export type ContentEvent = Exclude<CompletionEvent, { type: "start" | "usage" | "error" | "logprobs" | "finish" }>;

type LateProof = { readonly kind: "text" | "reasoning"; readonly place: number } & Omit<Envelope, "of">;

/**
 * Parts may interleave (the arguments of parallel calls), and blocks may not. A part that begins closes the one before,
 * unless that is a call whose arguments are not complete: then the events of the later parts wait.
 */
export class BlockWriter {
  #index = 0;
  #open: OpenBlock | null = null;
  /** Events of later parts, in the order in which they came. */
  #waiting: ContentEvent[] = [];
  /** Proofs of parts whose block has stopped: their notes follow the open block. */
  #lateProofs: LateProof[] = [];
  /** How many texts and thoughts a reader has found in the blocks that have stopped, and the number of each part's own. */
  readonly #counts = { text: 0, reasoning: 0 };
  readonly #places = new Map<number, number>();
  called = false;
  refused = false;

  readonly #events: BlockEvents = {
    start: (block) => sse({ type: "content_block_start", index: this.#index, content_block: block }),
    delta: (delta) => sse({ type: "content_block_delta", index: this.#index, delta }),
    stop: () => {
      const out = sse({ type: "content_block_stop", index: this.#index });
      this.#index += 1;
      return out;
    },
  };

  push(event: ContentEvent): string {
    if (event.type === "tool-call") this.called = true;
    if (event.type === "refusal") this.refused = true;
    const out = this.#take(event);
    return this.#waiting.length > 0 && !this.#isBusy() ? out + this.#resume() : out;
  }

  /** Stops what is open, and says what waited. */
  finish(): string {
    let out = this.#close();
    while (this.#waiting.length > 0) out += this.#resume() + this.#close();
    return out;
  }

  /** Whether the open block is a call that other parts must wait for. */
  #isBusy(): boolean {
    return this.#open?.kind === "call" && !this.#open.scan.complete;
  }

  #take(event: ContentEvent): string {
    if (this.#open?.part === event.part) return this.#extend(this.#open, event);
    if (this.#isBusy()) {
      this.#waiting.push(event);
      return "";
    }
    return this.#places.has(event.part) ? this.#late(event) : this.#begin(event);
  }

  /** Part by part, as far as they are complete. */
  #resume(): string {
    let out = "";
    while (this.#waiting.length > 0 && !this.#isBusy()) {
      const events = this.#waiting;
      const part = events[0]?.part;
      this.#waiting = events.filter((event) => event.part !== part);
      for (const event of events) if (event.part === part) out += this.#take(event);
    }
    return out;
  }

  #close(): string {
    const open = this.#open;
    if (open === null) return "";
    this.#open = null;
    let out = stopBlock(open, this.#events);
    if (open.kind === "text" && open.signature !== null) {
      out += this.#note(out === "" ? emptyTextNote(open.signature) : textNote(open.signature, 0));
    }
    if (open.kind === "call") this.#places.set(open.part, 0);
    else if (out !== "") {
      this.#counts[open.kind] += 1;
      this.#places.set(open.part, this.#counts[open.kind]);
    }
    return out + this.#noteLateProofs();
  }

  #note(block: AnswerBlock): string {
    return this.#events.start(block) + this.#events.stop();
  }

  #lateNote({ kind, place, ...proof }: LateProof): string {
    const back = this.#counts[kind] - place;
    if (kind === "reasoning") return this.#note(reasoningNote(proof, back));
    return proof.signature === undefined ? "" : this.#note(textNote(proof.signature, back));
  }

  #begin(event: ContentEvent): string {
    const closed = this.#close();
    const { part } = event;
    switch (event.type) {
      case "text":
      case "text-signature":
      case "refusal":
      case "citation":
      case "image":
        return closed + this.#enter({ kind: "text", part, started: false, otherwise: "", signature: null }, event);
      case "audio":
        return (
          closed + this.#enter({ kind: "text", part, started: false, otherwise: soundText, signature: null }, event)
        );
      case "reasoning":
      case "reasoning-signature":
      case "reasoning-encrypted":
        return closed + this.#enter({ kind: "reasoning", part, started: false }, event);
      case "tool-call": {
        const { id, name, signature } = event;
        const note = signature === undefined ? "" : this.#note(callNote(id, signature));
        this.#open = openCall(part);
        return closed + note + this.#events.start({ type: "tool_use", id, name, input: {} });
      }
      case "tool-arguments":
        // Arguments of a call that never began.
        return closed;
    }
  }

  #enter(open: OpenBlock, event: ContentEvent): string {
    this.#open = open;
    return this.#extend(open, event);
  }

  #extend(open: OpenBlock, event: ContentEvent): string {
    if (open.kind === "text") {
      switch (event.type) {
        case "text":
        case "refusal":
          return sayText(open, event.text, this.#events);
        case "image":
          return sayText(open, imageText(event.source), this.#events);
        case "audio":
          return sayText(open, event.transcript ?? "", this.#events);
        case "citation": {
          const citation = writeCitation(event.citation);
          return citation === null ? "" : cite(open, citation, this.#events);
        }
        case "text-signature":
          open.signature = event.signature;
      }
    } else if (open.kind === "reasoning") {
      if (event.type === "reasoning") return sayThinking(open, event.text, this.#events);
      if (event.type === "reasoning-signature") open.signature = event.signature;
      if (event.type === "reasoning-encrypted") open.encrypted = event.encrypted;
    } else if (event.type === "tool-arguments") {
      return sayArguments(open, event.delta, this.#events);
    }
    return "";
  }

  /** An event of a part whose block has stopped. Words begin another block; a proof is noted behind the open one. */
  #late(event: ContentEvent): string {
    const place = this.#places.get(event.part) ?? 0;
    switch (event.type) {
      case "text":
      case "refusal":
      case "reasoning":
        return event.text === "" ? "" : this.#begin(event);
      case "text-signature":
        return this.#prove({ kind: "text", place, signature: event.signature });
      case "reasoning-signature":
        return this.#prove({ kind: "reasoning", place, signature: event.signature });
      case "reasoning-encrypted":
        return this.#prove({ kind: "reasoning", place, encrypted: event.encrypted });
      case "citation":
        // It stands on a text that is closed. The text that is open is the nearest one that can tell its source.
        return this.#open?.kind === "text" && this.#open.started ? this.#extend(this.#open, event) : "";
      default:
        return "";
    }
  }

  #prove(proof: LateProof): string {
    this.#lateProofs.push(proof);
    return this.#open === null ? this.#noteLateProofs() : "";
  }

  #noteLateProofs(): string {
    const proofs = this.#lateProofs;
    this.#lateProofs = [];
    return proofs.map((proof) => this.#lateNote(proof)).join("");
  }
}

/** One event as the Messages API sends it. */
export function sse(event: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
