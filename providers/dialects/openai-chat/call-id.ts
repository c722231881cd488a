// Tool call ids: made where a provider gives none, and replaced where a server would refuse them.
import type { Behaviour } from "./quirks.ts";

/** OpenAI refuses longer ones: `Invalid 'messages[2].tool_calls[0].id': string too long` (langgenius/dify #28987). */
const maxLength = 40;

/** An id for the nth call of a choice. The same answer gives the same ids, so that nothing must be remembered. */
export function madeCallId(completionId: string, choice: number, nth: number): string {
  return `call_${completionId.replace(/[^a-zA-Z0-9]/g, "").slice(-24)}_${choice}_${nth}`;
}

/** The id itself, or one that stands for it where this server would refuse it: always the same, so that calls and results match. */
export function takenCallId(id: string, { callIds }: Pick<Behaviour, "callIds">): string {
  return callIds === "nine" ? nineLetterCallId(id) : shortCallId(id);
}

/** At most 40 characters, as OpenAI takes them. */
export function shortCallId(id: string): string {
  return id.length <= maxLength ? id : `call_${hash(id, 0x811c9dc5)}${hash(id, 0x9747b28c)}`;
}

/** Mistral: "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9" (vercel/ai, mistral provider). */
function nineLetterCallId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : `${hash(id, 0x811c9dc5)}${hash(id, 0x9747b28c)}`.slice(0, 9);
}

/** 32 bits of FNV-1a, in hexadecimal. */
function hash(text: string, seed: number): string {
  let sum = seed;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
