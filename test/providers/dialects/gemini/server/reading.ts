// Reads Gemini bodies in tests.
import type { Conversation, Message } from "../../../../../providers/dialects/conversation.ts";
import { geminiServer } from "../../../../../providers/dialects/gemini/index.ts";

export const hello = { role: "user", parts: [{ text: "Hi" }] };

/** The conversation of a body; its contents need not be given. */
export function read(body: Readonly<Record<string, unknown>>): Conversation {
  const conversation = geminiServer.read({ contents: [hello], ...body });
  if (!("messages" in conversation)) throw new Error(`${conversation.param}: ${conversation.message}`);
  return conversation;
}

export function messages(...contents: readonly unknown[]): readonly Message[] {
  return read({ contents }).messages;
}

/** Every name of a member in snake case, as REST users write them. Keys of schemas' maps and of arguments stay. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const spelled = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const own = ["args", "response", "parameters_json_schema", "response_json_schema", "properties"].includes(
        spelled,
      );
      return [spelled, own ? item : snakeCase(item)];
    }),
  );
}
