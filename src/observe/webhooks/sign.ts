// Signatures of webhooks as Standard Webhooks has them (specification 1.0.0, "Signature scheme"): symmetric, `v1`.
import { createHmac, randomBytes } from "node:crypto";

const prefix = "whsec_";
/** The specification takes 24 to 64. */
const secretBytes = 32;

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return prefix + randomBytes(secretBytes).toString("base64");
}

/** Whether a text is a signing secret: `whsec_` and 24 to 64 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  const bytes = bytesOf(text);
  return (
    text.startsWith(prefix) && bytes.length >= 24 && bytes.length <= 64 && prefix + bytes.toString("base64") === text
  );
}

export interface SignedContent {
  /** The same for every try, and for every receiver: by it a receiver knows what it has seen before. */
  readonly id: string;
  /** When it is sent: a receiver refuses what is some minutes old. */
  readonly atMs: number;
  readonly body: string;
}

/**
 * The headers that prove who sent a webhook and that nobody changed it.
 * @param secrets `whsec_…`; there are two while a receiver changes from the old to the new one, and either proves it.
 */
export function signatureHeaders(
  { id, atMs, body }: SignedContent,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => {
    const digest = createHmac("sha256", bytesOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
    return `v1,${digest}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), "base64");
}
