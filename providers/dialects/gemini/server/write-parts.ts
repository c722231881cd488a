// Writes the parts of an answer. What Gemini's parts have no member for goes into their `thoughtSignature` (see envelope.ts).
import type { AssistantPart, OutputAudioPart, OutputImagePart, ToolCallPart } from "../../conversation.ts";
import { argumentsObject, argumentsText } from "../arguments.ts";
import { type Envelope, sealEnvelope } from "../envelope.ts";
import type { WirePart } from "../wire.ts";

/** Sound as Gemini sends it: 16-bit PCM at 24 kHz, the one form that is asked of other vendors (`pcm16`). */
const SOUND = "audio/L16;codec=pcm;rate=24000";

/** A part of an answer; none for what says nothing. */
export function writePart(part: AssistantPart): readonly WirePart[] {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return writeWords(part, 0);
    case "tool-call":
      return [writeCall(part)];
    case "output-image":
      return [writeImage(part)];
    case "output-audio":
      return [writeSound(part)];
    case "audio-reference":
      return [];
  }
}

export type Words = Extract<AssistantPart, { type: "text" | "reasoning" | "refusal" }>;

/** @param join How much of the text before it (UTF-16 units, already sent) belongs to the part. */
export function writeWords(part: Words, join: number): readonly WirePart[] {
  const thoughtSignature = proof({
    ...("signature" in part && part.signature !== undefined && { signature: part.signature }),
    ...("encrypted" in part && part.encrypted !== undefined && { encrypted: part.encrypted }),
    ...(part.type === "refusal" && { refusal: true }),
    ...(join > 0 && { join }),
  });
  if (part.text === "" && thoughtSignature === null) return [];
  return [
    {
      text: part.text,
      ...(part.type === "reasoning" && { thought: true }),
      ...(thoughtSignature !== null && { thoughtSignature }),
    },
  ];
}

export function writeCall({ id, name, arguments: text, signature }: ToolCallPart): WirePart {
  const args = argumentsObject(text);
  const exact = text === "" || argumentsText(args) === text;
  const thoughtSignature = proof({
    ...(signature !== undefined && { signature }),
    ...(!exact && { arguments: text }),
  });
  return { functionCall: { id, name, args }, ...(thoughtSignature !== null && { thoughtSignature }) };
}

export function writeImage({ source, signature }: Omit<OutputImagePart, "type">): WirePart {
  const thoughtSignature = proof({ ...(signature !== undefined && { signature }) });
  const signed = thoughtSignature !== null && { thoughtSignature };
  switch (source.kind) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data }, ...signed };
    case "url":
      return {
        fileData: { fileUri: source.url, ...(source.mediaType !== null && { mimeType: source.mediaType }) },
        ...signed,
      };
    case "file-id":
      return { fileData: { fileUri: source.id }, ...signed };
  }
}

export function writeSound({ id, data, transcript, expiresAtS }: Omit<OutputAudioPart, "type">): WirePart {
  const thoughtSignature = sealEnvelope({ audio: { id, transcript, expiresAtS } });
  return { inlineData: { mimeType: SOUND, data }, thoughtSignature };
}

/** Google's own signature goes back as it came; everything else in an envelope. Null when there is nothing to tell. */
function proof(envelope: Envelope): string | null {
  const { signature, encrypted, refusal, arguments: args } = envelope;
  const google =
    signature?.vendor === "google" && encrypted === undefined && refusal === undefined && args === undefined;
  if (google) return signature.value;
  const empty = signature === undefined && encrypted === undefined && refusal === undefined && args === undefined;
  return empty ? null : sealEnvelope(envelope);
}
