// Edits of a client's body that is passed on in its own dialect: the little that must change, and nothing else.
import type { BodyEdits, Target } from "../../dialect.ts";
import { routingMembers } from "../../openai-chat/wire.ts";
import { isSealed } from "../envelope.ts";
import { asList, asObject, type JsonObject } from "../wire.ts";

/**
 * - The model, and members that only Turnpike reads.
 * - In `messages`, what Turnpike wrote into earlier answers on behalf of other vendors: their reasoning and citations.
 *   Anthropic refuses tokens that it did not make ("Invalid `signature` in `thinking` block").
 */
export function editBody(body: JsonObject, { model }: Target): BodyEdits {
  const messages = withoutForeign(body);
  return {
    set: { model, ...(messages !== null && { messages }) },
    remove: routingMembers.filter((name) => name in body),
  };
}

/** Null when there is nothing to leave out, and the client's own bytes can stay. A turn that held nothing else goes too. */
function withoutForeign(body: JsonObject): readonly unknown[] | null {
  const messages = asList(body.messages);
  const cleaned = messages.map(cleanMessage);
  if (cleaned.every((message, at) => message === messages[at])) return null;
  return cleaned.filter((message) => message !== null);
}

/** The message itself when nothing in it is foreign; null when everything is. */
function cleanMessage(message: unknown): unknown {
  const { role, content } = asObject(message) ?? {};
  if (role !== "assistant" || !Array.isArray(content)) return message;
  const kept = content.filter((block) => !isForeign(asObject(block) ?? {})).map(cleanCitations);
  if (kept.length === content.length && kept.every((block, at) => block === content[at])) return message;
  return kept.length === 0 ? null : { ...asObject(message), content: kept };
}

function isForeign({ type, signature, data }: JsonObject): boolean {
  return (type === "thinking" && isSealed(signature)) || (type === "redacted_thinking" && isSealed(data));
}

function cleanCitations(block: unknown): unknown {
  const text = asObject(block);
  const citations = asList(text?.citations);
  const kept = citations.filter((citation) => !isSealed(asObject(citation)?.encrypted_index));
  if (kept.length === citations.length) return block;
  return { ...text, citations: kept.length === 0 ? null : kept };
}
