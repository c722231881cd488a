// Reads the tool-call deltas of one choice, however a server numbers and cuts them.
import type { CompletionEvent } from "../../completion.ts";
import type { Signature } from "../../conversation.ts";
import { count, type Json, object, text } from "../../json.ts";
import { readExtraContent } from "../assistant.ts";
import { madeCallId } from "../call-id.ts";

interface OpenCall {
  readonly id: string;
  /** Null until the call was announced, which waits for its name. */
  part: number | null;
  /** Arguments that came before the name. */
  held: string;
}

export class ToolCallReader {
  readonly #choice: number;
  readonly #completionId: string;
  readonly #nextPart: () => number;
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();
  readonly #signatures = new Map<string, Signature>();

  /** @param nextPart Numbers a new part of the choice. */
  constructor(choice: number, completionId: string, nextPart: () => number) {
    this.#choice = choice;
    this.#completionId = completionId;
    this.#nextPart = nextPart;
  }

  get any(): boolean {
    return this.#calls.length > 0;
  }

  /** Keeps a signature that came beside the call, under its id. */
  sign(id: string, signature: Signature): void {
    this.#signatures.set(id, signature);
  }

  /**
   * Reads one `tool_calls[]` entry. OpenAI sends `index` always and `id` and `name` once; others repeat the id, omit the
   * index (Gemini), or give every whole call index 0, so an id that is new under a known index begins a new call.
   */
  read(delta: Json, events: CompletionEvent[]): void {
    const made = object(delta.function) ?? object(delta.custom);
    const id = text(delta.id);
    const name = text(made?.name);
    const call = this.#find(count(delta.index), id, name);
    const signature = readExtraContent(delta.extra_content);
    if (signature !== null) this.sign(call.id, signature);
    this.#add(call, name, made?.arguments ?? made?.input, events);
  }

  /** `function_call`, the form before `tool_calls`: one call at most. */
  readLegacy(delta: Json | null, events: CompletionEvent[]): void {
    if (delta === null || (text(delta.name) === null && text(delta.arguments) === null)) return;
    this.#add(this.#byIndex.get(0) ?? this.#begin(0, null), text(delta.name), delta.arguments, events);
  }

  /** Announces a call whose name never came: it is still a call. */
  finish(events: CompletionEvent[]): void {
    for (const call of this.#calls) if (call.part === null) this.#announce(call, "", events);
  }

  #find(index: number | null, id: string | null, name: string | null): OpenCall {
    if (index === null) {
      const last = this.#calls.at(-1);
      const goesOn = id === null ? name === null : id === last?.id;
      return last !== undefined && goesOn ? last : this.#begin(null, id);
    }
    const known = this.#byIndex.get(index);
    const other = known !== undefined && known.part !== null && id !== null && id !== known.id && name !== null;
    return known === undefined || other ? this.#begin(index, id) : known;
  }

  #begin(index: number | null, id: string | null): OpenCall {
    const call: OpenCall = {
      id: id ?? madeCallId(this.#completionId, this.#choice, this.#calls.length),
      part: null,
      held: "",
    };
    this.#calls.push(call);
    if (index !== null) this.#byIndex.set(index, call);
    return call;
  }

  #add(call: OpenCall, name: string | null, args: unknown, events: CompletionEvent[]): void {
    const delta = typeof args === "string" ? args : args === undefined || args === null ? "" : JSON.stringify(args);
    if (call.part === null && name === null) {
      call.held += delta;
      return;
    }
    if (call.part === null) this.#announce(call, name ?? "", events);
    if (delta !== "" && call.part !== null) {
      events.push({ type: "tool-arguments", choice: this.#choice, part: call.part, delta });
    }
  }

  #announce(call: OpenCall, name: string, events: CompletionEvent[]): void {
    const part = this.#nextPart();
    const signature = this.#signatures.get(call.id);
    call.part = part;
    events.push({
      type: "tool-call",
      choice: this.#choice,
      part,
      id: call.id,
      name,
      ...(signature === undefined ? {} : { signature }),
    });
    if (call.held !== "") events.push({ type: "tool-arguments", choice: this.#choice, part, delta: call.held });
    call.held = "";
  }
}
