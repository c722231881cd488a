// A reasoning item in the making: its summary, its proof, and the events that tell them.
import type { Signature } from "../../conversation.ts";
import { type Envelope, sealEnvelope } from "../envelope.ts";
import type { ReasoningItem } from "../wire.ts";
import type { Place } from "./message.ts";

export class ReasoningWriter {
  readonly part: number;
  readonly #place: Place;
  #text = "";
  signature: Signature | null = null;
  encrypted: Signature | null = null;

  constructor(part: number, place: Place) {
    this.part = part;
    this.#place = place;
    place.emit({ type: "response.output_item.added", output_index: place.index, item: bare(place.id) });
  }

  /** Reasoning of any vendor is told as OpenAI tells its own: as a summary, here of one paragraph. */
  write(words: string): void {
    const { emit } = this.#place;
    if (this.#text === "") {
      emit({ type: "response.reasoning_summary_part.added", ...this.#at(), part: { type: "summary_text", text: "" } });
    }
    this.#text += words;
    emit({ type: "response.reasoning_summary_text.delta", ...this.#at(), delta: words });
  }

  end(): ReasoningItem {
    const { emit, index } = this.#place;
    if (this.#text !== "") {
      emit({ type: "response.reasoning_summary_text.done", ...this.#at(), text: this.#text });
      const part = { type: "summary_text" as const, text: this.#text };
      emit({ type: "response.reasoning_summary_part.done", ...this.#at(), part });
    }
    const item = this.item();
    emit({ type: "response.output_item.done", output_index: index, item });
    return item;
  }

  item(): ReasoningItem {
    return {
      ...bare(this.#place.id),
      summary: this.#text === "" ? [] : [{ type: "summary_text", text: this.#text }],
      encrypted_content: this.#proof(),
    };
  }

  /** OpenAI's own ciphertext as it is. Anything else is sealed, and so is nothing: an item of ours must be told from OpenAI's. */
  #proof(): string {
    const { signature, encrypted } = this;
    if (signature === null && encrypted?.vendor === "openai") return encrypted.value;
    return sealEnvelope({ ...(signature && { signature }), ...(encrypted && { encrypted }) });
  }

  #at(): { item_id: string; output_index: number; summary_index: number } {
    return { item_id: this.#place.id, output_index: this.#place.index, summary_index: 0 };
  }
}

/** Writes an item that is no reasoning, but proves another part of the answer (see envelope.ts). */
export function writeNote(note: Envelope, { id, index, emit }: Place): ReasoningItem {
  const item: ReasoningItem = { ...bare(id), encrypted_content: sealEnvelope(note) };
  emit({ type: "response.output_item.added", output_index: index, item: bare(id) });
  emit({ type: "response.output_item.done", output_index: index, item });
  return item;
}

function bare(id: string): ReasoningItem {
  return { id, type: "reasoning", summary: [] };
}
