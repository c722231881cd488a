// One call at most, for clients that ask for it: not every provider can be told, so that a translated answer is held to it. Of
// several calls the first is kept; the model asks for the others again when it sees the result of the one.
import type { Choice, Completion, CompletionEvent } from "../../providers/dialects/completion.ts";

/** A whole answer with the first call of each choice alone. */
export function firstCallOnly(completion: Completion): Completion {
  return { ...completion, choices: completion.choices.map(withFirstCall) };
}

function withFirstCall(choice: Choice): Choice {
  const first = choice.content.find(({ type }) => type === "tool-call");
  return { ...choice, content: choice.content.filter((part) => part.type !== "tool-call" || part === first) };
}

/** The same for a stream. Fresh per answer. */
export class FirstCallFilter {
  /** The part that is the first call, by choice. */
  readonly #kept = new Map<number, number>();

  keep(events: readonly CompletionEvent[]): readonly CompletionEvent[] {
    return events.every((event) => this.#keeps(event)) ? events : events.filter((event) => this.#keeps(event));
  }

  #keeps(event: CompletionEvent): boolean {
    if (event.type !== "tool-call" && event.type !== "tool-arguments") return true;
    const kept = this.#kept.get(event.choice);
    if (kept === undefined) this.#kept.set(event.choice, event.part);
    return kept === undefined || kept === event.part;
  }
}
