// Output: the items of one answer, made from neutral events, and every step of their making.
import type { CompletionEvent } from "../../completion.ts";
import type { Signature } from "../../conversation.ts";
import { urlOfSource } from "../../media.ts";
import type { Envelope } from "../envelope.ts";
import type { ImageItem, ItemStep, OutputItem } from "../wire.ts";
import { CallWriter } from "./call.ts";
import { MessageWriter, type Place, type Words } from "./message.ts";
import { ReasoningWriter, writeNote } from "./reasoning.ts";

/** The events that are about what an answer says. */
export type PartEvent = Exclude<CompletionEvent, { type: "start" | "usage" | "error" | "finish" }>;

/** A proof that its part's item can't hold: it becomes a note once the open item has ended. */
interface Late {
  readonly of: "text" | "reasoning";
  readonly part: number;
  readonly proof: { readonly signature: Signature } | { readonly encrypted: Signature };
}

type Status = "completed" | "incomplete";

/**
 * Parts become items in their order: reasoning, messages (neighbouring texts and refusals make one), calls, pictures. One
 * message or reasoning item is open at a time; a call stays open beside others until its arguments are whole, since some
 * providers send the arguments of several calls by turns.
 */
export class OutputWriter {
  readonly #emit: (step: ItemStep) => void;
  readonly #idBase: string;
  /** By output index; null while open. */
  readonly #items: (OutputItem | null)[] = [];
  #message: MessageWriter | null = null;
  #reasoning: ReasoningWriter | null = null;
  readonly #calls = new Map<number, CallWriter>();
  /** The numbers of the parts that a note may be about, in the order of their items. */
  readonly #numbers = { text: [] as number[], reasoning: [] as number[] };
  readonly #late: Late[] = [];
  /** A signature that came before its text: it may stay alone. */
  #unsaid: { readonly part: number; readonly signature: Signature } | null = null;
  #textLength = 0;

  /** @param idBase Makes ids of items unique; letters, digits and `_`. */
  constructor(idBase: string, emit: (step: ItemStep) => void) {
    this.#idBase = idBase;
    this.#emit = emit;
  }

  write(event: PartEvent): void {
    if (event.type !== "logprobs") this.flush();
    switch (event.type) {
      case "text":
      case "refusal":
        this.#say(event.part, event.type, event.text);
        break;
      case "citation":
        if (this.#message?.annotate(event.part, event.citation)) break;
        this.#openContent(event.part, "text").annotate(event.part, event.citation);
        break;
      case "logprobs":
        if (event.logprobs.content !== null) this.#message?.addLogprobs(event.logprobs.content);
        break;
      case "text-signature":
        this.#signText(event.part, event.signature);
        break;
      case "reasoning":
        if (event.text !== "") this.#openReasoning(event.part).write(event.text);
        break;
      case "reasoning-signature":
      case "reasoning-encrypted":
        this.#prove(event);
        break;
      case "tool-call":
        this.#call(event);
        break;
      case "tool-arguments":
        this.#calls.get(event.part)?.write(event.delta);
        break;
      case "image":
        this.#image(event);
        break;
      case "audio":
        // This dialect's answers have no sound: what was said can be read.
        if (event.transcript !== undefined) this.#say(event.part, "text", event.transcript);
    }
  }

  /** Sends what still waits for its log probabilities. */
  flush(): void {
    this.#message?.flush();
  }

  /** @param status Of what is still open: an answer that was cut leaves its last item incomplete. */
  finish(status: Status): void {
    this.flush();
    const open = this.#message === null ? -1 : this.#items.length - 1;
    const calls = [...this.#calls.values()];
    for (const call of calls) {
      const last = open === -1 && call === calls.at(-1);
      this.#items[call.index] = call.end(last ? status : "completed");
    }
    this.#calls.clear();
    this.#close(status);
  }

  /** The items as they are now. */
  items(): OutputItem[] {
    const open = new Map<number, OutputItem>();
    for (const call of this.#calls.values()) open.set(call.index, call.item("in_progress"));
    const last = this.#message?.item("in_progress") ?? this.#reasoning?.item();
    return this.#items.flatMap((item, index) => item ?? open.get(index) ?? last ?? []);
  }

  #say(part: number, kind: Words, words: string): void {
    if (words === "") return;
    this.#openContent(part, kind).write(words);
    if (kind === "text") this.#textLength += words.length;
  }

  /** The message with this part open in it, which may have to begin. */
  #openContent(part: number, kind: Words): MessageWriter {
    if (this.#message?.isOpen(part, kind)) return this.#message;
    if (this.#message === null) this.#close("completed", part);
    const message = this.#message ?? new MessageWriter(this.#place("msg"));
    this.#message = message;
    message.begin(part, kind, this.#textLength);
    if (kind === "text") this.#numbers.text.push(part);
    if (this.#unsaid !== null) this.#late.push({ of: "text", part, proof: { signature: this.#unsaid.signature } });
    this.#unsaid = null;
    return message;
  }

  #openReasoning(part: number): ReasoningWriter {
    if (this.#reasoning?.part === part) return this.#reasoning;
    this.#close("completed");
    this.#reasoning = new ReasoningWriter(part, this.#place("rs"));
    this.#numbers.reasoning.push(part);
    return this.#reasoning;
  }

  #signText(part: number, signature: Signature): void {
    if (this.#numbers.text.includes(part)) {
      this.#late.push({ of: "text", part, proof: { signature } });
      return;
    }
    this.#close("completed");
    this.#unsaid = { part, signature };
  }

  #prove(event: Extract<PartEvent, { type: "reasoning-signature" | "reasoning-encrypted" }>): void {
    const known = this.#numbers.reasoning.includes(event.part);
    if (known && this.#reasoning?.part !== event.part) {
      const proof =
        event.type === "reasoning-signature" ? { signature: event.signature } : { encrypted: event.encrypted };
      this.#late.push({ of: "reasoning", part: event.part, proof });
      return;
    }
    const reasoning = this.#openReasoning(event.part);
    if (event.type === "reasoning-signature") reasoning.signature = event.signature;
    else reasoning.encrypted = event.encrypted;
  }

  #call(event: Extract<PartEvent, { type: "tool-call" }>): void {
    this.#close("completed");
    if (event.signature !== undefined) this.#note({ of: "call", id: event.id, signature: event.signature });
    this.#calls.set(event.part, new CallWriter(event.id, event.name, this.#place("fc")));
  }

  #image(event: Extract<PartEvent, { type: "image" }>): void {
    const { source } = event;
    if (source.kind !== "base64") {
      // An item holds bytes alone.
      const url = urlOfSource(source);
      if (url !== null) this.#say(event.part, "text", `![](${url})`);
      return;
    }
    this.#close("completed");
    if (event.signature !== undefined) this.#note({ of: "image", signature: event.signature });
    const { id, index } = this.#place("ig");
    const format = imageFormats.find((name) => source.mediaType === `image/${name}`);
    const item: ImageItem = {
      id,
      type: "image_generation_call",
      status: "completed",
      result: source.data,
      ...(format === undefined ? {} : { output_format: format }),
    };
    const begun: ImageItem = { id, type: "image_generation_call", status: "in_progress", result: null };
    this.#emit({ type: "response.output_item.added", output_index: index, item: begun });
    this.#emit({ type: "response.image_generation_call.completed", item_id: id, output_index: index });
    this.#emit({ type: "response.output_item.done", output_index: index, item });
    this.#items[index] = item;
  }

  /**
   * Ends what is open before something else begins, and with it calls that are whole.
   * @param part The part that begins: a signature that came before it may be its own.
   */
  #close(status: Status, part: number | null = null): void {
    const last = this.#items.length - 1;
    if (this.#message !== null) this.#items[last] = this.#message.end(status);
    if (this.#reasoning !== null) this.#items[last] = this.#reasoning.end();
    this.#message = null;
    this.#reasoning = null;
    for (const [number, call] of this.#calls) {
      if (!call.isWhole) continue;
      this.#items[call.index] = call.end("completed");
      this.#calls.delete(number);
    }
    for (const { of, part: about, proof } of this.#late.splice(0)) {
      const back = this.#numbers[of].length - 1 - this.#numbers[of].lastIndexOf(about);
      this.#note({ of, ...(back === 0 ? {} : { back }), ...proof });
    }
    if (this.#unsaid === null || this.#unsaid.part === part) return;
    this.#numbers.text.push(this.#unsaid.part);
    this.#note({ of: "text", empty: true, signature: this.#unsaid.signature });
    this.#unsaid = null;
  }

  #note(note: Envelope): void {
    const place = this.#place("rs");
    this.#items[place.index] = writeNote(note, place);
  }

  /** The next place in the output; the id's prefix names the kind of item, as at OpenAI. */
  #place(prefix: string): Place {
    const index = this.#items.length;
    this.#items.push(null);
    return { id: `${prefix}_${this.#idBase}_${index}`, index, emit: this.#emit };
  }
}

const imageFormats = ["png", "webp", "jpeg", "gif"] as const;
