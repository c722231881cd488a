// Reads requests in tests: what the dialect makes of a body that must be readable.
import type { Conversation, Message } from "../../../../providers/dialects/conversation.ts";
import { openaiChatServer } from "../../../../providers/dialects/openai-chat/index.ts";

export const hello = { role: "user", content: "Hi" };

/** The conversation of a body; its model and messages need not be given. */
export function read(body: Readonly<Record<string, unknown>>): Conversation {
  const conversation = openaiChatServer.read({ model: "m", messages: [hello], ...body });
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  return conversation;
}

/** One message, read alone. */
export function message(value: unknown): Message | undefined {
  return read({ messages: [value] }).messages[0];
}
