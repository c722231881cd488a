// Encodes requests in tests: what a provider is sent for a conversation.
import type { Conversation } from "../../../../providers/dialects/conversation.ts";
import type { Encoded, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { openaiChat, type Quirks } from "../../../../providers/dialects/openai-chat/index.ts";
import { read } from "./reading.ts";

/** The request for a conversation; what it does not say is the default. */
export function encode(conversation: Partial<Conversation>, traits: ModelTraits = {}, quirks: Quirks = {}): Encoded {
  return openaiChat(quirks).encode({ ...read({}), ...conversation }, { providerId: "p", model: "model-1", traits });
}
