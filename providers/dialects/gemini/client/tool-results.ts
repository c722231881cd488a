// Turns what a tool gave back into a functionResponse, and what does not fit into one into parts of a user turn after it.
import type { Message, ToolResultPart } from "../../conversation.ts";
import { type JsonObject, parseObject, type WireFunctionResponse, type WirePart } from "../wire.ts";
import type { Generation } from "./generation.ts";
import { encodeSource } from "./media.ts";

export type ToolMessage = Extract<Message, { role: "tool" }>;

/** Media types that a functionResponse of Gemini 3 holds (ai.google.dev, "Function calling", "Multimodal function responses"). */
const INSIDE = new Set(["image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"]);

export interface ToolResult {
  readonly response: WireFunctionResponse;
  /** For a user turn after the function responses; empty when everything fitted. */
  readonly attachments: readonly WirePart[];
  /** Parts that can't be sent, by position, and why. */
  readonly refused: readonly { readonly position: number; readonly reason: string }[];
}

/**
 * One tool result. Gemini 3 takes pictures and files as bytes inside the functionResponse. Addresses go into a user turn after
 * it: the API accepts `fileData` inside, and then does not look at it (recording
 * `…-direct-uploaded_file-document-google_gemini3-.3`, whose model invents the file's contents). So do all attachments of
 * older models (recordings `…-google_2_5-…`).
 */
export function encodeToolResult(message: ToolMessage, name: string, generation: Generation): ToolResult {
  const inside: { inlineData: { mimeType: string; data: string } }[] = [];
  const attachments: WirePart[] = [];
  const refused: { position: number; reason: string }[] = [];
  for (const [position, part] of message.content.entries()) {
    if (part.type === "text") continue;
    const encoded = encodeAttachment(part);
    if ("reason" in encoded) refused.push({ position, reason: encoded.reason });
    else if (generation.version >= 3 && encoded.inlineData !== undefined && INSIDE.has(encoded.inlineData.mimeType)) {
      inside.push({ inlineData: encoded.inlineData });
    } else attachments.push(encoded);
  }
  if (attachments.length > 0)
    attachments.unshift({ text: `Attached to the result of ${name} (${message.toolCallId}):` });
  return {
    response: {
      id: message.toolCallId,
      name,
      response: responseObject(message),
      ...(inside.length === 0 ? {} : { parts: inside }),
    },
    attachments,
    refused,
  };
}

function encodeAttachment(part: Exclude<ToolResultPart, { type: "text" }>): WirePart | { readonly reason: string } {
  if (part.type === "image") return encodeSource(part.source, { fallback: "image/jpeg" });
  return encodeSource(part.source, { filename: part.filename, fallback: "application/pdf" });
}

/**
 * The `response` must be an object. The API reads `output` and `error` of it, or without these the whole object, as the
 * result (SDK, `FunctionResponse.response`): a JSON object is sent as it is, anything else under one of them.
 */
function responseObject(message: ToolMessage): JsonObject {
  const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const text = texts.join("\n");
  if (message.isError === true) return { error: text };
  if (text === "") return {};
  // An integer too long for a double would be changed by parsing (and by the API, whose `Struct` has doubles only).
  const object = /\d{16}/.test(text) ? null : parseObject(text);
  return object ?? { output: text };
}
