// Reads requests in tests: what the dialect makes of a body that must be readable.
import type { Conversation, Message } from "../../../../providers/dialects/conversation.ts";
import type { Encoded, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import {
  openaiResponses,
  openaiResponsesServer,
  type Quirks,
} from "../../../../providers/dialects/openai-responses/index.ts";

/** The conversation of a body; its model and input need not be given. */
export function read(body: Readonly<Record<string, unknown>>): Conversation {
  const conversation = openaiResponsesServer.read({ model: "m", input: "Hi", ...body });
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  return conversation;
}

/** The messages of input items. */
export function messages(...input: readonly unknown[]): readonly Message[] {
  return read({ input }).messages;
}

/** The request for a conversation; what it does not say is the default. */
export function encode(conversation: Partial<Conversation>, traits: ModelTraits = {}, quirks: Quirks = {}): Encoded {
  return openaiResponses(quirks).encode(
    { ...read({}), ...conversation },
    { providerId: "p", model: "model-1", traits },
  );
}

/** The input items for messages, which the server must be able to take. */
export function input(list: readonly Message[], quirks: Quirks = {}): unknown {
  const { body, unsupported } = encode({ messages: list }, {}, quirks);
  if (unsupported.length > 0) throw new Error(`${unsupported[0]?.member} ${unsupported[0]?.reason}`);
  return body.input;
}
