// Decides about members of a client's body that have no neutral form.
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type { JsonObject } from "../wire.ts";

/** Cohere's own members, understood by their name: passed on as they are. */
const passedOn = new Set(["documents", "citation_options", "safety_mode", "priority"]);

/** Members that ask nothing of the answer, or are met anyway. A function tells for which values that holds. */
const harmless: Readonly<Record<string, (value: unknown) => boolean>> = {
  metadata: () => true,
  store: (value) => value === false,
  prompt_cache_key: () => true,
  prompt_cache_retention: () => true,
  safety_identifier: () => true,
  stream_options: () => true,
  usage: () => true,
  truncation: (value) => value === "disabled",
};

/** Members that refer to content which lives at another provider: without it the question is another one. */
const content = new Set(["previous_response_id", "conversation", "prompt"]);

export function encodeExtras(extras: JsonObject, losses: Losses): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined || harmless[name]?.(value) === true) continue;
    if (passedOn.has(name)) body[name] = value;
    else if (content.has(name)) losses.refuse(name, "refers to content that Cohere does not have");
    else losses.drop(name, "is not supported by Cohere");
  }
  return body;
}
