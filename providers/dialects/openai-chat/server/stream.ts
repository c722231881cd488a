// Writes a stream of chat completion chunks.
import type { CompletionEvent, Logprobs } from "../../completion.ts";
import type { AnswerContext, CostView, ErrorView, StreamEncoder } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { hidesReasoning } from "../hidden-reasoning.ts";
import { writeUsage } from "../usage.ts";
import type { WireDelta, WireFinish } from "../wire.ts";
import { tierAndFingerprint, writeError } from "./response.ts";
import { type ChoiceEvent, ChoiceWriter } from "./stream-choice.ts";

/** A comment, which clients overlook. */
export const keepAlive = ": keep-alive\n\n";

export function createStreamEncoder(context: AnswerContext): StreamEncoder {
  return new ChunkWriter(context);
}

/** What one chunk says of one choice. */
export interface ChoiceChunk {
  readonly delta: WireDelta;
  readonly finish: WireFinish | null;
  readonly native: string | null;
}

class ChunkWriter implements StreamEncoder {
  readonly #context: AnswerContext;
  /** The members that every chunk begins with, as JSON without the last brace. */
  #head: string;
  readonly #choices = new Map<number, ChoiceWriter>();
  /** The last chunk of this push, still open for the log probabilities of its tokens. */
  #pending: { readonly choice: number; readonly chunk: ChoiceChunk; logprobs: Logprobs | null } | null = null;
  #usage: Usage | null = null;
  readonly #hidesReasoning: boolean;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#hidesReasoning = hidesReasoning(context.request ?? {});
    this.#head = this.#headOf({ id: "", createdS: null });
  }

  push(events: readonly CompletionEvent[]): string {
    let out = "";
    let hidden = false;
    for (const event of events) {
      switch (event.type) {
        case "start":
          this.#head = this.#headOf(event);
          break;
        case "usage":
          this.#usage = event.usage;
          break;
        case "error":
          break;
        case "logprobs":
          out += this.#logprobs(event.choice, event.logprobs);
          break;
        case "reasoning":
          hidden = this.#hidesReasoning;
          if (!hidden) out += this.#said(event);
          break;
        default:
          out += this.#said(event);
      }
    }
    out += this.#flush();
    // A client that is shown nothing of a long reasoning must not take the silence for a dead connection.
    return out === "" && hidden ? keepAlive : out;
  }
  end(usage: Usage | null, cost: CostView): string {
    const final = usage ?? this.#usage;
    const counted = this.#context.includeUsage && final !== null;
    const last = counted
      ? `data: ${this.#head},"choices":[],"usage":${JSON.stringify(writeUsage(final, cost.usd))}}\n\n`
      : "";
    return `${last}data: [DONE]\n\n`;
  }

  /** No `[DONE]` follows: a client must not take the answer for whole. */
  fail(error: ErrorView): string {
    return `data: ${JSON.stringify(writeError(error))}\n\n`;
  }

  #headOf(start: {
    readonly id: string;
    readonly createdS: number | null;
    readonly serviceTier?: string | null;
    readonly systemFingerprint?: string | null;
  }): string {
    const { fallbackId, nowS, model } = this.#context;
    const head = {
      id: start.id === "" ? fallbackId : start.id,
      object: "chat.completion.chunk",
      created: start.createdS ?? nowS,
      model,
      ...tierAndFingerprint(start),
    };
    return JSON.stringify(head).slice(0, -1);
  }

  #said(event: ChoiceEvent): string {
    let out = "";
    for (const chunk of this.#choice(event.choice).write(event)) out += this.#queue(event.choice, chunk);
    return out;
  }

  #choice(index: number): ChoiceWriter {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceWriter();
      this.#choices.set(index, choice);
    }
    return choice;
  }

  /** Log probabilities belong to the tokens of the chunk that they came with. */
  #logprobs(choice: number, logprobs: Logprobs): string {
    if (this.#pending?.choice === choice && this.#pending.logprobs === null) {
      this.#pending.logprobs = logprobs;
      return "";
    }
    const out = this.#queue(choice, { delta: {}, finish: null, native: null });
    if (this.#pending !== null) this.#pending.logprobs = logprobs;
    return out;
  }

  #queue(choice: number, chunk: ChoiceChunk): string {
    const before = this.#flush();
    this.#pending = { choice, chunk, logprobs: null };
    return before;
  }

  #flush(): string {
    if (this.#pending === null) return "";
    const { choice, chunk, logprobs } = this.#pending;
    this.#pending = null;
    const body = JSON.stringify({
      index: choice,
      delta: chunk.delta,
      logprobs,
      finish_reason: chunk.finish,
      ...(chunk.native === null ? {} : { native_finish_reason: chunk.native }),
    });
    return `data: ${this.#head},"choices":[${body}]${this.#context.includeUsage ? ',"usage":null' : ""}}\n\n`;
  }
}
