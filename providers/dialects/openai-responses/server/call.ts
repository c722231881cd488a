// A function call item in the making: its arguments, and the events that tell them.
import type { CallItem } from "../wire.ts";
import type { Place } from "./message.ts";

export class CallWriter {
  readonly #place: Place;
  readonly #callId: string;
  readonly #name: string;
  #arguments = "";

  constructor(callId: string, name: string, place: Place) {
    this.#place = place;
    this.#callId = callId;
    this.#name = name;
    place.emit({ type: "response.output_item.added", output_index: place.index, item: this.item("in_progress") });
  }

  get index(): number {
    return this.#place.index;
  }

  write(delta: string): void {
    if (delta === "") return;
    this.#arguments += delta;
    this.#place.emit({ type: "response.function_call_arguments.delta", ...this.#at(), delta });
  }

  /** Whether the arguments are whole, so that nothing can follow. */
  get isWhole(): boolean {
    if (!this.#arguments.trimEnd().endsWith("}")) return false;
    try {
      JSON.parse(this.#arguments);
      return true;
    } catch {
      return false;
    }
  }

  end(status: "completed" | "incomplete"): CallItem {
    // "" is no JSON: a call without arguments has an empty object of them. One that was cut has what came.
    if (this.#arguments === "" && status === "completed") this.write("{}");
    const item = this.item(status);
    this.#place.emit({
      type: "response.function_call_arguments.done",
      ...this.#at(),
      arguments: this.#arguments,
    });
    this.#place.emit({ type: "response.output_item.done", output_index: this.#place.index, item });
    return item;
  }

  item(status: CallItem["status"]): CallItem {
    return {
      id: this.#place.id,
      type: "function_call",
      status,
      arguments: this.#arguments,
      call_id: this.#callId,
      name: this.#name,
    };
  }

  #at(): { item_id: string; output_index: number } {
    return { item_id: this.#place.id, output_index: this.#place.index };
  }
}
