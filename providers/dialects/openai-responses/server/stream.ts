// Writes a stream of response events, numbered and named.
import type { CompletionEvent, FinishReason } from "../../completion.ts";
import type { AnswerContext, CostView, ErrorView, StreamEncoder } from "../../dialect.ts";
import { writeError } from "../../openai-chat/server/response.ts";
import type { Usage } from "../../usage.ts";
import { writeFinish } from "../finish.ts";
import { writeUsage } from "../usage.ts";
import type { ErrorStep, ItemStep, LifecycleStep, WireResponse } from "../wire.ts";
import { OutputWriter } from "./output.ts";
import { finished, headOf, idBaseOf, type Start } from "./response.ts";

export function createStreamEncoder(context: AnswerContext): StreamEncoder {
  return new EventWriter(context);
}

/** A response that has begun, and its items. */
interface Begun {
  readonly head: WireResponse;
  readonly output: OutputWriter;
}

class EventWriter implements StreamEncoder {
  readonly #context: AnswerContext;
  #begun: Begun | null = null;
  #sequence = 0;
  #out = "";
  #usage: Usage | null = null;
  #finish: { readonly reason: FinishReason; readonly raw: string | null } = { reason: "stop", raw: null };

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  push(events: readonly CompletionEvent[]): string {
    for (const event of events) {
      switch (event.type) {
        case "start":
          this.#begun ??= this.#begin(event);
          break;
        case "usage":
          this.#usage = event.usage;
          break;
        case "error":
          break;
        case "finish":
          if (event.choice === 0) this.#endItems(event);
          break;
        default:
          if (event.choice === 0) this.#beginning().output.write(event);
      }
    }
    this.#begun?.output.flush();
    return this.#take();
  }

  end(usage: Usage | null, cost: CostView): string {
    const { head, output } = this.#beginning();
    const { reason, raw } = this.#finish;
    // A provider that said nothing of an end has ended all the same.
    output.finish("completed");
    const final = usage ?? this.#usage;
    const response: WireResponse = {
      ...finished(head, output.items(), reason, raw),
      usage: final === null ? null : writeUsage(final, cost.usd),
    };
    this.#emit({ type: `response.${writeFinish(reason).status}`, response });
    return this.#take();
  }

  /** As OpenAI ends a stream that fails (recording `openai-openai-error.1.chunks`): the error, then the failed response. */
  fail(error: ErrorView): string {
    const { code, message, param } = error;
    this.#emit({ type: "error", code, message, param, error: writeError(error).error });
    if (this.#begun !== null) {
      const { head, output } = this.#begun;
      const response: WireResponse = { ...head, status: "failed", error: { code, message }, output: output.items() };
      this.#emit({ type: "response.failed", response });
    }
    return this.#take();
  }

  #begin(start: Start): Begun {
    const head = headOf(start, this.#context);
    this.#emit({ type: "response.created", response: head });
    this.#emit({ type: "response.in_progress", response: head });
    return { head, output: new OutputWriter(idBaseOf(head.id), this.#emit) };
  }

  #beginning(): Begun {
    this.#begun ??= this.#begin({ id: "", createdS: null });
    return this.#begun;
  }

  #endItems({ reason, raw }: Extract<CompletionEvent, { type: "finish" }>): void {
    this.#finish = { reason, raw };
    this.#beginning().output.finish(writeFinish(reason).status === "incomplete" ? "incomplete" : "completed");
  }

  readonly #emit = (step: ItemStep | LifecycleStep | ErrorStep): void => {
    const { type, ...rest } = step;
    const event = { type, sequence_number: this.#sequence++, ...rest };
    this.#out += `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
  };

  #take(): string {
    const out = this.#out;
    this.#out = "";
    return out;
  }
}
