// How a key is recognised without being kept: a keyed digest. Whoever steals the database can't even confirm a guess.
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** HMAC-SHA-256 of a whole key under the installation's pepper, hex. */
export type Digest = (secret: string) => string;

/**
 * The digest of one installation. Its pepper is derived from the keyring's root (HKDF-SHA-256, RFC 5869), which no change of the
 * master key changes, and which itself meets no customer's text. A random key of 256 bits needs no slow hash: there is nothing to
 * guess.
 */
export function createDigest(root: Uint8Array): Digest {
  const pepper = new Uint8Array(hkdfSync("sha256", root, new Uint8Array(), "turnpike/key-digest/1", 32));
  return (secret) => createHmac("sha256", pepper).update(secret).digest("hex");
}

/** Compares two digests in a time that does not tell where they differ. */
export function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
