// Reads Converse's answers in the plainest way, to compare with what the dialect makes of them.
import type { Recording } from "../../../../support/recordings.ts";
import { bodyOf } from "./messages.ts";

// biome-ignore lint/suspicious/noExplicitAny: untyped on purpose, to share no idea of the wire with the code under test.
export type Wire = Record<string, any>;

/** What an answer says, in few words: independent of the decoder. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly signatures: readonly string[];
  readonly redacted: readonly string[];
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
}

export function readBlocks(blocks: readonly Wire[]): Said {
  const own = blocks.filter(({ toolUse }) => toolUse?.type !== "server_tool_use");
  return {
    text: own.map(({ text }) => text ?? "").join(""),
    reasoning: own.map(({ reasoningContent }) => reasoningContent?.reasoningText?.text ?? "").join(""),
    signatures: own.flatMap(({ reasoningContent }) => reasoningContent?.reasoningText?.signature ?? []),
    redacted: own.flatMap(({ reasoningContent }) =>
      reasoningContent?.redactedContent ? [Buffer.from(reasoningContent.redactedContent, "base64").toString()] : [],
    ),
    calls: own.flatMap(({ toolUse }) =>
      toolUse ? [{ id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input ?? {} }] : [],
    ),
  };
}

/** Words for `stopReason` that no dialect owns. */
export const finishes: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  content_filtered: "content-filter",
  guardrail_intervened: "content-filter",
};

/** The blocks that a stream's events make, put together with nothing of the decoder. */
export function readStream(recording: Recording): {
  blocks: readonly Wire[];
  stop: Wire | undefined;
  metadata: Wire | undefined;
} {
  const blocks = new Map<number, Wire>();
  let stop: Wire | undefined;
  let metadata: Wire | undefined;
  for (const { event, data } of messagesOf(bodyOf(recording))) {
    const payload = JSON.parse(data) as Wire;
    const index = payload.contentBlockIndex as number;
    const block = blocks.get(index) ?? {};
    if (event === "contentBlockStart") blocks.set(index, { toolUse: { ...payload.start.toolUse, input: "" } });
    if (event === "messageStop") stop = payload;
    if (event === "metadata") metadata = payload;
    if (event !== "contentBlockDelta") continue;
    const { text, toolUse, reasoningContent } = payload.delta as Wire;
    if (text !== undefined) block.text = (block.text ?? "") + text;
    if (toolUse !== undefined) block.toolUse.input += toolUse.input;
    if (reasoningContent !== undefined) {
      const shown = block.reasoningContent?.reasoningText ?? { text: "" };
      if (reasoningContent.text !== undefined) shown.text += reasoningContent.text;
      if (reasoningContent.signature !== undefined) shown.signature = reasoningContent.signature;
      block.reasoningContent = reasoningContent.redactedContent ? reasoningContent : { reasoningText: shown };
    }
    blocks.set(index, block);
  }
  const made = [...blocks.values()].map((block) =>
    block.toolUse ? { toolUse: { ...block.toolUse, input: JSON.parse(block.toolUse.input || "{}") } } : block,
  );
  return { blocks: made, stop, metadata };
}

/** The messages of an event stream, taken apart with nothing of the framer and checked for nothing (AWS, "Event stream encoding"). */
function messagesOf(body: Buffer): readonly { readonly event: string; readonly data: string }[] {
  const found: { event: string; data: string }[] = [];
  for (let at = 0; at < body.length; at += body.readUInt32BE(at)) {
    const headersEnd = at + 12 + body.readUInt32BE(at + 4);
    const headers = body.toString("latin1", at + 12, headersEnd);
    // After the name stand the type of the value (7, a string) and two bytes of its length.
    const named = headers.indexOf(":event-type") + ":event-type".length + 3;
    const event = headers.slice(named, named + headers.charCodeAt(named - 1));
    found.push({ event, data: body.toString("utf8", headersEnd, at + body.readUInt32BE(at) - 4) });
  }
  return found;
}
