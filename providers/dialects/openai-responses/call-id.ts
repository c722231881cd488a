// Tool call ids: shortened where OpenAI would refuse them.
import { shortCallId } from "../openai-chat/call-id.ts";

/** `Invalid 'input[5].call_id': string too long. Expected a string with maximum length 64` (decolua/9router #393). */
const maxLength = 64;

/** The id itself, or a short one that stands for it: always the same, so that calls and results still match. */
export function fittingCallId(id: string): string {
  return id.length <= maxLength ? id : shortCallId(id);
}
