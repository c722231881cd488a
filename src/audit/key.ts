// The trail's key: it signs checkpoints, which anybody can check with its public half, and marks each entry as this installation's.
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import type { AuditHead, AuditKey } from "../store/port-audit.ts";
import { headText } from "./append.ts";
import { beginning } from "./entry.ts";

/** Seals what lies in the database; the vault has such. */
export interface KeySealer {
  seal(content: Uint8Array, about: string): Uint8Array;
  open(sealed: Uint8Array, about: string): Uint8Array;
}

/** What the key is sealed for. */
export const auditKeyPurpose = "turnpike/audit-key/1";
const about = "audit-key";

/** Whoever may write the trail. */
export interface AuditSigner extends AuditVerifier {
  /** Ed25519 (RFC 8032) over the text in UTF-8; base64. */
  sign(text: string): string;
  /** HMAC-SHA-256 of a text, hex. @param use sets apart what must not pass for one another. */
  mac(use: "entry" | "head", text: string): string;
}

/** Whoever may check what was signed. */
export interface AuditVerifier {
  /** The first 16 hex digits of the public key's SHA-256. */
  readonly kid: string;
  /** SPKI, base64. */
  readonly publicKey: string;
  verify(text: string, signature: string): boolean;
}

interface Keys {
  key(): Promise<AuditKey | null>;
  claimKey(key: AuditKey, head: AuditHead): Promise<AuditKey>;
}

/**
 * The installation's key, which is made when there is none, with the end of a trail that has no entry yet: so an end that is
 * gone is always somebody's work.
 * @throws Error when it was sealed under another master key.
 */
export async function openAuditKey(keys: Keys, sealer: KeySealer): Promise<AuditSigner> {
  const stored = await keys.key();
  if (stored !== null) return signerOf(sealer.open(stored.sealed, about));
  const made = newKey(sealer);
  const { mac } = signerOf(sealer.open(made.sealed, about));
  const kept = await keys.claimKey(made, { ...beginning, mac: mac("head", headText(beginning)) });
  return signerOf(sealer.open(kept.sealed, about));
}

/**
 * Reads a public key.
 * @param text SPKI, base64 or PEM.
 * @throws Error when it is none.
 */
export function verifierOf(text: string): AuditVerifier {
  const base64 = text.replace(/-----[A-Z ]+-----/g, "").replace(/\s/g, "");
  return verifying(createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" }));
}

function newKey(sealer: KeySealer): AuditKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  return { sealed: sealer.seal(der, about), publicKey: spkiOf(publicKey).toString("base64") };
}

function signerOf(der: Uint8Array): AuditSigner {
  const privateKey = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  const macKey = new Uint8Array(hkdfSync("sha256", der, "", "turnpike/audit-mac/1", 32));
  return {
    ...verifying(createPublicKey(privateKey)),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64"),
    mac: (use, text) => createHmac("sha256", macKey).update(`${use}\n${text}`).digest("hex"),
  };
}

function verifying(key: KeyObject): AuditVerifier {
  const spki = spkiOf(key);
  return {
    kid: createHash("sha256").update(spki).digest("hex").slice(0, 16),
    publicKey: spki.toString("base64"),
    verify: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, "base64")),
  };
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" });
}
