// Seals: contents that lie in the database encrypted, so that whoever steals it without the master key can't read them.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/**
 * Encrypts contents of one purpose (AES-256-GCM). Each has a key of its own, derived from the master key and a random salt
 * (HKDF-SHA-256, RFC 5869), so that no key ever meets two contents and none has a nonce to repeat.
 */
export interface Sealer {
  /** @param about what the content belongs to; it is opened for that alone, so that contents can't be exchanged unnoticed. */
  seal(content: Uint8Array, about: string): Uint8Array;
  /** @throws Error when the content was changed, belongs to something else, or was sealed under another master key. */
  open(sealed: Uint8Array, about: string): Uint8Array;
}

/** A sealed content is this byte, the salt, the tag, and the ciphertext. */
const version = 1;
const saltBytes = 32;
const tagBytes = 16;
const headBytes = 1 + saltBytes + tagBytes;
/** The key is used once. */
const nonce = new Uint8Array(12);

/** @param purpose sets apart what must never be opened for one another: `turnpike/stored-responses/1`. */
export function createSealer(masterKey: Uint8Array, purpose: string): Sealer {
  const keyOf = (salt: Uint8Array): Uint8Array => new Uint8Array(hkdfSync("sha256", masterKey, salt, purpose, 32));
  return {
    seal(content, about) {
      const salt = randomBytes(saltBytes);
      const cipher = createCipheriv("aes-256-gcm", keyOf(salt), nonce);
      cipher.setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), salt, cipher.getAuthTag(), text]);
    },
    open(sealed, about) {
      if (sealed[0] !== version || sealed.length < headBytes) throw new Error("not a sealed content of this version");
      const salt = sealed.subarray(1, 1 + saltBytes);
      const decipher = createDecipheriv("aes-256-gcm", keyOf(salt), nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(about));
      decipher.setAuthTag(sealed.subarray(1 + saltBytes, headBytes));
      return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]);
    },
  };
}
