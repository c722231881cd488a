// Writes a stream of message events.
import type { CompletionEvent } from "../../completion.ts";
import type { AnswerContext, CostView, ErrorView, StreamEncoder } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { writeError } from "./error.ts";
import { heading, writeStop } from "./response.ts";
import { BlockWriter, sse } from "./stream-blocks.ts";
import { writeUsage } from "./usage.ts";

export function createStreamEncoder(context: AnswerContext): StreamEncoder {
  return new MessageEncoder(context);
}

/** Tells of the first choice: this dialect has one answer. */
class MessageEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #blocks = new BlockWriter();
  #begun = false;
  #start: Extract<CompletionEvent, { type: "start" }> | null = null;
  #finish: Extract<CompletionEvent, { type: "finish" }> | null = null;
  #usage: Usage | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(events: readonly CompletionEvent[]): string {
    let out = "";
    for (const event of events) {
      switch (event.type) {
        case "start":
          this.#start = event;
          break;
        case "usage":
          this.#usage = event.usage;
          break;
        case "error":
        case "logprobs":
          break;
        case "finish":
          if (event.choice !== 0) break;
          this.#finish ??= event;
          out += this.#begin() + this.#blocks.finish();
          break;
        default:
          if (event.choice === 0) out += this.#begin() + this.#blocks.push(event);
      }
    }
    // After the other events of the same push: they may tell the input tokens, for which `message_start` has a place.
    return this.#start === null ? out : out + this.#begin();
  }

  end(usage: Usage | null, cost: CostView): string {
    const begin = this.#begin();
    const blocks = this.#blocks.finish();
    const stop = writeStop({
      finish: this.#finish?.reason ?? null,
      raw: this.#finish?.raw ?? null,
      stopSequence: this.#finish?.stopSequence ?? null,
      called: this.#blocks.called,
      refused: this.#blocks.refused,
    });
    const { service_tier, cache_creation, ...counters } = writeUsage(usage ?? this.#usage, null, cost.usd);
    const delta = sse({ type: "message_delta", delta: stop, usage: { ...counters, cache_creation } });
    return begin + blocks + delta + sse({ type: "message_stop" });
  }

  /** No `message_stop` follows: a client must not take the answer for whole. */
  fail(error: ErrorView): string {
    const body = writeError(error);
    return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
  }

  #begin(): string {
    if (this.#begun) return "";
    this.#begun = true;
    const message = {
      ...heading(this.#start?.id ?? "", this.#context),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: writeUsage(this.#usage, this.#start?.serviceTier ?? null, null),
    };
    return sse({ type: "message_start", message });
  }
}
