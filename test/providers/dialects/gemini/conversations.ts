// Conversations encoded for Gemini.
import type { Conversation, FunctionTool, Message } from "../../../../providers/dialects/conversation.ts";
import type { Encoded, ModelTraits } from "../../../../providers/dialects/dialect.ts";
import { gemini } from "../../../../providers/dialects/gemini/index.ts";
import { conversation } from "../../../support/neutral/conversations.ts";

/** The conversation encoded for a model. */
export function encoded(asked: Partial<Conversation>, model = "gemini-2.5-flash", traits: ModelTraits = {}): Encoded {
  return gemini.encode(conversation(asked), { providerId: "google", model, traits });
}

/** The contents that messages become. */
export function contentsOf(messages: readonly Message[], model?: string): unknown {
  return encoded({ messages }, model).body.contents;
}

export function system(text: string): Message {
  return { role: "system", content: [{ type: "text", text }] };
}

/** A function tool with these parameters. */
export function functionTool(name: string, parameters: FunctionTool["parameters"] = null): FunctionTool {
  return { name, description: `Does ${name}.`, parameters, strict: null };
}
