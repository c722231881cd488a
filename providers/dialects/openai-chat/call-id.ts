// Tool call ids: made where a provider gives none, and shortened where OpenAI would refuse them.

/** OpenAI refuses longer ones: `Invalid 'messages[2].tool_calls[0].id': string too long` (langgenius/dify #28987). */
const maxLength = 40;

/** An id for the nth call of a choice. The same answer gives the same ids, so that nothing must be remembered. */
export function madeCallId(completionId: string, choice: number, nth: number): string {
  return `call_${completionId.replace(/[^a-zA-Z0-9]/g, "").slice(-24)}_${choice}_${nth}`;
}

/** The id itself, or a short one that stands for it: always the same, so that calls and results still match. */
export function shortCallId(id: string): string {
  return id.length <= maxLength ? id : `call_${hash(id, 0x811c9dc5)}${hash(id, 0x9747b28c)}`;
}

/** 32 bits of FNV-1a, in hexadecimal. */
function hash(text: string, seed: number): string {
  let sum = seed;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}
