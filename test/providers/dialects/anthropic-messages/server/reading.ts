// Reads a Messages API request in tests: a sound one, with what a test says besides.
import { anthropicMessagesServer } from "../../../../../providers/dialects/anthropic-messages/index.ts";
import type { Conversation } from "../../../../../providers/dialects/conversation.ts";

export const hello = { role: "user", content: "Hello" };

/** Throws where the request is refused. */
export function read(body: Readonly<Record<string, unknown>>): Conversation {
  const conversation = anthropicMessagesServer.read({ model: "m", max_tokens: 100, messages: [hello], ...body });
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  return conversation;
}
