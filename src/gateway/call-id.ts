// The ids of calls: they begin with the time, so that the ledger's index of them is written at its end and not all over.
import { randomFillSync } from "node:crypto";

/** 72 random bits for each millisecond: a call's id is the ledger's key, so it must never repeat. */
const randomBytes = 9;
/** Asking the system for chance costs the same for many ids as for one. */
const chance = Buffer.alloc(randomBytes * 256);
let chanceLeft = 0;

/** `req_` and 30 hexadecimal digits, of which the first 12 are epoch milliseconds. */
export function newCallId(): string {
  if (chanceLeft === 0) {
    randomFillSync(chance);
    chanceLeft = chance.length;
  }
  chanceLeft -= randomBytes;
  const time = Date.now().toString(16).padStart(12, "0");
  return `req_${time}${chance.toString("hex", chanceLeft, chanceLeft + randomBytes)}`;
}
