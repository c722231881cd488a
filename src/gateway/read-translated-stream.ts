// Reads a provider's stream and writes it in the client's dialect, frame by frame.
import type { CompletionEvent } from "../../providers/dialects/completion.ts";
import { isContent } from "../../providers/dialects/completion.ts";
import type {
  AnswerContext,
  ClientDialect,
  ErrorView,
  ServerDialect,
  StreamDecoder,
  StreamEncoder,
} from "../../providers/dialects/dialect.ts";
import type { Framer } from "../../providers/dialects/frame.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import { FirstCallFilter } from "./one-call.ts";
import { type AnswerReader, failed, nothing, type Seen, type Step } from "./readers.ts";
import { SseFramer } from "./sse.ts";

/** How much output text is kept to count its tokens should the provider's usage never come, UTF-16 units. */
const sampleLength = 32 * 1024;

export interface TranslatedStreamOptions {
  readonly from: ClientDialect;
  readonly to: ServerDialect;
  readonly context: AnswerContext;
  /** Whether the client is told the first tool call alone. */
  readonly oneCall: boolean;
}

export class TranslatedStreamReader implements AnswerReader {
  readonly #framer: Framer;
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #calls: FirstCallFilter | null;
  #sample = "";
  #length = 0;
  /** The choices that have begun and not finished. */
  readonly #open = new Set<number>();
  readonly endsItself = true;
  finishReason: string | null = null;

  constructor(options: TranslatedStreamOptions) {
    this.#framer = options.from.framer?.() ?? new SseFramer();
    this.#decoder = options.from.stream();
    this.#encoder = options.to.stream(options.context);
    this.#calls = options.oneCall ? new FirstCallFilter() : null;
  }

  get usage(): Usage | null {
    return this.#decoder.usage;
  }

  get ended(): boolean {
    return this.finishReason !== null && this.#open.size === 0 && this.usage !== null;
  }

  push(bytes: Uint8Array): Step {
    let step = nothing;
    for (const frame of this.#framer.push(bytes)) {
      if (frame.kind === "comment") continue;
      if (frame.kind === "oversize") {
        return joinSteps(step, {
          ...nothing,
          failure: failed("protocol", "A frame of the provider's stream is too large."),
        });
      }
      step = joinSteps(step, this.#take(this.#decoder.push(frame)));
      if (step.failure !== null) return step;
    }
    return step;
  }

  end(): Step {
    let step = nothing;
    for (const frame of this.#framer.end()) {
      if (frame.kind === "event") step = joinSteps(step, this.#take(this.#decoder.push(frame)));
    }
    return step.failure === null ? joinSteps(step, this.#take(this.#decoder.end())) : step;
  }

  tail(usage: Usage | null, costUsd: string | null): string {
    return this.#encoder.end(usage, { usd: costUsd });
  }

  fail(error: ErrorView): string {
    return this.#encoder.fail(error);
  }

  seen(): Seen {
    return { sample: this.#sample, scale: this.#sample === "" ? 1 : this.#length / this.#sample.length };
  }

  #take(events: readonly CompletionEvent[]): Step {
    let content = false;
    for (const [position, event] of events.entries()) {
      if (event.type === "error") {
        const text = position === 0 ? "" : this.#write(events.slice(0, position));
        return { out: text === "" ? [] : [text], content, failure: event.failure };
      }
      if (event.type === "finish") {
        this.finishReason ??= event.reason;
        this.#open.delete(event.choice);
      } else if ("choice" in event) {
        this.#open.add(event.choice);
      }
      content ||= isContent(event);
      this.#count(event);
    }
    const text = events.length === 0 ? "" : this.#write(events);
    return { out: text === "" ? [] : [text], content, failure: null };
  }

  #write(events: readonly CompletionEvent[]): string {
    return this.#encoder.push(this.#calls?.keep(events) ?? events);
  }

  #count(event: CompletionEvent): void {
    if (event.type === "text" || event.type === "reasoning" || event.type === "refusal") this.#add(event.text);
    else if (event.type === "tool-call") this.#add(event.name);
    else if (event.type === "tool-arguments") this.#add(event.delta);
  }

  #add(text: string): void {
    this.#length += text.length;
    if (this.#sample.length < sampleLength) this.#sample += text;
  }
}

function joinSteps(first: Step, second: Step): Step {
  if (first === nothing) return second;
  const text = [...first.out, ...second.out].join("");
  return { out: text === "" ? [] : [text], content: first.content || second.content, failure: second.failure };
}
