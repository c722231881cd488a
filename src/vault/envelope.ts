// Envelopes: a content under a data key of its own, and that key under a key-encryption key. Re-wrapping touches no content.
import { randomBytes } from "node:crypto";
import type { Envelope } from "../store/port-credentials.ts";
import { createSealer } from "./seal.ts";

/** A key-encryption key, and the name by which envelopes tell that they need it. */
export interface Kek {
  readonly id: string;
  readonly key: Uint8Array;
}

const contentPurpose = "turnpike/credential/1";
const dataKeyPurpose = "turnpike/data-key/1";

/**
 * Encrypts a content (AES-256-GCM) under a fresh random data key, which is wrapped by `kek`.
 * @param about what the content belongs to (a record and its version): it opens for that alone.
 */
export function sealEnvelope(content: Uint8Array, about: string, kek: Kek): Envelope {
  const dataKey = randomBytes(32);
  try {
    return {
      kekId: kek.id,
      wrappedKey: wrapping(kek).seal(dataKey, about),
      sealed: createSealer(dataKey, contentPurpose).seal(content, about),
    };
  } finally {
    dataKey.fill(0);
  }
}

/** @throws Error when it was changed, belongs to something else, or was wrapped by another key than `kek`. */
export function openEnvelope({ wrappedKey, sealed }: Envelope, about: string, kek: Kek): Uint8Array {
  const dataKey = wrapping(kek).open(wrappedKey, about);
  try {
    return createSealer(dataKey, contentPurpose).open(sealed, about);
  } finally {
    dataKey.fill(0);
  }
}

/** The same envelope's data key, wrapped by another key. @throws Error as `openEnvelope` does. */
export function rewrapped(
  { wrappedKey }: Envelope,
  about: string,
  { from, to }: { readonly from: Kek; readonly to: Kek },
): Pick<Envelope, "kekId" | "wrappedKey"> {
  const dataKey = wrapping(from).open(wrappedKey, about);
  try {
    return { kekId: to.id, wrappedKey: wrapping(to).seal(dataKey, about) };
  } finally {
    dataKey.fill(0);
  }
}

/** What a credential's version is sealed about. */
export function aboutVersion(credentialId: string, version: number): string {
  return `credential ${credentialId} version ${version}`;
}

function wrapping({ key }: Kek) {
  return createSealer(key, dataKeyPurpose);
}
