// Identifiers: a prefix that says what it is, the time, and chance. They sort by time of creation.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id: `<prefix>_` and 26 characters (48 bits of epoch milliseconds, 80 random bits), as a lower-case ULID. */
export function newId(prefix: string, nowMs: number): string {
  let time = "";
  for (let rest = nowMs; time.length < 10; rest = Math.floor(rest / 32)) time = crockford.charAt(rest % 32) + time;
  let chance = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) chance += crockford.charAt(byte % 32);
  return `${prefix}_${time}${chance}`;
}
