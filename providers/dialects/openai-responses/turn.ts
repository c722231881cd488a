// A turn of the model: its items, as a provider answers them or a client sends them back, read into the parts of one message.
import type { AssistantPart, ReasoningPart, Signature, Source, TextPart, Vendor } from "../conversation.ts";
import { type Json, list, object, string, text } from "../json.ts";
import { argumentText } from "../openai-chat/client/response.ts";
import { readAnnotations } from "./citations.ts";
import { type Envelope, openEnvelope } from "./envelope.ts";

/** Stands between the paragraphs of a summary, which the wire keeps apart and a part of a message does not. */
export const paragraph = "\n\n";

/** Reads items one by one; a malformed member counts as absent. */
export class TurnReader {
  readonly parts: AssistantPart[] = [];
  /** Where each part came from: the path given with its item, and the place in it. */
  readonly places: string[] = [];
  readonly #vendor: Vendor | null;
  readonly #callSignatures = new Map<string, Signature>();
  #imageSignature: Signature | null = null;
  #textLength = 0;

  /** @param vendor Whose ciphertext an `encrypted_content` is that is no envelope; null: nobody's. */
  constructor(vendor: Vendor | null) {
    this.#vendor = vendor;
  }

  /**
   * @param path The item's place in the client's body; not needed for a provider's answer.
   * @returns false for an item that is no part of a message: a built-in tool's, or one of a kind unknown here.
   */
  add(item: Json, path = ""): boolean {
    switch (item.type) {
      case "message":
      case undefined:
        this.#message(item.content, `${path}.content`);
        return true;
      case "reasoning":
        this.#reasoning(item, path);
        return true;
      case "function_call":
        this.#call(item, path);
        return true;
      case "image_generation_call": {
        const source = imageSource(item);
        if (source === null) return false;
        this.#push(
          {
            type: "output-image",
            source,
            ...(this.#imageSignature === null ? {} : { signature: this.#imageSignature }),
          },
          path,
        );
        this.#imageSignature = null;
        return true;
      }
      default:
        return false;
    }
  }

  #push(part: AssistantPart, place: string): void {
    this.parts.push(part);
    this.places.push(place);
  }

  #message(content: unknown, path: string): void {
    if (typeof content === "string") {
      this.#text(content, [], path);
      return;
    }
    for (const [index, value] of list(content).entries()) {
      const part = object(value);
      const refusal = text(part?.refusal);
      const words = string(part?.text);
      if (refusal !== null) this.#push({ type: "refusal", text: refusal }, `${path}[${index}]`);
      else if (words !== null) this.#text(words, part?.annotations, `${path}[${index}]`);
    }
  }

  #text(words: string, annotations: unknown, place: string): void {
    if (words === "") return;
    const citations = readAnnotations(annotations, this.#textLength);
    this.#textLength += words.length;
    this.#push({ type: "text", text: words, ...(citations.length === 0 ? {} : { citations }) }, place);
  }

  #reasoning(item: Json, path: string): void {
    const proof = readProof(item, this.#vendor);
    if (proof.of !== undefined) {
      this.#note(proof, path);
      return;
    }
    const part: ReasoningPart = {
      type: "reasoning",
      text: reasoningText(item),
      ...(proof.signature === undefined ? {} : { signature: proof.signature }),
      ...(proof.encrypted === undefined ? {} : { encrypted: proof.encrypted }),
    };
    if (part.text !== "" || part.signature !== undefined || part.encrypted !== undefined) this.#push(part, path);
  }

  #call(item: Json, path: string): void {
    const id = text(item.call_id) ?? string(item.id) ?? "";
    const signature = this.#callSignatures.get(id);
    this.#push(
      {
        type: "tool-call",
        id,
        name: string(item.name) ?? "",
        arguments: argumentText(item.arguments),
        ...(signature === undefined ? {} : { signature }),
      },
      path,
    );
  }

  /** A proof of another part. Without that part (the client has cut its history) it proves nothing. */
  #note({ of, id, back = 0, empty, signature, encrypted }: Envelope, path: string): void {
    if (of === "call") {
      if (id !== undefined && signature !== undefined) this.#callSignatures.set(id, signature);
    } else if (of === "image") {
      this.#imageSignature = signature ?? null;
    } else if (of === "text" && empty) {
      if (signature !== undefined) this.#push({ type: "text", text: "", signature } satisfies TextPart, path);
    } else {
      const at = this.#nthLast(of, back);
      const part = this.parts[at];
      if (part?.type === "reasoning") {
        this.parts[at] = { ...part, ...(signature && { signature }), ...(encrypted && { encrypted }) };
      } else if (part?.type === "text" && signature !== undefined) {
        this.parts[at] = { ...part, signature };
      }
    }
  }

  #nthLast(type: AssistantPart["type"] | undefined, back: number): number {
    const found: number[] = [];
    for (const [index, part] of this.parts.entries()) if (part.type === type) found.push(index);
    return found[found.length - 1 - back] ?? -1;
  }
}

/** What `encrypted_content` holds: an envelope of ours, or the vendor's own ciphertext. */
export function readProof(item: Json, vendor: Vendor | null): Envelope {
  const content = text(item.encrypted_content);
  if (content === null) return {};
  return openEnvelope(content) ?? (vendor === null ? {} : { encrypted: { vendor, value: content } });
}

/** The paragraphs of the summary, then the reasoning itself where a server shows it (`content`). */
export function reasoningText(item: Json): string {
  return [...list(item.summary), ...list(item.content)]
    .map((piece) => string(object(piece)?.text) ?? "")
    .filter((words) => words !== "")
    .join(paragraph);
}

/** The picture of an `image_generation_call`; null while there is none, or where only its id is given. */
export function imageSource(item: Json): Source | null {
  const data = text(item.result);
  return data === null ? null : { kind: "base64", mediaType: `image/${text(item.output_format) ?? "png"}`, data };
}
