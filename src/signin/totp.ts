// Codes by time, as authenticator apps show them: RFC 6238 with HMAC-SHA-1, 6 digits, steps of 30 seconds.
import { createHmac, timingSafeEqual } from "node:crypto";

const stepMs = 30_000;
/** RFC 4648, section 6: how apps take a secret that is typed. */
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of a time step (RFC 4226, section 5.3). */
export function codeOf(secret: Uint8Array, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
  return String(number).padStart(digits, "0");
}

/** The step whose code this is: the present one, or one beside it for clocks that differ. Null when none. */
export function stepOf(secret: Uint8Array, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const present = Math.floor(nowMs / stepMs);
  const same = (step: number): boolean => timingSafeEqual(Buffer.from(codeOf(secret, step)), Buffer.from(code));
  return [present, present - 1, present + 1].find(same) ?? null;
}

export function toBase32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => base32[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

/** What authenticator apps read from a QR code (Google Authenticator's key URI format). */
export function otpauthUrl(
  secret: string,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=30`;
}
