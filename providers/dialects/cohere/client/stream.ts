// Reads a stream of Cohere's Chat API, event by event, as an explicit state machine.
import type { CompletionEvent } from "../../completion.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import type { Usage } from "../../usage.ts";
import { argumentsText, citesText, finishReason, isFailure, readCitations } from "../answer.ts";
import { protocolFailure, reportedFailure } from "../error.ts";
import { readUsage } from "../usage.ts";
import { asObject, asObjects, asText, type JsonObject } from "../wire.ts";

const NONE: readonly CompletionEvent[] = [];

interface TextPart {
  readonly part: number;
  /** UTF-16 units of text parts before it. */
  readonly before: number;
  text: string;
}

interface ToolCall {
  readonly part: number;
  said: boolean;
  /** Arguments that may be `null`, which stands for none. */
  held: string;
}

export class ChatStreamDecoder implements StreamDecoder {
  #state: "reading" | "ended" | "failed" = "reading";
  #started = false;
  #parts = 0;
  readonly #texts = new Map<unknown, TextPart>();
  /** By content index; the plan before tool calls has the key `plan`. */
  readonly #reasoning = new Map<unknown, number>();
  readonly #calls = new Map<unknown, ToolCall>();
  usage: Usage | null = null;

  push(frame: Frame): readonly CompletionEvent[] {
    if (this.#state !== "reading" || frame.data === "[DONE]") return NONE;
    const event = parse(frame.data);
    if (event === null) {
      return this.#fail(protocolFailure("The provider's stream has an event that is no JSON object."));
    }
    const name = asText(event.type) ?? frame.event;
    if (name === null && asText(event.message) !== null)
      return this.#fail(reportedFailure(null, asText(event.message)));
    const events = this.#read(name, event);
    if (this.#started || this.#state === ("failed" as string)) return events;
    this.#started = true;
    return [{ type: "start", id: asText(event.id) ?? "", model: "", createdS: null }, ...events];
  }

  end(): readonly CompletionEvent[] {
    if (this.#state !== "reading") return NONE;
    return this.#fail(protocolFailure("The provider's stream ended before its end."));
  }

  #read(name: string | null, event: JsonObject): readonly CompletionEvent[] {
    const delta = asObject(event.delta) ?? {};
    const message = asObject(delta.message) ?? {};
    switch (name) {
      case "content-start":
      case "content-delta":
        return this.#content(event.index, asObject(message.content) ?? {});
      case "tool-plan-delta":
        return this.#reason("plan", asText(message.tool_plan));
      case "tool-call-start":
        return this.#callStart(event.index, callOf(message));
      case "tool-call-delta":
        return this.#callArguments(event.index, asText(asObject(callOf(message).function)?.arguments));
      case "tool-call-end":
        return this.#callEnd(event.index);
      case "citation-start":
        return this.#cite(message.citations);
      case "message-end":
        return this.#finish(delta);
      case "error":
        return this.#fail(reportedFailure(null, asText(event.message) ?? asText(asObject(event.error)?.message)));
      default:
        return NONE;
    }
  }

  #content(index: unknown, content: JsonObject): readonly CompletionEvent[] {
    const reasoning = this.#reason(index, asText(content.thinking));
    const text = asText(content.text);
    if (text === null || text === "") return reasoning;
    let open = this.#texts.get(index);
    if (open === undefined) {
      const before = [...this.#texts.values()].reduce((sum, part) => sum + part.text.length, 0);
      open = { part: this.#parts++, before, text: "" };
      this.#texts.set(index, open);
    }
    open.text += text;
    return [...reasoning, { type: "text", choice: 0, part: open.part, text }];
  }

  #reason(key: unknown, text: string | null): readonly CompletionEvent[] {
    if (text === null || text === "") return NONE;
    let part = this.#reasoning.get(key);
    if (part === undefined) {
      part = this.#parts++;
      this.#reasoning.set(key, part);
    }
    return [{ type: "reasoning", choice: 0, part, text }];
  }

  #callStart(index: unknown, call: JsonObject): readonly CompletionEvent[] {
    const called = asObject(call.function);
    const open: ToolCall = { part: this.#parts++, said: false, held: "" };
    this.#calls.set(index, open);
    const start: CompletionEvent = {
      type: "tool-call",
      choice: 0,
      part: open.part,
      id: asText(call.id) ?? "",
      name: asText(called?.name) ?? "",
    };
    return [start, ...this.#callArguments(index, asText(called?.arguments))];
  }

  #callArguments(index: unknown, delta: string | null): readonly CompletionEvent[] {
    const open = this.#calls.get(index);
    if (open === undefined || delta === null || delta === "") return NONE;
    if (!open.said) {
      open.held += delta;
      if ("null".startsWith(open.held.trim())) return NONE;
      open.said = true;
      return [{ type: "tool-arguments", choice: 0, part: open.part, delta: open.held }];
    }
    return [{ type: "tool-arguments", choice: 0, part: open.part, delta }];
  }

  #callEnd(index: unknown): readonly CompletionEvent[] {
    const open = this.#calls.get(index);
    this.#calls.delete(index);
    if (open === undefined || open.said) return NONE;
    return [{ type: "tool-arguments", choice: 0, part: open.part, delta: argumentsText(open.held) }];
  }

  /** A citation comes after the text that it is about. */
  #cite(wire: unknown): readonly CompletionEvent[] {
    const citation = asObject(wire);
    if (citation === null || !citesText(citation)) return NONE;
    const cited = this.#texts.get(citation.content_index) ?? [...this.#texts.values()].at(-1);
    if (cited === undefined) return NONE;
    return readCitations(citation, cited).map((one) => ({
      type: "citation",
      choice: 0,
      part: cited.part,
      citation: one,
    }));
  }

  #finish(delta: JsonObject): readonly CompletionEvent[] {
    const raw = asText(delta.finish_reason);
    const unfinished = [...this.#calls.keys()].flatMap((index) => this.#callEnd(index));
    const wire = asObject(delta.usage);
    this.usage = wire === null ? null : readUsage(wire);
    if (this.#parts === 0 && isFailure(raw)) return this.#fail(reportedFailure(raw, asText(delta.error)));
    this.#state = "ended";
    return [
      ...unfinished,
      { type: "finish", choice: 0, reason: finishReason(raw), raw },
      ...(this.usage === null ? [] : [{ type: "usage" as const, usage: this.usage }]),
    ];
  }

  #fail(failure: ProviderFailure): readonly CompletionEvent[] {
    this.#state = "failed";
    return [{ type: "error", failure }];
  }
}

/** `tool_calls` is one call in a stream; a list of one, should it be so some day, is understood too. */
function callOf(message: JsonObject): JsonObject {
  return asObject(message.tool_calls) ?? asObjects(message.tool_calls)[0] ?? {};
}

function parse(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return null;
  }
}
