// Blocks: the parts of an answer as content blocks, which a client gives back unchanged.
import type {
  AssistantPart,
  Citation,
  ReasoningPart,
  Signature,
  Source,
  TextPart,
  ToolCallPart,
} from "../../conversation.ts";
import { type Envelope, isSealed, sealEnvelope } from "../envelope.ts";
import { asObject, asText } from "../wire.ts";
import { writeInput } from "./input.ts";

export type AnswerBlock =
  | { readonly type: "text"; readonly text: string; readonly citations: readonly unknown[] | null }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

/**
 * The blocks of an answer, in the order of its parts. A part of another vendor that is signed, and has no place for that in
 * its own block, is followed by a note with the signature; a tool call comes after its note (see envelope.ts), because some
 * clients drop thinking at the end of a turn.
 */
export function writeBlocks(parts: readonly AssistantPart[]): AnswerBlock[] {
  return parts.flatMap(writePart);
}

function writePart(part: AssistantPart): readonly AnswerBlock[] {
  switch (part.type) {
    case "text":
      return writeText(part);
    case "refusal":
      return part.text === "" ? [] : [textBlock(part.text)];
    case "reasoning": {
      const block = reasoningBlock(part);
      return block === null ? [] : [block];
    }
    case "tool-call":
      return writeCall(part);
    case "output-image":
      return [textBlock(imageText(part.source))];
    case "output-audio":
      return [textBlock(part.transcript === "" ? soundText : part.transcript)];
    case "audio-reference":
      return [];
  }
}

function writeText({ text, citations = [], signature }: TextPart): AnswerBlock[] {
  const cited = citations.flatMap((citation) => writeCitation(citation) ?? []);
  const blocks = text === "" && cited.length === 0 ? [] : [textBlock(text, cited)];
  if (signature === undefined) return blocks;
  return [...blocks, blocks.length === 0 ? emptyTextNote(signature) : textNote(signature, 0)];
}

export function textBlock(text: string, citations: readonly unknown[] = []): AnswerBlock {
  return { type: "text", text, citations: citations.length === 0 ? null : citations };
}

/** Null for reasoning that says and proves nothing. */
export function reasoningBlock(part: ReasoningPart): AnswerBlock | null {
  const { text, signature, encrypted } = part;
  if (text === "" && signature === undefined) {
    if (encrypted === undefined) return null;
    const own = encrypted.vendor === "anthropic" && !isSealed(encrypted.value);
    return { type: "redacted_thinking", data: own ? encrypted.value : sealEnvelope({ encrypted }) };
  }
  return { type: "thinking", thinking: text, signature: thinkingSignature(part) };
}

/** Anthropic's signatures as they are; those of others, and the want of one, in an envelope. */
export function thinkingSignature({ signature, encrypted }: Omit<ReasoningPart, "text" | "type">): string {
  const own = signature?.vendor === "anthropic" && encrypted === undefined && !isSealed(signature.value);
  if (own && signature.value !== "") return signature.value;
  return sealEnvelope({ ...(signature !== undefined && { signature }), ...(encrypted !== undefined && { encrypted }) });
}

function writeCall({ id, name, arguments: args, signature }: ToolCallPart): AnswerBlock[] {
  const call: AnswerBlock = { type: "tool_use", id, name, input: writeInput(args) };
  return signature === undefined ? [call] : [callNote(id, signature), call];
}

export function callNote(id: string, signature: Signature): AnswerBlock {
  return note({ of: { kind: "call", id }, signature });
}

/** @param back How many texts stand between the signed one and the note. */
export function textNote(signature: Signature, back: number): AnswerBlock {
  return note({ of: { kind: "text", back }, signature });
}

export function emptyTextNote(signature: Signature): AnswerBlock {
  return note({ of: { kind: "empty-text" }, signature });
}

/** For a proof that a stream brings when the answer has gone on. */
export function reasoningNote(proof: Omit<Envelope, "of">, back: number): AnswerBlock {
  return note({ of: { kind: "reasoning", back }, ...proof });
}

function note(envelope: Envelope): AnswerBlock {
  return { type: "redacted_thinking", data: sealEnvelope(envelope) };
}

const ownCitations: readonly unknown[] = [
  "char_location",
  "page_location",
  "content_block_location",
  "web_search_result_location",
  "search_result_location",
];

/**
 * Anthropic's own citation as it was; of other vendors those of web pages, as a web search of Anthropic would cite them.
 * Null for the rest: their places in documents have no form here.
 */
export function writeCitation({ raw, url, title, quote }: Citation): unknown {
  if (ownCitations.includes(asText(asObject(raw)?.type))) return raw;
  if (url === undefined) return null;
  return {
    type: "web_search_result_location",
    url,
    title: title ?? null,
    cited_text: quote ?? "",
    encrypted_index: sealEnvelope({}),
  };
}

/** What stands for sound without words. */
export const soundText = "[Sound that the model made: the Messages API has no form for it.]";

/** What stands for a picture that the model made. */
export function imageText(source: Source): string {
  switch (source.kind) {
    case "url":
      return `![image](${source.url})`;
    case "base64":
      return `[A picture that the model made (${source.mediaType}): the Messages API has no form for it.]`;
    case "file-id":
      return `[A picture that the model made (file ${source.id}): the Messages API has no form for it.]`;
  }
}
