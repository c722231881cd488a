// Writes the deltas of one choice: the role first, tool calls counted from 0, and what tells a reader the order of the parts.
import type { CompletionEvent } from "../../completion.ts";
import { extraContent, writeImage } from "../assistant.ts";
import { writeAnnotation } from "../citations.ts";
import { writeFinish } from "../finish.ts";
import { type Slot, writeLayout } from "../layout.ts";
import {
  callSignatureDetail,
  encryptedDetail,
  layoutDetail,
  partSignatureDetail,
  signatureDetail,
  textDetail,
} from "../reasoning.ts";
import type { WireDelta } from "../wire.ts";
import type { ChoiceChunk } from "./stream.ts";

/** The events that are about one choice's message. */
export type ChoiceEvent = Exclude<CompletionEvent, { type: "start" | "usage" | "error" | "logprobs" }>;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A part that has begun. `position` counts the parts that were written, which is what `index` means to a reader. */
interface Part {
  readonly position: number;
  readonly slot: Mutable<Slot> | null;
  /** Where its text begins in the whole answer. */
  readonly start: number;
  /** Of a tool call: its number among the calls, and whether any argument was sent. */
  readonly call: { readonly index: number; argued: boolean } | null;
}

export class ChoiceWriter {
  #begun = false;
  readonly #parts = new Map<number, Part>();
  #calls = 0;
  #textLength = 0;

  write(event: ChoiceEvent): ChoiceChunk[] {
    const chunks = this.#begun ? [] : [chunk({ role: "assistant", content: "", refusal: null })];
    this.#begun = true;
    return [...chunks, ...this.#write(event)];
  }

  #write(event: ChoiceEvent): ChoiceChunk[] {
    switch (event.type) {
      case "text":
      case "refusal":
        return this.#words(event);
      case "reasoning": {
        if (event.text === "") return [];
        const { position } = this.#part(event.part, null);
        return [chunk({ reasoning_content: event.text, reasoning_details: [textDetail(position, event.text)] })];
      }
      case "reasoning-signature": {
        const { position } = this.#part(event.part, null);
        return [chunk({ reasoning_details: [signatureDetail(position, event.signature)] })];
      }
      case "reasoning-encrypted": {
        const { position } = this.#part(event.part, null);
        return [chunk({ reasoning_details: [encryptedDetail(position, event.encrypted)] })];
      }
      case "text-signature": {
        const { position } = this.#part(event.part, { kind: "text", length: 0 });
        return [chunk({ reasoning_details: [partSignatureDetail(position, "text", event.signature)] })];
      }
      case "tool-call":
        return this.#call(event);
      case "tool-arguments":
        return this.#arguments(event.part, event.delta);
      case "citation":
        return this.#citation(event);
      case "image":
        return this.#image(event);
      case "audio":
        return this.#audio(event);
      case "finish":
        return this.#finish(event);
    }
  }

  #part(number: number, slot: Slot | null): Part {
    const known = this.#parts.get(number);
    if (known !== undefined) return known;
    const call = slot?.kind === "call" ? { index: this.#calls++, argued: false } : null;
    const part: Part = { position: this.#parts.size, slot: slot && { ...slot }, start: this.#textLength, call };
    this.#parts.set(number, part);
    return part;
  }

  #words(event: Extract<ChoiceEvent, { type: "text" | "refusal" }>): ChoiceChunk[] {
    if (event.text === "") return [];
    const { slot } = this.#part(event.part, { kind: event.type, length: 0 });
    if (slot !== null && "length" in slot) slot.length += event.text.length;
    if (event.type === "refusal") return [chunk({ refusal: event.text })];
    this.#textLength += event.text.length;
    return [chunk({ content: event.text })];
  }

  /** Id, type and name come once, on the call's first delta (OpenAI API reference, streamed tool calls). */
  #call(event: Extract<ChoiceEvent, { type: "tool-call" }>): ChoiceChunk[] {
    const { position, call } = this.#part(event.part, { kind: "call" });
    const { signature } = event;
    const details =
      signature === undefined || signature.vendor === "google"
        ? {}
        : { reasoning_details: [callSignatureDetail(position, event.id, signature)] };
    return [
      chunk({
        tool_calls: [
          {
            index: call?.index ?? 0,
            id: event.id,
            type: "function",
            function: { name: event.name, arguments: "" },
            ...extraContent(signature),
          },
        ],
        ...details,
      }),
    ];
  }

  #arguments(number: number, delta: string): ChoiceChunk[] {
    const call = this.#parts.get(number)?.call ?? null;
    if (call === null || delta === "") return [];
    call.argued = true;
    return [chunk({ tool_calls: [{ index: call.index, function: { arguments: delta } }] })];
  }

  /** Without indexes of its own, a citation covers its part as far as it was written. */
  #citation(event: Extract<ChoiceEvent, { type: "citation" }>): ChoiceChunk[] {
    const start = this.#parts.get(event.part)?.start ?? this.#textLength;
    const annotation = writeAnnotation(event.citation, { start, end: this.#textLength });
    return annotation === null ? [] : [chunk({ annotations: [annotation] })];
  }

  #image(event: Extract<ChoiceEvent, { type: "image" }>): ChoiceChunk[] {
    const images = writeImage(event.source);
    if (images.length === 0) return [];
    const { position } = this.#part(event.part, { kind: "image" });
    const details =
      event.signature === undefined
        ? {}
        : { reasoning_details: [partSignatureDetail(position, "image", event.signature)] };
    return [chunk({ images, ...details })];
  }

  #audio(event: Extract<ChoiceEvent, { type: "audio" }>): ChoiceChunk[] {
    this.#part(event.part, { kind: "audio" });
    return [
      chunk({
        audio: {
          ...(event.id === undefined ? {} : { id: event.id }),
          ...(event.data === undefined ? {} : { data: event.data }),
          ...(event.transcript === undefined ? {} : { transcript: event.transcript }),
          ...(event.expiresAtS === undefined ? {} : { expires_at: event.expiresAtS }),
        },
      }),
    ];
  }

  /** Before the end: arguments for calls that had none, since "" is no JSON, and the order of the parts if it is unusual. */
  #finish(event: Extract<ChoiceEvent, { type: "finish" }>): ChoiceChunk[] {
    const chunks: ChoiceChunk[] = [];
    for (const [number, part] of this.#parts) {
      if (part.call !== null && !part.call.argued) chunks.push(...this.#arguments(number, "{}"));
    }
    const slots = [...this.#parts.values()].flatMap(({ slot }) => (slot === null ? [] : [slot]));
    const layout = writeLayout(slots);
    if (layout !== null) chunks.push(chunk({ reasoning_details: [layoutDetail(this.#parts.size, layout)] }));
    const { word, native } = writeFinish(event.reason, event.raw);
    return [...chunks, { delta: {}, finish: word, native }];
  }
}

function chunk(delta: WireDelta): ChoiceChunk {
  return { delta, finish: null, native: null };
}
