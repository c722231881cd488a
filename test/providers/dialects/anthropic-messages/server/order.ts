// The order of a message stream's events, as a state machine that was written apart from the encoder.
import { framesOf } from "../support/events.ts";

export interface StreamEvent {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly content: readonly unknown[]; readonly usage: Readonly<Record<string, unknown>> };
  readonly content_block?: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly delta?: Readonly<Record<string, unknown>>;
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** Which deltas a block may have (SDK `RawContentBlockDelta`). */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
  tool_use: ["input_json_delta"],
};

/**
 * The events of a whole stream: `message_start`, blocks one after the other with numbers from 0, `message_delta` with a stop
 * reason and usage, `message_stop`; `ping` anywhere.
 *
 * @throws where the stream breaks the order (documentation, "Streaming messages", event flow).
 */
export function checkOrder(text: string): readonly StreamEvent[] {
  const frames = framesOf(text);
  const events = frames.map(({ data }) => JSON.parse(data) as StreamEvent);
  let state: "new" | "between" | "in a block" | "done" | "stopped" = "new";
  let blocks = 0;
  let block = "";
  let signed = false;
  for (const [at, event] of events.entries()) {
    const bad = (why: string): never => {
      throw new Error(`event ${at} (${event.type}) ${why}, in the state "${state}" after ${blocks} blocks:\n${text}`);
    };
    if (frames[at]?.event !== event.type) bad(`is named ${frames[at]?.event}`);
    switch (event.type) {
      case "ping":
        break;
      case "message_start":
        if (state !== "new") bad("comes late");
        if (event.message?.content.length !== 0) bad("has content");
        if (typeof event.message?.usage.input_tokens !== "number") bad("has no usage");
        state = "between";
        break;
      case "content_block_start":
        if (state !== "between") bad("is out of place");
        if (event.index !== blocks) bad(`has the index ${event.index}`);
        block = event.content_block?.type ?? "";
        if (deltasOf[block] === undefined) bad(`is a ${block}`);
        signed = false;
        state = "in a block";
        break;
      case "content_block_delta": {
        if (state !== "in a block") bad("is out of place");
        if (event.index !== blocks) bad(`has the index ${event.index}`);
        const type = String(event.delta?.type);
        if (!deltasOf[block]?.includes(type)) bad(`is a ${type} in a ${block}`);
        if (signed) bad("follows the signature");
        signed = type === "signature_delta";
        break;
      }
      case "content_block_stop":
        if (state !== "in a block" || event.index !== blocks) bad("is out of place");
        if (block === "thinking" && !signed) bad("ends thinking without a signature");
        blocks += 1;
        state = "between";
        break;
      case "message_delta":
        if (state !== "between") bad("is out of place");
        if (typeof event.delta?.stop_reason !== "string") bad("has no stop reason");
        if (typeof event.usage?.output_tokens !== "number") bad("has no usage");
        state = "done";
        break;
      case "message_stop":
        if (state !== "done") bad("is out of place");
        state = "stopped";
        break;
      default:
        bad("is unknown");
    }
  }
  if (state !== "stopped") throw new Error(`the stream ends in the state "${state}":\n${text}`);
  return events;
}
