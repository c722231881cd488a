// Sealing: how envelopes, in which signatures and ciphertexts travel through fields of another dialect, are written and read.
import type { Signature, Vendor } from "./conversation.ts";
import { object, text } from "./json.ts";

const vendors: readonly Vendor[] = ["anthropic", "google", "openai", "xai", "unknown"];

export function vendorNamed(name: unknown): Vendor | null {
  return vendors.find((vendor) => vendor === name) ?? null;
}

/** JSON in ASCII, as base64: it survives whatever a client does to text. */
export function seal(value: unknown): string {
  const ascii = JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return btoa(ascii);
}

/** What was sealed, from base64 of either alphabet; null for what can't be read (a client may shorten what it stores). */
export function unseal(base64: string): unknown {
  try {
    return JSON.parse(atob(base64.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
}

/** A proof in an opened envelope; null when there is none, or none that proves anything. */
export function readSignature(value: unknown): Signature | null {
  const signature = object(value);
  const vendor = vendorNamed(signature?.vendor);
  const signed = text(signature?.value);
  return vendor === null || signed === null ? null : { vendor, value: signed };
}
