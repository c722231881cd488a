// Envelopes: how other vendors' signatures and ciphertexts travel in `signature` and `data`, which every client of this
// dialect gives back as they came.
import type { Signature } from "../conversation.ts";
import { seal, unseal, vendorNamed } from "../seal.ts";

/**
 * What an envelope holds. Without `of` it proves the thinking of the block that carries it. With `of`, its block is no
 * thinking but a note about another part of the turn, because this dialect has no place for a proof there:
 *
 * - `call`: the tool call of that `id`. The note stands before it.
 * - `text`, `reasoning`: the part of that kind before the note, with `back` others of its kind in between.
 * - `empty-text`: a text without words, which has no block of its own.
 */
export interface Envelope {
  readonly of?:
    | { readonly kind: "call"; readonly id: string }
    | { readonly kind: "text" | "reasoning"; readonly back: number }
    | { readonly kind: "empty-text" };
  readonly signature?: Signature;
  readonly encrypted?: Signature;
}

/**
 * Dots separate fields and tildes what is in them: `tp1.signature~google~Cq8B…`, `tp1.call~call_1.signature~google~Cq8B…`,
 * `tp1` for thinking that nobody signed. No vendor's own tokens, all of them base64, look like it.
 */
const prefix = "tp1";

export function sealEnvelope({ of, signature, encrypted }: Envelope): string {
  const fields: string[] = [prefix];
  if (of?.kind === "call") fields.push(`call~${sealToken(of.id)}`);
  else if (of?.kind === "empty-text") fields.push(of.kind);
  else if (of !== undefined) fields.push(`${of.kind}~${of.back}`);
  if (signature !== undefined) fields.push(`signature~${signature.vendor}~${sealToken(signature.value)}`);
  if (encrypted !== undefined) fields.push(`encrypted~${encrypted.vendor}~${sealToken(encrypted.value)}`);
  return fields.join(".");
}

/** Whether Turnpike wrote a `signature`, `data` or `encrypted_index`. */
export function isSealed(value: unknown): boolean {
  return typeof value === "string" && (value === prefix || value.startsWith(`${prefix}.`));
}

/** Null for what no Turnpike sealed. A field that can't be read (a client may shorten what it stores) proves nothing. */
export function openEnvelope(value: string): Envelope | null {
  if (!isSealed(value)) return null;
  const opened: { -readonly [member in keyof Envelope]: Envelope[member] } = {};
  for (const field of value.split(".").slice(1)) {
    const [name = "", first = "", second = ""] = field.split("~");
    if (name === "call") opened.of = { kind: name, id: openToken(first) ?? "" };
    else if (name === "empty-text") opened.of = { kind: name };
    else if (name === "text" || name === "reasoning") opened.of = { kind: name, back: Number(first) };
    else if (name === "signature" || name === "encrypted") {
      const proof = readProof(first, second);
      if (proof !== null) opened[name] = proof;
    }
  }
  return opened;
}

function readProof(vendorName: string, sealed: string): Signature | null {
  const vendor = vendorNamed(vendorName);
  const value = openToken(sealed);
  return vendor === null || value === null ? null : { vendor, value };
}

/** Base64 of either alphabet, ids and the like go as they are; anything else as `!` and base64. */
function sealToken(text: string): string {
  return /^[A-Za-z0-9+/=_-]*$/.test(text) ? text : `!${seal(text)}`;
}

function openToken(sealed: string): string | null {
  if (!sealed.startsWith("!")) return sealed;
  const text = unseal(sealed.slice(1));
  return typeof text === "string" ? text : null;
}
