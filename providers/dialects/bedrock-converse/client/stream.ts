// Reads a stream of the ConverseStream API, event by event, as an explicit state machine.
import { jsonToolName } from "../../anthropic-messages/answer.ts";
import type { CompletionEvent } from "../../completion.ts";
import type { Frame, StreamDecoder } from "../../dialect.ts";
import type { ProviderFailure } from "../../failure.ts";
import type { Usage } from "../../usage.ts";
import { finishReason, isServerTool, readCitation, redacted, signature, stopSequence } from "../answer.ts";
import { protocolFailure, readException } from "../error.ts";
import { exceptionPrefix } from "../eventstream.ts";
import { readUsage } from "../usage.ts";
import { asObject, asText, type JsonObject } from "../wire.ts";

const NONE: readonly CompletionEvent[] = [];

/** A content block that has begun and not stopped. `part` is null until the block says something. */
interface OpenBlock {
  readonly kind: "content" | "tool" | "json" | "server-tool";
  part: number | null;
  said: boolean;
}

/**
 * `metadata` with the usage comes after `messageStop`, so the finish waits for it (or for the end). Blocks of text and
 * reasoning may begin without `contentBlockStart`, and `messageStart` may be missing (recording
 * `amazon-bedrock-json-tool.1.chunks`).
 */
export class ConverseStreamDecoder implements StreamDecoder {
  #state: "reading" | "stopped" | "ended" | "failed" = "reading";
  #started = false;
  readonly #blocks = new Map<unknown, OpenBlock>();
  #parts = 0;
  #toolCalls = 0;
  #jsonTools = 0;
  #finish: CompletionEvent | null = null;
  usage: Usage | null = null;

  push(frame: Frame): readonly CompletionEvent[] {
    if (this.#state === "ended" || this.#state === "failed") return NONE;
    const event = parse(frame.data);
    if (frame.event?.startsWith(exceptionPrefix)) return this.#fail(readException(frame.event, event ?? frame.data));
    if (event === null) {
      return this.#fail(protocolFailure("The provider's stream has an event that is no JSON object."));
    }
    const events = this.#read(frame.event, event);
    if (this.#started) return events;
    this.#started = true;
    return [{ type: "start", id: "", model: "", createdS: null }, ...events];
  }

  end(): readonly CompletionEvent[] {
    if (this.#state === "reading") return this.#fail(protocolFailure("The provider's stream ended before its end."));
    if (this.#state !== "stopped") return NONE;
    this.#state = "ended";
    return this.#finish === null ? NONE : [this.#finish];
  }

  #read(name: string | null, event: JsonObject): readonly CompletionEvent[] {
    switch (name) {
      case "contentBlockStart":
        return this.#blockStart(event.contentBlockIndex, asObject(event.start) ?? {});
      case "contentBlockDelta":
        return this.#blockDelta(event.contentBlockIndex, asObject(event.delta) ?? {});
      case "contentBlockStop":
        return this.#blockStop(event.contentBlockIndex);
      case "messageStop":
        return this.#stop(event);
      case "metadata":
        return this.#metadata(event);
      default:
        return NONE;
    }
  }

  #blockStart(index: unknown, start: JsonObject): readonly CompletionEvent[] {
    const toolUse = asObject(start.toolUse);
    if (toolUse === null) {
      // A result of a server's own tool has a start of its own, and says nothing to the client.
      this.#open(index, asObject(start.toolResult) === null ? "content" : "server-tool");
      return NONE;
    }
    if (isServerTool(toolUse)) {
      this.#open(index, "server-tool");
      return NONE;
    }
    if (toolUse.name === jsonToolName) {
      this.#jsonTools += 1;
      this.#open(index, "json");
      return NONE;
    }
    this.#toolCalls += 1;
    const part = this.#part(this.#open(index, "tool"));
    const id = asText(toolUse.toolUseId) ?? "";
    return [{ type: "tool-call", choice: 0, part, id, name: asText(toolUse.name) ?? "" }];
  }

  #blockDelta(index: unknown, delta: JsonObject): readonly CompletionEvent[] {
    const open = this.#blocks.get(index) ?? this.#open(index, "content");
    if (open.kind === "server-tool") return NONE;
    const text = asText(delta.text);
    if (text !== null) return this.#say(open, "text", text);
    const input = asText(asObject(delta.toolUse)?.input);
    if (input !== null) return this.#input(open, input);
    const reasoning = asObject(delta.reasoningContent);
    if (reasoning !== null) return this.#reason(open, reasoning);
    const citation = asObject(delta.citation);
    if (citation === null) return NONE;
    return [{ type: "citation", choice: 0, part: this.#part(open), citation: readCitation(citation) }];
  }

  #reason(open: OpenBlock, reasoning: JsonObject): readonly CompletionEvent[] {
    const text = asText(reasoning.text);
    if (text !== null) return this.#say(open, "reasoning", text);
    const sign = asText(reasoning.signature) ?? "";
    if (sign !== "") {
      const where = { choice: 0, part: this.#part(open) };
      return [{ type: "reasoning-signature", ...where, signature: signature(sign) }];
    }
    const blob = asText(reasoning.redactedContent) ?? asText(reasoning.data) ?? "";
    if (blob === "") return NONE;
    return [{ type: "reasoning-encrypted", choice: 0, part: this.#part(open), encrypted: redacted(blob) }];
  }

  #input(open: OpenBlock, delta: string): readonly CompletionEvent[] {
    if (open.kind === "json") return this.#say(open, "text", delta);
    if (open.kind !== "tool" || delta === "") return NONE;
    open.said = true;
    return [{ type: "tool-arguments", choice: 0, part: this.#part(open), delta }];
  }

  #blockStop(index: unknown): readonly CompletionEvent[] {
    const open = this.#blocks.get(index);
    this.#blocks.delete(index);
    // A call without arguments has no delta, or an empty one.
    if (open === undefined || open.said || (open.kind !== "tool" && open.kind !== "json")) return NONE;
    return this.#input(open, "{}");
  }

  #stop(event: JsonObject): readonly CompletionEvent[] {
    if (this.#state !== "reading") return NONE;
    this.#state = "stopped";
    const raw = asText(event.stopReason);
    const sequence = stopSequence(event.additionalModelResponseFields);
    const onlyJsonTool = this.#jsonTools > 0 && this.#toolCalls === 0;
    this.#finish = {
      type: "finish",
      choice: 0,
      reason: finishReason(raw, { onlyJsonTool }),
      raw,
      ...(sequence !== null && { stopSequence: sequence }),
    };
    return NONE;
  }

  #metadata(event: JsonObject): readonly CompletionEvent[] {
    const wire = asObject(event.usage);
    this.usage = (wire === null ? null : readUsage(wire)) ?? this.usage;
    const counted: readonly CompletionEvent[] = this.usage === null ? NONE : [{ type: "usage", usage: this.usage }];
    return this.#state === "stopped" ? [...this.end(), ...counted] : counted;
  }

  #fail(failure: ProviderFailure): readonly CompletionEvent[] {
    this.#state = "failed";
    return [{ type: "error", failure }];
  }

  #open(index: unknown, kind: OpenBlock["kind"]): OpenBlock {
    const open: OpenBlock = { kind, part: null, said: false };
    this.#blocks.set(index, open);
    return open;
  }

  /** Parts are numbered when they first say something, so that blocks without words leave no gap. */
  #part(open: OpenBlock): number {
    open.part ??= this.#parts++;
    return open.part;
  }

  #say(open: OpenBlock, type: "text" | "reasoning", text: string): readonly CompletionEvent[] {
    if (text === "") return NONE;
    open.said = true;
    return [{ type, choice: 0, part: this.#part(open), text }];
  }
}

function parse(data: string): JsonObject | null {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return null;
  }
}
