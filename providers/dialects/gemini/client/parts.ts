// Reads one part of an answer: what it is in neutral terms, whether the answer is whole or comes in chunks.
import type { Part, PartialArg } from "@google/genai";
import type { Signature, Source } from "../../conversation.ts";
import { asObject, asString, type JsonObject, type Unread } from "../wire.ts";

export type WirePartialArg = Unread<PartialArg>;

/** A part of an answer. */
export type AnswerPart = { readonly signature: Signature | undefined } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  | {
      readonly kind: "call";
      readonly id: string | null;
      /** Null on the later pieces of a call whose arguments are streamed. */
      readonly name: string | null;
      readonly args: JsonObject | null;
      /** Pieces of streamed arguments (Vertex, `streamFunctionCallArguments`). */
      readonly partialArgs: unknown;
      readonly willContinue: boolean;
    }
  | { readonly kind: "image"; readonly source: Source }
  | { readonly kind: "audio"; readonly data: string }
);

/**
 * The part; null for kinds without a neutral form (`executableCode`, `codeExecutionResult`, `toolCall`, `toolResponse` of
 * tools that Google runs, which the encoder never asks for).
 */
export function readPart(part: Unread<Part>): AnswerPart | null {
  const value = asString(part.thoughtSignature);
  const signature: Signature | undefined = value === null ? undefined : { vendor: "google", value };
  const text = asString(part.text);
  if (text !== null) return { kind: part.thought === true ? "reasoning" : "text", text, signature };
  const call = asObject<NonNullable<Part["functionCall"]>>(part.functionCall);
  if (call !== null) {
    return {
      kind: "call",
      id: asString(call.id),
      name: asString(call.name),
      args: asObject(call.args),
      partialArgs: call.partialArgs,
      willContinue: call.willContinue === true,
      signature,
    };
  }
  const blob = asObject<NonNullable<Part["inlineData"]>>(part.inlineData);
  const data = asString(blob?.data);
  const mediaType = asString(blob?.mimeType);
  if (data === null || mediaType === null) return null;
  if (mediaType.startsWith("image/")) return { kind: "image", source: { kind: "base64", mediaType, data }, signature };
  return mediaType.startsWith("audio/") ? { kind: "audio", data, signature } : null;
}

/** Where an answer's calls get their ids, when Gemini gives none, as older models do not. */
export interface CallPlace {
  /** The response's id; null when it has none either. */
  readonly responseId: string | null;
  readonly choice: number;
  /** Which call of its choice, from 0. */
  readonly call: number;
}

/**
 * An id for a call without one. It is made of what the answer holds, so that the same answer always gives the same id, and it
 * means nothing: a later result finds its function's name through the call in the history. Without a response id the
 * function's name and arguments stand in for it; then equal calls of two answers share an id, and with it their name.
 */
export function mintCallId(place: CallPlace, name: string, args: string): string {
  const seed = place.responseId?.replace(/[^A-Za-z0-9_-]/g, "") || hash(`${name}(${args})`);
  return `call_${seed}_${place.choice === 0 ? "" : `${place.choice}_`}${place.call}`;
}

/** An id for a sound, by which a client may refer to it; Gemini gives none. */
export function mintAudioId(responseId: string | null, part: number): string {
  return `audio_${responseId ?? ""}_${part}`;
}

/** FNV-1a, 32 bits, in base 36. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(36);
}
