// Assistant messages: the parts of an answer into the members of an OpenAI message, and back in the same order.
import type { AssistantPart, ReasoningPart, Signature, Source, ToolCallPart } from "../conversation.ts";
import { type Json, list, object, string, text } from "../json.ts";
import { sourceOfUrl, urlOfSource } from "../media.ts";
import { writeAnnotation } from "./citations.ts";
import { readLayout, type Slot, writeLayout } from "./layout.ts";
import {
  callSignatureDetail,
  type Details,
  detailsOf,
  layoutDetail,
  type PartSignature,
  partSignatureDetail,
  readDetails,
} from "./reasoning.ts";
import type { Annotation, ExtraContent, OutputImage, ReasoningDetail, WireMessage, WireToolCall } from "./wire.ts";

/** Whether a part has anything to carry. Empty ones are left out, so that positions mean the same to both sides. */
export function carries(part: AssistantPart): boolean {
  switch (part.type) {
    case "text":
      return part.text !== "" || part.signature !== undefined;
    case "refusal":
      return part.text !== "";
    case "reasoning":
      return part.text !== "" || part.signature !== undefined || part.encrypted !== undefined;
    case "output-image":
      return urlOfSource(part.source) !== null;
    default:
      return true;
  }
}

/** The slot of a part in a layout; null for reasoning, whose place its own `index` tells. */
export function slotOf(part: AssistantPart): Slot | null {
  switch (part.type) {
    case "text":
    case "refusal":
      return { kind: part.type, length: part.text.length };
    case "tool-call":
      return { kind: "call" };
    case "output-image":
      return { kind: "image" };
    case "audio-reference":
    case "output-audio":
      return { kind: "audio" };
    case "reasoning":
      return null;
  }
}

export function extraContent(signature: Signature | undefined): { extra_content?: ExtraContent } {
  return signature?.vendor === "google" ? { extra_content: { google: { thought_signature: signature.value } } } : {};
}

/** Parts of an answer as the members of its message. */
export function writeAssistant(all: readonly AssistantPart[]): WireMessage {
  const parts = all.filter(carries);
  const slots = parts.map(slotOf).filter((slot) => slot !== null);
  const details = writeDetails(parts, slots);
  const calls = parts.filter((part) => part.type === "tool-call").map(writeCall);
  const images = parts.filter((part) => part.type === "output-image").flatMap((part) => writeImage(part.source));
  const audio = parts.find((part) => part.type === "output-audio");
  const content = joined(parts, "text");
  const refusal = joined(parts, "refusal");
  const reasoning = joined(parts, "reasoning");
  const annotations = writeAnnotations(parts);
  const silent = calls.length === 0 && images.length === 0 && audio === undefined && refusal === null;
  return {
    role: "assistant",
    content: content ?? (silent ? "" : null),
    refusal,
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(audio === undefined
      ? {}
      : {
          audio: {
            id: audio.id,
            data: audio.data,
            transcript: audio.transcript,
            expires_at: audio.expiresAtS ?? 0,
          },
        }),
    ...(images.length === 0 ? {} : { images }),
  };
}

/** The `reasoning_details` of an answer's parts, which must all carry something. */
function writeDetails(parts: readonly AssistantPart[], slots: readonly Slot[]): ReasoningDetail[] {
  const details = parts.flatMap((part, index): ReasoningDetail[] => {
    if (part.type === "reasoning") return detailsOf(index, part);
    if (part.type === "text" && part.signature !== undefined) {
      return [partSignatureDetail(index, "text", part.signature)];
    }
    if (part.type === "output-image" && part.signature !== undefined) {
      return [partSignatureDetail(index, "image", part.signature)];
    }
    if (part.type === "tool-call" && part.signature !== undefined && part.signature.vendor !== "google") {
      return [callSignatureDetail(index, part.id, part.signature)];
    }
    return [];
  });
  const layout = writeLayout(slots);
  return layout === null ? details : [...details, layoutDetail(parts.length, layout)];
}

export function writeCall(part: ToolCallPart): WireToolCall {
  return {
    id: part.id,
    type: "function",
    function: { name: part.name, arguments: part.arguments },
    ...extraContent(part.signature),
  };
}

export function writeImage(source: Source): OutputImage[] {
  const url = urlOfSource(source);
  return url === null ? [] : [{ type: "image_url", image_url: { url } }];
}

function joined(parts: readonly AssistantPart[], type: "text" | "refusal" | "reasoning"): string | null {
  let all: string | null = null;
  for (const part of parts)
    if (part.type === type && (part.text !== "" || type === "text")) all = (all ?? "") + part.text;
  return all;
}

function writeAnnotations(parts: readonly AssistantPart[]): Annotation[] {
  const annotations: Annotation[] = [];
  let start = 0;
  for (const part of parts) {
    if (part.type !== "text") continue;
    const span = { start, end: start + part.text.length };
    start = span.end;
    for (const citation of part.citations ?? []) {
      const annotation = writeAnnotation(citation, span);
      if (annotation !== null) annotations.push(annotation);
    }
  }
  return annotations;
}

/** The members of a message, each read, their order not yet known. */
export interface Pieces {
  /** Text, refusals and reasoning in the order of `content`. */
  readonly content: readonly AssistantPart[];
  readonly calls: readonly ToolCallPart[];
  readonly audio: readonly AssistantPart[];
  readonly images: readonly AssistantPart[];
}

/**
 * Puts the parts of a message into the order in which the model made them: reasoning at its own index, the other parts
 * around it as the layout says, or in the usual order.
 * @param message Its `reasoning_details`, `reasoning_content` and `reasoning` are read here.
 */
export function assembleParts(pieces: Pieces, message: Json): AssistantPart[] {
  const details = readDetails(list(message.reasoning_details), new Set(pieces.calls.map((call) => call.id)));
  const calls = pieces.calls.map((call) => {
    const signature = call.signature ?? details.callSignatures.get(call.id);
    return signature === undefined ? call : { ...call, signature };
  });
  const others = arranged({ ...pieces, calls }, details) ?? usual({ ...pieces, calls }, details);
  const parts = interleaved(withPlainText(details.reasoning, message), others);
  for (const signature of details.partSignatures) sign(parts, signature);
  return parts;
}

/** The parts as the layout says; null when there is none, or the client has changed the message since. */
function arranged(pieces: Pieces, details: Details): AssistantPart[] | null {
  const slots = details.layout === null ? null : readLayout(details.layout);
  if (slots === null) return null;
  let words = pieces.content.map((part) => (part.type === "text" ? part.text : "")).join("");
  let refused = pieces.content.map((part) => (part.type === "refusal" ? part.text : "")).join("");
  const rest = { call: [...pieces.calls], audio: [...pieces.audio], image: [...pieces.images] };
  const parts: AssistantPart[] = [];
  for (const slot of slots) {
    if (slot.kind === "text") {
      if (slot.length > words.length) return null;
      parts.push({ type: "text", text: words.slice(0, slot.length) });
      words = words.slice(slot.length);
    } else if (slot.kind === "refusal") {
      if (slot.length > refused.length) return null;
      parts.push({ type: "refusal", text: refused.slice(0, slot.length) });
      refused = refused.slice(slot.length);
    } else {
      const next = rest[slot.kind].shift();
      if (next === undefined) return null;
      parts.push(next);
    }
  }
  const spent = rest.call.length + rest.audio.length + rest.image.length + words.length + refused.length === 0;
  return spent ? parts : null;
}

function usual(pieces: Pieces, details: Details): AssistantPart[] {
  const content = [...pieces.content];
  // A signed text may be empty: Gemini ends an answer so.
  const signed = details.partSignatures.some((signature) => signature.of === "text");
  if (signed && !content.some((part) => part.type === "text")) {
    content.unshift({ type: "text", text: "" });
  }
  return [...content, ...pieces.calls, ...pieces.audio, ...pieces.images];
}

/** Reasoning that came as a plain string, where the details hold none of its text. */
function withPlainText(reasoning: Details["reasoning"], message: Json): Details["reasoning"] {
  const plain = text(message.reasoning_content) ?? text(message.reasoning);
  if (plain === null || reasoning.some(({ part }) => part.text !== "")) return reasoning;
  const [first, ...rest] = reasoning;
  const part: ReasoningPart = { type: "reasoning", ...first?.part, text: plain };
  return [{ index: first?.index ?? 0, part }, ...rest];
}

function interleaved(reasoning: Details["reasoning"], others: readonly AssistantPart[]): AssistantPart[] {
  const parts: AssistantPart[] = [];
  let next = 0;
  for (const other of others) {
    for (let entry = reasoning[next]; entry !== undefined && entry.index <= parts.length; entry = reasoning[++next]) {
      parts.push(entry.part);
    }
    parts.push(other);
  }
  return [...parts, ...reasoning.slice(next).map((entry) => entry.part)];
}

/** Gives the part its signature; the last of its kind takes it when the client moved things about. */
function sign(parts: AssistantPart[], { of, index, signature }: PartSignature): void {
  const type = of === "text" ? "text" : "output-image";
  const at = parts[index]?.type === type ? index : parts.findLastIndex((part) => part.type === type);
  const part = parts[at];
  if (part?.type === "text" || part?.type === "output-image") parts[at] = { ...part, signature };
}

/** The vendor's signature in a tool call's or a message's `extra_content` (Gemini API, Vertex). */
export function readExtraContent(value: unknown): Signature | null {
  const extra = object(value);
  const holder = object(extra?.google) ?? object(extra?.vertex);
  const signature = string(holder?.thought_signature);
  return signature === null || signature === "" ? null : { vendor: "google", value: signature };
}

/** One of a message's `images`. */
export function readImage(value: unknown): AssistantPart[] {
  const url = text(object(object(value)?.image_url)?.url);
  return url === null ? [] : [{ type: "output-image", source: sourceOfUrl(url) }];
}
