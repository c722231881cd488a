// Reads a stream of the Messages API, event by event, as an explicit state machine.
import type { CompletionEvent } from "../../completion.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import type { Usage } from "../../usage.ts";
import {
  answerPart,
  anthropicToken,
  finishReason,
  inputText,
  jsonToolName,
  readCitation,
  refusalText,
} from "../answer.ts";
import { protocolFailure, readErrorEvent } from "../error.ts";
import { mergeUsage, readUsage } from "../usage.ts";
import { asList, asObject, asObjects, asText, type JsonObject } from "../wire.ts";

const NONE: readonly CompletionEvent[] = [];

/** A content block that has begun and not stopped. `part` is null until the block says something. */
interface OpenBlock {
  readonly kind: "text" | "thinking" | "tool" | "json";
  part: number | null;
  /** Arguments to give when no delta brings any: the input that the block began with. */
  readonly input: unknown;
  said: boolean;
}

export class MessageStreamDecoder implements StreamDecoder {
  #state: "reading" | "stopped" | "failed" = "reading";
  #id: string | null = null;
  readonly #blocks = new Map<unknown, OpenBlock>();
  #parts = 0;
  #toolCalls = 0;
  #jsonTools = 0;
  #finished = false;
  /** Of `message_start`, for a stream that stops without a `message_delta`. */
  #firstStop: JsonObject = {};
  #wireUsage: JsonObject | null = null;

  get usage(): Usage | null {
    return this.#wireUsage === null ? null : readUsage(this.#wireUsage);
  }

  push(frame: Frame): readonly CompletionEvent[] {
    if (this.#state !== "reading" || frame.event === "ping") return NONE;
    const event = parse(frame.data);
    if (event === null)
      return this.#fail(protocolFailure("The provider's stream has an event that is no JSON object."));
    switch (event.type ?? frame.event) {
      case "message_start":
        return this.#start(asObject(event.message) ?? {});
      case "content_block_start":
        return this.#blockStart(event.index, asObject(event.content_block) ?? {});
      case "content_block_delta":
        return this.#blockDelta(event.index, asObject(event.delta) ?? {});
      case "content_block_stop":
        return this.#blockStop(event.index);
      case "message_delta":
        return [...this.#finish(asObject(event.delta) ?? {}), ...this.#count(event.usage)];
      case "message_stop":
        return this.#stop();
      case "error":
        return this.#fail(readErrorEvent(event));
      default:
        return NONE;
    }
  }

  end(): readonly CompletionEvent[] {
    if (this.#state !== "reading") return NONE;
    return this.#fail(protocolFailure("The provider's stream ended before its end."));
  }

  #start(message: JsonObject): readonly CompletionEvent[] {
    const id = asText(message.id) ?? "";
    if (this.#id !== null) {
      // A proxy in between may repeat the event (recording `anthropic-duplicate-message-start.chunks`); another message may not begin.
      if (id === this.#id && this.#parts === 0) return this.#count(message.usage);
      return this.#fail(protocolFailure("The provider's stream began a second message inside the first."));
    }
    this.#id = id;
    this.#firstStop = message;
    const serviceTier = asText(asObject(message.usage)?.service_tier);
    return [
      { type: "start", id, model: asText(message.model) ?? "", createdS: null, serviceTier },
      ...asObjects(message.content).flatMap((block) => this.#wholeBlock(block)),
      ...this.#count(message.usage),
    ];
  }

  /** Blocks that `message_start` holds already: a call made by code that goes on running (programmatic tool calling). */
  #wholeBlock(block: JsonObject): readonly CompletionEvent[] {
    const part = answerPart(block);
    if (part === null) return NONE;
    const at = this.#parts++;
    const where = { choice: 0, part: at };
    switch (part.type) {
      case "text":
        if (block.type === "tool_use") this.#jsonTools += 1;
        return [
          { type: "text", ...where, text: part.text },
          ...(part.citations ?? []).map((citation) => ({ type: "citation" as const, ...where, citation })),
        ];
      case "reasoning":
        return [
          ...(part.text === "" ? [] : [{ type: "reasoning" as const, ...where, text: part.text }]),
          ...(part.signature ? [{ type: "reasoning-signature" as const, ...where, signature: part.signature }] : []),
          ...(part.encrypted ? [{ type: "reasoning-encrypted" as const, ...where, encrypted: part.encrypted }] : []),
        ];
      case "tool-call":
        this.#toolCalls += 1;
        return [
          { type: "tool-call", ...where, id: part.id, name: part.name },
          { type: "tool-arguments", ...where, delta: part.arguments },
        ];
      default:
        return NONE;
    }
  }

  #blockStart(index: unknown, block: JsonObject): readonly CompletionEvent[] {
    switch (block.type) {
      case "text": {
        const open = this.#open(index, "text", null);
        return [
          ...this.#say(open, asText(block.text)),
          ...asList(block.citations).flatMap((citation) => this.#cite(open, citation)),
        ];
      }
      case "thinking": {
        const open = this.#open(index, "thinking", null);
        return [...this.#say(open, asText(block.thinking)), ...this.#sign(open, asText(block.signature))];
      }
      case "redacted_thinking":
        return this.#wholeBlock(block);
      case "tool_use": {
        if (block.name === jsonToolName) {
          this.#jsonTools += 1;
          this.#open(index, "json", block.input);
          return NONE;
        }
        this.#toolCalls += 1;
        const part = this.#part(this.#open(index, "tool", block.input));
        return [{ type: "tool-call", choice: 0, part, id: asText(block.id) ?? "", name: asText(block.name) ?? "" }];
      }
      default:
        // Server tools and blocks that are not known yet: nothing opens, so their deltas go nowhere.
        this.#blocks.delete(index);
        return NONE;
    }
  }

  #blockDelta(index: unknown, delta: JsonObject): readonly CompletionEvent[] {
    const open = this.#blocks.get(index);
    if (open === undefined) return NONE;
    switch (delta.type) {
      case "text_delta":
        return this.#say(open, asText(delta.text));
      case "thinking_delta":
        return this.#say(open, asText(delta.thinking));
      case "signature_delta":
        return this.#sign(open, asText(delta.signature));
      case "input_json_delta":
        return this.#say(open, asText(delta.partial_json));
      case "citations_delta":
        return this.#cite(open, delta.citation);
      default:
        return NONE;
    }
  }

  #blockStop(index: unknown): readonly CompletionEvent[] {
    const open = this.#blocks.get(index);
    if (open === undefined) return NONE;
    this.#blocks.delete(index);
    // A call without arguments has no delta, or an empty one (recording `anthropic-anthropic-tool-no-args.chunks`).
    const isTool = open.kind === "tool" || open.kind === "json";
    return isTool && !open.said ? this.#say(open, inputText(open.input)) : NONE;
  }

  #finish(delta: JsonObject): readonly CompletionEvent[] {
    const raw = asText(delta.stop_reason);
    if (raw === null || this.#finished) return NONE;
    this.#finished = true;
    const stopSequence = asText(delta.stop_sequence);
    const refusal = refusalText(delta.stop_details);
    const onlyJsonTool = this.#jsonTools > 0 && this.#toolCalls === 0;
    return [
      ...(refusal === null ? [] : [{ type: "refusal" as const, choice: 0, part: this.#parts++, text: refusal }]),
      {
        type: "finish",
        choice: 0,
        reason: finishReason(raw, { onlyJsonTool }),
        raw,
        ...(stopSequence !== null && { stopSequence }),
      },
    ];
  }

  #stop(): readonly CompletionEvent[] {
    this.#state = "stopped";
    return this.#finish(this.#firstStop);
  }

  #count(usage: unknown): readonly CompletionEvent[] {
    const wire = asObject(usage);
    if (wire === null) return NONE;
    this.#wireUsage = mergeUsage(this.#wireUsage, wire);
    const counted = this.usage;
    return counted === null ? NONE : [{ type: "usage", usage: counted }];
  }

  #fail(failure: ProviderFailure): readonly CompletionEvent[] {
    this.#state = "failed";
    return [{ type: "error", failure }];
  }

  #open(index: unknown, kind: OpenBlock["kind"], input: unknown): OpenBlock {
    const open: OpenBlock = { kind, part: null, input, said: false };
    this.#blocks.set(index, open);
    return open;
  }

  /** Parts are numbered when they first say something, so that blocks without words leave no gap. */
  #part(open: OpenBlock): number {
    open.part ??= this.#parts++;
    return open.part;
  }

  #say(open: OpenBlock, text: string | null): readonly CompletionEvent[] {
    if (text === null || text === "") return NONE;
    open.said = true;
    const where = { choice: 0, part: this.#part(open) };
    switch (open.kind) {
      case "text":
      case "json":
        return [{ type: "text", ...where, text }];
      case "thinking":
        return [{ type: "reasoning", ...where, text }];
      case "tool":
        return [{ type: "tool-arguments", ...where, delta: text }];
    }
  }

  #sign(open: OpenBlock, signature: string | null): readonly CompletionEvent[] {
    if (signature === null || signature === "") return NONE;
    return [{ type: "reasoning-signature", choice: 0, part: this.#part(open), signature: anthropicToken(signature) }];
  }

  #cite(open: OpenBlock, wire: unknown): readonly CompletionEvent[] {
    const citation = readCitation(wire);
    return citation === null ? NONE : [{ type: "citation", choice: 0, part: this.#part(open), citation }];
  }
}

function parse(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return null;
  }
}
