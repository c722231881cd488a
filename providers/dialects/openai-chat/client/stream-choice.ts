// Reads the deltas of one choice, and numbers the parts that they belong to.
import type { CompletionEvent } from "../../completion.ts";
import type { Citation, Signature } from "../../conversation.ts";
import { count, type Json, list, object, text } from "../../json.ts";
import { readExtraContent, readImage } from "../assistant.ts";
import { readAnnotations } from "../citations.ts";
import { readFinish } from "../finish.ts";
import { readLogprobs } from "../logprobs.ts";
import type { Behaviour } from "../quirks.ts";
import { readDetail } from "../reasoning.ts";
import { thinkingText } from "./response.ts";
import { ToolCallReader } from "./stream-calls.ts";
import { ThinkTagReader } from "./think-tags.ts";

/** The part that the next delta of its kind goes on with. `detail` is the `index` of reasoning details. */
interface OpenPart {
  readonly kind: "text" | "refusal" | "reasoning" | "audio";
  readonly number: number;
  readonly detail: number | null;
}

export class ChoiceReader {
  readonly #choice: number;
  readonly #calls: ToolCallReader;
  #parts = 0;
  #open: OpenPart | null = null;
  #textPart: number | null = null;
  /** The signature of the next picture, which comes beside it. */
  #imageSignature: Signature | null = null;
  readonly #reasoningByDetail = new Map<number, number>();
  readonly #sources: () => readonly Citation[];
  readonly #tags: ThinkTagReader | null;
  finished = false;

  /**
   * @param completionId Makes ids for tool calls that come without one.
   * @param around `sources`: what the stream has named at its top when this choice finishes.
   */
  constructor(
    choice: number,
    completionId: string,
    around: { readonly quirks: Behaviour; readonly sources: () => readonly Citation[] },
  ) {
    this.#choice = choice;
    this.#sources = around.sources;
    this.#tags = around.quirks.thinkTags ? new ThinkTagReader() : null;
    this.#calls = new ToolCallReader(choice, completionId, () => {
      this.#open = null;
      return this.#parts++;
    });
  }

  /** Reads one `choices[]` entry of a chunk, in the order in which a model makes what may stand side by side in it. */
  read(choice: Json, events: CompletionEvent[]): void {
    const delta = object(choice.delta) ?? object(choice.message);
    const logprobs = readLogprobs(choice.logprobs);
    if (delta !== null) {
      const calls = list(delta.tool_calls).map(object);
      this.#reasoning(delta, new Set(calls.map((call) => text(call?.id) ?? "")), events);
      this.#content(delta.content, events);
      this.#words("refusal", text(delta.refusal), events);
      this.#cite(readAnnotations(delta.annotations), events);
      for (const call of calls) if (call !== null) this.#calls.read(call, events);
      this.#calls.readLegacy(object(delta.function_call), events);
      this.#audio(object(delta.audio), events);
      for (const image of list(delta.images).flatMap(readImage)) {
        if (image.type !== "output-image") continue;
        const signature = this.#imageSignature;
        this.#imageSignature = null;
        events.push({
          type: "image",
          choice: this.#choice,
          part: this.#next(null),
          source: image.source,
          ...(signature === null ? {} : { signature }),
        });
      }
      const signature = readExtraContent(delta.extra_content);
      if (signature !== null) this.#signText(signature, events);
    }
    if (logprobs !== null && (logprobs.content?.length || logprobs.refusal?.length)) {
      events.push({ type: "logprobs", choice: this.#choice, logprobs });
    }
    const raw = text(choice.finish_reason);
    if (raw !== null) this.finish(raw, events, text(choice.native_finish_reason));
  }

  /** Says once why this choice ended; a second word for it is not heard (Hugging Face repeats it). */
  finish(raw: string | null, events: CompletionEvent[], native: string | null = null): void {
    if (this.finished) return;
    this.finished = true;
    for (const { type, text: words } of this.#tags?.end() ?? []) this.#words(type, words, events);
    this.#calls.finish(events);
    this.#cite(this.#sources(), events);
    events.push({ type: "finish", choice: this.#choice, reason: readFinish(raw, this.#calls.any), raw: native ?? raw });
  }

  /** Details hold what the plain members repeat (OpenRouter), so those count only without them. */
  #reasoning(delta: Json, callIds: ReadonlySet<string>, events: CompletionEvent[]): void {
    let worded = false;
    for (const value of list(delta.reasoning_details)) {
      const item = object(value);
      const detail = item === null ? null : readDetail(item);
      if (item === null || detail === null || detail.kind === "layout") continue;
      const index = count(item.index);
      const { id, encrypted } = detail.kind === "encrypted" ? detail : { id: null, encrypted: null };
      if (encrypted !== null && id !== null && callIds.has(id)) {
        this.#calls.sign(id, encrypted);
      } else if (encrypted !== null) {
        events.push({ type: "reasoning-encrypted", choice: this.#choice, part: this.#proofPart(index), encrypted });
      } else if (detail.kind === "part-signature") {
        if (detail.of === "text") this.#signText(detail.signature, events);
        else this.#imageSignature = detail.signature;
      } else if (detail.kind === "text") {
        const part = detail.text === "" ? this.#proofPart(index) : this.#reasoningPart(index);
        worded ||= detail.text !== "";
        if (detail.text !== "") events.push({ type: "reasoning", choice: this.#choice, part, text: detail.text });
        if (detail.signature !== null) {
          events.push({ type: "reasoning-signature", choice: this.#choice, part, signature: detail.signature });
        }
      }
    }
    if (!worded) this.#words("reasoning", text(delta.reasoning_content) ?? text(delta.reasoning), events);
  }

  #content(content: unknown, events: CompletionEvent[]): void {
    if (typeof content === "string") {
      if (this.#tags === null) this.#words("text", text(content), events);
      else for (const { type, text: words } of this.#tags.push(content)) this.#words(type, words, events);
      return;
    }
    for (const item of list(content)) {
      const chunk = object(item);
      this.#words("reasoning", text(thinkingText(chunk)), events);
      this.#words("text", text(chunk?.text), events);
    }
  }

  #words(type: "text" | "refusal" | "reasoning", words: string | null, events: CompletionEvent[]): void {
    if (words === null) return;
    const part = type === "reasoning" ? this.#reasoningPart(null) : this.#part(type);
    if (type === "text") this.#textPart = part;
    events.push({ type, choice: this.#choice, part, text: words });
  }

  #cite(citations: readonly Citation[], events: CompletionEvent[]): void {
    for (const citation of citations) {
      events.push({ type: "citation", choice: this.#choice, part: this.#anyText(), citation });
    }
  }

  #signText(signature: Signature, events: CompletionEvent[]): void {
    events.push({ type: "text-signature", choice: this.#choice, part: this.#anyText(), signature });
  }

  #audio(audio: Json | null, events: CompletionEvent[]): void {
    if (audio === null) return;
    const id = text(audio.id);
    const data = text(audio.data);
    const transcript = text(audio.transcript);
    const expiresAtS = count(audio.expires_at);
    if (id === null && data === null && transcript === null && expiresAtS === null) return;
    events.push({
      type: "audio",
      choice: this.#choice,
      part: this.#part("audio"),
      ...(id === null ? {} : { id }),
      ...(data === null ? {} : { data }),
      ...(transcript === null ? {} : { transcript }),
      ...(expiresAtS === null ? {} : { expiresAtS }),
    });
  }

  /** The part of the last text, begun when there was none. */
  #anyText(): number {
    this.#textPart ??= this.#part("text");
    return this.#textPart;
  }

  #part(kind: OpenPart["kind"]): number {
    return this.#open?.kind === kind ? this.#open.number : this.#next({ kind, detail: null });
  }

  /** The part that reasoning text belongs to: the open one goes on while the detail's `index` stays (null: no word of it). */
  #reasoningPart(detail: number | null): number {
    const open = this.#open;
    const goesOn = open?.kind === "reasoning" && (detail === null || open.detail === null || open.detail === detail);
    const number = goesOn ? open.number : this.#next({ kind: "reasoning", detail });
    if (goesOn && detail !== null) this.#open = { ...open, detail };
    if (detail !== null) this.#reasoningByDetail.set(detail, number);
    return number;
  }

  /** A signature or ciphertext may come late, when the answer has gone on: it still belongs to the reasoning before. */
  #proofPart(detail: number | null): number {
    const known = detail === null ? undefined : this.#reasoningByDetail.get(detail);
    return known ?? this.#reasoningPart(detail);
  }

  #next(open: Omit<OpenPart, "number"> | null): number {
    const number = this.#parts++;
    this.#open = open === null ? null : { ...open, number };
    return number;
  }
}
