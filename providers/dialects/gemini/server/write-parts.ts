// Writes the parts of an answer. What Gemini's parts have no member for goes into their `thoughtSignature` (see envelope.ts).
import type { AssistantPart, OutputAudioPart, OutputImagePart, ToolCallPart } from "../../conversation.ts";
import { argumentsObject, argumentsText } from "../arguments.ts";
import { type Envelope, sealEnvelope } from "../envelope.ts";
import type { WirePart } from "../wire.ts";

/** Sound as Gemini sends it: 16-bit PCM at 24 kHz, the one form that is asked of other vendors (`pcm16`). */
const SOUND = "audio/L16;codec=pcm;rate=24000";

/** The parts of an answer. What says nothing is left out. */
export function writeParts(parts: readonly AssistantPart[]): readonly WirePart[] {
  let afterReasoning = false;
  return parts.flatMap((part) => {
    const written = isWords(part) ? writeWords(part, { sent: 0, afterReasoning }) : writePart(part);
    if (written.length > 0) afterReasoning = isReasoning(part);
    return written;
  });
}

function writePart(part: Exclude<AssistantPart, Words>): readonly WirePart[] {
  switch (part.type) {
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

function isWords(part: AssistantPart): part is Words {
  return part.type === "text" || part.type === "reasoning" || part.type === "refusal";
}

/** Reasoning without a proof: to a reader, more of it would be a piece of the same. */
export function isReasoning(part: AssistantPart): boolean {
  return part.type === "reasoning" && part.signature === undefined && part.encrypted === undefined;
}

export interface Seam {
  /** How much of the part was sent already, UTF-16 units. */
  readonly sent: number;
  /** Whether other reasoning without a proof stands right before the part. */
  readonly afterReasoning: boolean;
}

/** Words, or the last piece of them. */
export function writeWords(part: Words, { sent, afterReasoning }: Seam): readonly WirePart[] {
  const proofs: Envelope = {
    ...("signature" in part && part.signature !== undefined && { signature: part.signature }),
    ...("encrypted" in part && part.encrypted !== undefined && { encrypted: part.encrypted }),
    ...(part.type === "refusal" && { refusal: true }),
  };
  const open = Object.keys(proofs).length === 0;
  if (open && part.text === "") return [];
  const begins = sent === 0 && afterReasoning && isReasoning(part);
  const thoughtSignature = proof({ ...proofs, ...(open ? begins && { join: 0 } : sent > 0 && { join: sent }) });
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
  return Object.keys(envelope).length === 0 ? null : sealEnvelope(envelope);
}
