// Envelopes: how signatures and ciphertexts of any vendor travel in `encrypted_content`, which every client of this dialect
// gives back as it came.
import type { Signature } from "../conversation.ts";
import { count, type Json, object, string } from "../json.ts";
import { readSignature, seal, unseal } from "../seal.ts";

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

export function sealEnvelope(envelope: Envelope): string {
  return prefix + seal(envelope).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @returns null for anything that no Turnpike sealed. What can't be read any more proves nothing. */
export function openEnvelope(content: string): Envelope | null {
  return content.startsWith(prefix) ? readEnvelope(object(unseal(content.slice(prefix.length))) ?? {}) : null;
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
