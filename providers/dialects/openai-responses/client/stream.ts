// Reads a provider's stream of response events, frame by frame.
import type { CompletionEvent } from "../../completion.ts";
import type { Vendor } from "../../conversation.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import { type Json, list, object, string, text } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { failureInside, protocolFailure } from "../error.ts";
import { readFinish } from "../finish.ts";
import { usageOf } from "../usage.ts";
import { createdOf, unexplained } from "./response.ts";
import { TurnDecoder } from "./stream-turn.ts";

/**
 * The state of one stream:
 *
 *   waiting ── first event ──▶ open ── response.completed | response.incomplete ──▶ closed
 *      └───────── error, response.failed, bad frame, or an end before its time ─▶ failed
 */
type State = "waiting" | "open" | "closed" | "failed";

/** @param vendor Whose ciphertext the provider's reasoning holds. */
export function createStreamDecoder(vendor: Vendor | null): StreamDecoder {
  return new EventReader(vendor);
}

class EventReader implements StreamDecoder {
  #state: State = "waiting";
  readonly #turn: TurnDecoder;
  usage: Usage | null = null;

  constructor(vendor: Vendor | null) {
    this.#turn = new TurnDecoder(vendor);
  }

  push(frame: Frame): readonly CompletionEvent[] {
    const data = frame.data.trim();
    // `[DONE]` is chat's; servers that speak both say it here too.
    if (data === "" || data === "[DONE]" || this.#state === "closed" || this.#state === "failed") return [];
    const event = parse(data);
    if (event === null) {
      const message = frame.event === "error" ? data : "An event of the provider's stream is no JSON.";
      return this.#fail(protocolFailure(message));
    }
    const type = string(event.type) ?? frame.event;
    if (type === "error" || (type === null && object(event.error) !== null)) {
      return this.#fail(failureInside(event) ?? protocolFailure(data));
    }
    return this.#read(type ?? "", event);
  }

  end(): readonly CompletionEvent[] {
    if (this.#state === "closed" || this.#state === "failed") return [];
    return this.#fail(protocolFailure("The provider's stream ended before its end."));
  }

  #read(type: string, event: Json): CompletionEvent[] {
    const response = object(event.response);
    const events: CompletionEvent[] = [];
    if (this.#state === "waiting") {
      this.#state = "open";
      events.push(startOf(response ?? {}));
    }
    switch (type) {
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        this.#close(type, response ?? {}, events);
        break;
      default:
        this.#turn.read(type, event, events);
    }
    return events;
  }

  #close(type: string, response: Json, events: CompletionEvent[]): void {
    for (const [index, item] of list(response.output).entries()) {
      if (object(item) !== null) this.#turn.complete(index, object(item) ?? {}, events);
    }
    const usage = usageOf(response);
    if (usage !== null) {
      this.usage = usage;
      events.push({ type: "usage", usage });
    }
    const failure = failureInside({ error: response.error }) ?? unexplained(response);
    if (type === "response.failed" || failure !== null) {
      events.push(...this.#fail(failure ?? protocolFailure("The provider's model failed and did not say why.")));
      return;
    }
    this.#state = "closed";
    const status = text(response.status) ?? type.slice("response.".length);
    events.push({ type: "finish", choice: 0, ...readFinish({ ...response, status }, this.#turn.calledTools) });
  }

  #fail(failure: ProviderFailure): CompletionEvent[] {
    this.#state = "failed";
    return [{ type: "error", failure }];
  }
}

function startOf(response: Json): CompletionEvent {
  return {
    type: "start",
    id: string(response.id) ?? "",
    model: string(response.model) ?? "",
    createdS: createdOf(response),
    serviceTier: text(response.service_tier),
  };
}

/** The event; null when it is no JSON object. */
function parse(data: string): Json | null {
  try {
    return object(JSON.parse(data));
  } catch {
    return null;
  }
}
