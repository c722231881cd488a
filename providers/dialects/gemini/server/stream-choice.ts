// Writes the pieces of one candidate: text as it comes, function calls whole, proofs on the last piece of their part.
import type { CompletionEvent, Logprobs } from "../../completion.ts";
import type { OutputAudioPart, Signature } from "../../conversation.ts";
import type { WirePart } from "../wire.ts";
import { writeFinish } from "./finish.ts";
import { type Cited, writeGrounding } from "./grounding.ts";
import { writeLogprobs } from "./logprobs.ts";
import type { WireCandidate } from "./response.ts";
import { isReasoning, type Words, writeCall, writeImage, writeSound, writeWords } from "./write-parts.ts";

/** The events that are about one choice. */
export type ChoiceEvent = Exclude<CompletionEvent, { type: "start" | "usage" | "error" }>;

/** Words that have begun: what was not sent yet, how much was, and the proofs so far. */
interface OpenWords {
  readonly kind: "words";
  readonly part: number;
  readonly type: Words["type"];
  text: string;
  sent: number;
  readonly afterReasoning: boolean;
  signature?: Signature;
  encrypted?: Signature;
}

/** Calls that follow each other: their arguments may come by turns. */
interface OpenCalls {
  readonly kind: "calls";
  readonly calls: Map<number, { id: string; name: string; arguments: string; signature?: Signature }>;
}

interface OpenSound {
  readonly kind: "sound";
  readonly part: number;
  readonly sound: { -readonly [K in keyof Omit<OutputAudioPart, "type">]: OutputAudioPart[K] };
}

export class ChoiceWriter {
  readonly #index: number;
  /** Parts that are written and wait for the next chunk. */
  #parts: WirePart[] = [];
  #open: OpenWords | OpenCalls | OpenSound | null = null;
  /** Whether what was written last, in whichever chunk, is reasoning without a proof. */
  #afterReasoning = false;
  #logprobs: { content: NonNullable<Logprobs["content"]>[number][] } | null = null;
  /** The visible text, for the passages of citations, which come at any time and count from its beginning. */
  #text = "";
  readonly #starts = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  readonly #citations: { readonly part: number; readonly citation: Cited["citation"] }[] = [];
  #refused = false;
  #finish: Extract<CompletionEvent, { type: "finish" }> | null = null;

  constructor(index: number) {
    this.#index = index;
  }

  write(event: ChoiceEvent): void {
    switch (event.type) {
      case "text":
      case "reasoning":
      case "refusal":
        this.#words(event.part, event.type).text += event.text;
        this.#refused ||= event.type === "refusal";
        if (event.type === "text") this.#extend(event.part, event.text);
        break;
      case "text-signature":
        this.#words(event.part, "text").signature = event.signature;
        break;
      case "reasoning-signature":
        this.#words(event.part, "reasoning").signature = event.signature;
        break;
      case "reasoning-encrypted":
        this.#words(event.part, "reasoning").encrypted = event.encrypted;
        break;
      case "tool-call": {
        const { id, name, signature } = event;
        this.#calls().set(event.part, { id, name, arguments: "", ...(signature !== undefined && { signature }) });
        break;
      }
      case "tool-arguments": {
        const call = this.#open?.kind === "calls" ? this.#open.calls.get(event.part) : undefined;
        if (call !== undefined) call.arguments += event.delta;
        break;
      }
      case "image":
        this.#close();
        this.#afterReasoning = false;
        this.#parts.push(
          writeImage({ source: event.source, ...(event.signature !== undefined && { signature: event.signature }) }),
        );
        break;
      case "audio":
        this.#sound(event);
        break;
      case "citation":
        this.#citations.push({ part: event.part, citation: event.citation });
        break;
      case "logprobs":
        this.#logprobs ??= { content: [] };
        this.#logprobs.content.push(...(event.logprobs.content ?? []), ...(event.logprobs.refusal ?? []));
        break;
      case "finish":
        this.#finish = event;
        break;
    }
  }

  /**
   * What can be sent now: null when that is nothing. The last letter of a text waits, so that the chunk with the finish has
   * something to say: chats of Google's SDK for Python keep no answer with an empty text in it (`chats.py`, `_validate_content`).
   */
  take(): WireCandidate | null {
    const open = this.#open;
    if (open?.kind === "words" && open.signature === undefined && open.encrypted === undefined)
      sendText(open, this.#parts);
    return this.#parts.length === 0 && this.#logprobs === null ? null : this.#candidate();
  }

  /** What is left when the provider failed. A call whose arguments did not all come is not told: a client would run it. */
  cutOff(): WireCandidate | null {
    if (this.#open?.kind === "calls") this.#open = null;
    this.#close();
    return this.#parts.length === 0 && this.#logprobs === null ? null : this.#candidate();
  }

  /** The rest, with the finish; null when nothing is left to say. */
  end(): WireCandidate | null {
    this.#close();
    if (this.#finish === null && this.#parts.length === 0) return null;
    const cited = this.#citations.map(({ part, citation }) => ({
      citation,
      start: this.#starts.get(part) ?? 0,
      end: this.#ends.get(part) ?? this.#text.length,
    }));
    const grounding = writeGrounding(cited, this.#text);
    return {
      ...this.#candidate(),
      ...(this.#finish !== null && writeFinish(this.#finish.reason, this.#finish.raw, this.#refused)),
      ...(grounding !== null && { groundingMetadata: grounding }),
    };
  }

  /** The official SDK keeps no answer in its chats one chunk of which has no parts (SDK, `isValidResponse`). */
  #candidate(): WireCandidate {
    const parts = this.#parts.length === 0 ? [{ text: "" }] : this.#parts;
    const logprobs = this.#logprobs === null ? null : writeLogprobs({ ...this.#logprobs, refusal: null });
    this.#parts = [];
    this.#logprobs = null;
    return { content: { role: "model", parts }, index: this.#index, ...logprobs };
  }

  #words(part: number, type: Words["type"]): OpenWords {
    if (this.#open?.kind === "words" && this.#open.part === part) return this.#open;
    this.#close();
    const open: OpenWords = { kind: "words", part, type, text: "", sent: 0, afterReasoning: this.#afterReasoning };
    this.#open = open;
    return open;
  }

  #calls(): OpenCalls["calls"] {
    if (this.#open?.kind !== "calls") {
      this.#close();
      this.#open = { kind: "calls", calls: new Map() };
    }
    return this.#open.calls;
  }

  /** Pieces of a sound are gathered: its name and transcript may come after its first bytes. */
  #sound(event: Extract<CompletionEvent, { type: "audio" }>): void {
    if (this.#open?.kind !== "sound" || this.#open.part !== event.part) {
      this.#close();
      this.#open = { kind: "sound", part: event.part, sound: { id: "", data: "", transcript: "", expiresAtS: null } };
    }
    const { sound } = this.#open;
    sound.id = event.id ?? sound.id;
    sound.data += event.data ?? "";
    sound.transcript += event.transcript ?? "";
    sound.expiresAtS = event.expiresAtS ?? sound.expiresAtS;
  }

  #extend(part: number, text: string): void {
    if (!this.#starts.has(part)) this.#starts.set(part, this.#text.length);
    this.#text += text;
    this.#ends.set(part, this.#text.length);
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    if (open.kind === "words") {
      const written = writeWords(wordsOf(open), open);
      this.#parts.push(...written);
      if (open.sent > 0 || written.length > 0) this.#afterReasoning = isReasoning(wordsOf(open));
      return;
    }
    this.#afterReasoning = false;
    if (open.kind === "sound") this.#parts.push(writeSound(open.sound));
    else {
      for (const call of open.calls.values()) this.#parts.push(writeCall({ type: "tool-call", ...call }));
    }
  }
}

/** All but the last letter, and never half of a surrogate pair. */
function sendText(open: OpenWords, parts: WirePart[]): void {
  const low = open.text.charCodeAt(open.text.length - 1) >>> 10 === 0x37;
  const now = open.text.slice(0, low ? -2 : -1);
  parts.push(...writeWords({ type: open.type === "reasoning" ? "reasoning" : "text", text: now }, open));
  open.sent += now.length;
  open.text = open.text.slice(now.length);
}

function wordsOf({ type, text, signature, encrypted }: OpenWords): Words {
  if (type === "refusal") return { type, text };
  const signed = signature !== undefined && { signature };
  if (type === "text") return { type, text, ...signed };
  return { type, text, ...signed, ...(encrypted !== undefined && { encrypted }) };
}
