// Wrappers: what the installation's own keys are encrypted by when they lie in the database: a master key, or a key of a KMS.
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { createSealer } from "./seal.ts";

export interface Wrapper {
  /** Says which key it is without telling of it; it stands beside what was wrapped. */
  readonly id: string;
  /** For people: where the key is. */
  readonly place: string;
  /** @param about which key is wrapped: it unwraps as that alone. Rejects when a KMS does not do it. */
  wrap(key: Uint8Array, about: string): Promise<Uint8Array>;
  /** Rejects when it was changed, is another key's, or a KMS does not do it. */
  unwrap(wrapped: Uint8Array, about: string): Promise<Uint8Array>;
}

/** A key that never leaves its service, which encrypts and decrypts a few bytes with it. */
export interface Kms {
  /** As TURNPIKE_KMS names it. */
  readonly name: string;
  /** @param about is bound to the ciphertext where the service can. Rejects with words for the operator, without a secret. */
  encrypt(plain: Uint8Array, about: string): Promise<Uint8Array>;
  decrypt(ciphertext: Uint8Array, about: string): Promise<Uint8Array>;
}

const purpose = "turnpike/keyring/1";

/** Wraps by a key that is derived from a master key (HKDF-SHA-256). */
export function masterKeyWrapper(masterKey: Uint8Array, place: string): Wrapper {
  const sealer = createSealer(masterKey, purpose);
  const naming = new Uint8Array(hkdfSync("sha256", masterKey, new Uint8Array(), "turnpike/master-key-id/1", 32));
  return {
    id: `master-key:${createHmac("sha256", naming).update("id").digest("hex").slice(0, 16)}`,
    place,
    wrap: async (key, about) => sealer.seal(key, about),
    unwrap: async (wrapped, about) => sealer.open(wrapped, about),
  };
}

/** A wrapped key is this byte, the length of the KMS's ciphertext (16 bits), that ciphertext, and the sealed key. */
const version = 1;
const headBytes = 3;

/** Wraps by a random key that the KMS encrypts, so that every KMS binds the same, whatever it can do by itself. */
export function kmsWrapper(kms: Kms): Wrapper {
  return {
    id: kms.name,
    place: kms.name,
    async wrap(key, about) {
      const middle = randomBytes(32);
      try {
        const ciphertext = await kms.encrypt(middle, about);
        const head = Buffer.alloc(headBytes);
        head.writeUInt8(version);
        head.writeUInt16BE(ciphertext.length, 1);
        return Buffer.concat([head, ciphertext, createSealer(middle, purpose).seal(key, about)]);
      } finally {
        middle.fill(0);
      }
    },
    async unwrap(wrapped, about) {
      const bytes = Buffer.from(wrapped);
      if (bytes[0] !== version || bytes.length < headBytes) throw new Error("not a wrapped key of this version");
      const end = headBytes + bytes.readUInt16BE(1);
      const middle = await kms.decrypt(bytes.subarray(headBytes, end), about);
      try {
        return createSealer(middle, purpose).open(bytes.subarray(end), about);
      } finally {
        middle.fill(0);
      }
    },
  };
}
