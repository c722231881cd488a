// Envelopes: how signatures and ciphertexts of any vendor travel in `encrypted_content`, which every client of this dialect
// gives back as it came.
import type { Signature, Vendor } from "../conversation.ts";
import { count, isObject, type Json, object, string, text } from "../json.ts";

/**
 * What an envelope holds. Without `of` it proves the reasoning of the item that carries it. With `of`, its item is no
 * reasoning but a note about another part of the answer, because this dialect has no place for a proof there:
 *
 * - `call`: the tool call `id`, which follows; `image`: the picture that follows (Gemini signs both).
 * - `text`, `reasoning`: the part of that kind before it. `back` counts the parts of that kind in between. A text that is
 *   `empty` has no item of its own.
 */
export interface Envelope {
  readonly of?: "call" | "text" | "image" | "reasoning";
  readonly id?: string;
  readonly back?: number;
  readonly empty?: true;
  readonly signature?: Signature;
  readonly encrypted?: Signature;
}

/** `tp1.` and the envelope as JSON in base64url, so that nobody takes it for a vendor's own ciphertext. */
const prefix = "tp1.";

const vendors: readonly Vendor[] = ["anthropic", "google", "openai", "xai", "unknown"];

export function sealEnvelope(envelope: Envelope): string {
  const ascii = JSON.stringify(envelope).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return prefix + btoa(ascii).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @returns null for anything that no Turnpike sealed. */
export function openEnvelope(content: string): Envelope | null {
  if (!content.startsWith(prefix)) return null;
  const base64 = content.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/");
  try {
    return readEnvelope(object(JSON.parse(atob(base64))) ?? {});
  } catch {
    // A client that shortens what it stores: the reasoning is then as if it were not proved.
    return {};
  }
}

function readEnvelope(sealed: Json): Envelope {
  const of = (["call", "text", "image", "reasoning"] as const).find((kind) => kind === sealed.of);
  const id = string(sealed.id);
  const back = count(sealed.back);
  const signature = readSignature(sealed.signature);
  const encrypted = readSignature(sealed.encrypted);
  return {
    ...(of === undefined ? {} : { of }),
    ...(id === null ? {} : { id }),
    ...(back === null ? {} : { back }),
    ...(sealed.empty === true ? { empty: true as const } : {}),
    ...(signature === null ? {} : { signature }),
    ...(encrypted === null ? {} : { encrypted }),
  };
}

function readSignature(value: unknown): Signature | null {
  if (!isObject(value)) return null;
  const vendor = vendors.find((name) => name === value.vendor);
  const signed = text(value.value);
  return vendor === undefined || signed === null ? null : { vendor, value: signed };
}
