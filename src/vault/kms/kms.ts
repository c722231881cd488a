// What the clients of all KMS share: bytes in JSON, and the error that an operator reads.

/** A KMS can't be asked, for want of a setting, or answered what it should not. The message holds no secret. */
export class KmsError extends Error {
  override readonly name = "KmsError";
}

export function base64(bytes: Uint8Array, encoding: "base64" | "base64url" = "base64"): string {
  return Buffer.from(bytes).toString(encoding);
}

/** @throws KmsError when an answer lacks what it should hold. */
export function bytesOf(value: unknown, who: string, encoding: "base64" | "base64url" = "base64"): Uint8Array {
  if (typeof value !== "string" || value === "")
    throw new KmsError(`${who} answered without the bytes that it was asked for.`);
  return Buffer.from(value, encoding);
}
