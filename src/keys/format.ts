// What a key looks like: `tp_<environment>_<43 random><6 of checksum>`. Scanners can find it and tell it from noise.
import type { KeyEnvironment } from "../store/port.ts";
import { randomBase62, toBase62 } from "./base62.ts";
import { crc32 } from "./crc32.ts";

/** 43 characters of base62 are 256 bits. */
const randomLength = 43;
/** 6 characters of base62 hold any CRC-32. */
const checksumLength = 6;
const shape = /^tp_(live|test|dev|admin|session)_[0-9A-Za-z]{49}$/;

/** The longest text that can be a key; anything longer is refused unread. */
export const maxKeyLength = "tp_session_".length + randomLength + checksumLength;

export type ParsedKey =
  | { readonly kind: "customer"; readonly environment: KeyEnvironment }
  | { readonly kind: "admin" }
  | { readonly kind: "session" };

/** A new customer's key. It is the caller's to show once and forget. */
export function generateKey(environment: KeyEnvironment): string {
  return withChecksum(`tp_${environment}_${randomBase62(randomLength)}`);
}

/** A new administrator's key. */
export function generateAdminKey(): string {
  return withChecksum(`tp_admin_${randomBase62(randomLength)}`);
}

/** A new token of an administrator's session. */
export function generateSessionToken(): string {
  return withChecksum(`tp_session_${randomBase62(randomLength)}`);
}

/** Whose key a text is, judged by its shape and checksum alone; null when it can't have been made here. */
export function parseKey(text: string): ParsedKey | null {
  if (text.length > maxKeyLength) return null;
  const environment = shape.exec(text)?.[1];
  if (environment === undefined || withChecksum(text.slice(0, -checksumLength)) !== text) return null;
  if (environment === "admin" || environment === "session") return { kind: environment };
  return { kind: "customer", environment: environment as KeyEnvironment };
}

/** What may be shown of a key ever after: `tp_live_Ab12…x9Yz`. Its last four are of the checksum. */
export function hintOf(secret: string): string {
  const start = secret.lastIndexOf("_") + 1;
  return `${secret.slice(0, start + 4)}…${secret.slice(-4)}`;
}

function withChecksum(body: string): string {
  return body + toBase62(crc32(body), checksumLength);
}
