// Writes a stream of GenerateContentResponses, each with the next pieces of the answer.
import type { CompletionEvent } from "../../completion.ts";
import type { AnswerContext, CostView, ErrorView, StreamEncoder } from "../../dialect.ts";
import type { Usage } from "../../usage.ts";
import { writeError } from "./error.ts";
import { writeHeading } from "./heading.ts";
import type { WireCandidate } from "./response.ts";
import { ChoiceWriter } from "./stream-choice.ts";
import { writeUsage } from "./usage.ts";

/**
 * A chunk that says nothing. An SSE comment would do for `@google/genai`, but its predecessor `@google/generative-ai` reads
 * frames at the very beginning of its buffer only (`^data: `), so that a comment ends its stream in an error.
 */
export const keepAlive = `data: ${JSON.stringify({
  candidates: [{ content: { role: "model", parts: [{ text: "" }] }, index: 0 }],
})}\n\n`;

export function createStreamEncoder(context: AnswerContext): StreamEncoder {
  return new ResponseWriter(context);
}

class ResponseWriter implements StreamEncoder {
  readonly #context: AnswerContext;
  /** The members after `candidates`, as JSON without the first brace. */
  #heading: string;
  readonly #choices = new Map<number, ChoiceWriter>();
  #usage: Usage | null = null;
  #serviceTier: string | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#heading = this.#headingOf({ id: "", createdS: null });
  }

  /** Function calls and the finish wait for what comes after them: the finish goes with the usage. */
  push(events: readonly CompletionEvent[]): string {
    for (const event of events) {
      switch (event.type) {
        case "start":
          this.#heading = this.#headingOf(event);
          this.#serviceTier = event.serviceTier ?? null;
          break;
        case "usage":
          this.#usage = event.usage;
          break;
        case "error":
          break;
        default:
          this.#choice(event.choice).write(event);
      }
    }
    return this.#each((choice) => choice.take());
  }

  /** The last chunk. Nothing follows it: the format has no `[DONE]`. */
  end(usage: Usage | null, { usd }: CostView): string {
    const final = usage ?? this.#usage;
    const candidates = [...this.#choices.values()].flatMap((choice) => choice.end() ?? []);
    if (candidates.length === 0 && final === null) return "";
    const told = { costUsd: usd, serviceTier: this.#serviceTier };
    const counted = final === null ? "" : `"usageMetadata":${JSON.stringify(writeUsage(final, told))},`;
    return this.#chunk(candidates, counted);
  }

  fail(error: ErrorView): string {
    return `${this.#each((choice) => choice.cutOff())}data: ${JSON.stringify(writeError(error))}\n\n`;
  }

  #headingOf(start: { readonly id: string; readonly createdS: number | null }): string {
    return JSON.stringify(writeHeading(start, this.#context)).slice(1);
  }

  #choice(index: number): ChoiceWriter {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new ChoiceWriter(index);
      this.#choices.set(index, choice);
    }
    return choice;
  }

  /** A chunk for each choice that has something to say: many clients look at the first candidate of a chunk only. */
  #each(take: (choice: ChoiceWriter) => WireCandidate | null): string {
    let out = "";
    for (const choice of this.#choices.values()) {
      const candidate = take(choice);
      if (candidate !== null) out += this.#chunk([candidate], "");
    }
    return out;
  }

  #chunk(candidates: readonly WireCandidate[], counted: string): string {
    return `data: {"candidates":${JSON.stringify(candidates)},${counted}${this.#heading}\n\n`;
  }
}
