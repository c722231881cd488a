// Decides about members of a client's body that have no neutral form.
import type { JsonObject } from "../wire.ts";
import { asText } from "../wire.ts";
import { isThinkingExtra } from "./thinking.ts";
import type { Losses } from "./unsupported.ts";

/** Anthropic's own members, understood by their name: passed on as they are. */
const passedOn = new Set(["inference_geo"]);

/**
 * Members that ask nothing of the answer, so that nobody misses them: labels, accounting and cache hints of other
 * providers, and requests that are met anyway. A function tells for which values that holds.
 */
const harmless: Readonly<Record<string, (value: unknown) => boolean>> = {
  // Labels in another provider's dashboards.
  metadata: () => true,
  // Anthropic keeps no answers to be asked for later.
  store: (value) => value === false,
  // Routes to a prompt cache; Anthropic's caches are marked in the messages.
  prompt_cache_key: () => true,
  prompt_cache_retention: () => true,
  // An end-user id: becomes `metadata.user_id` where `user` is not set.
  safety_identifier: () => true,
  // How a stream is reported is the server dialect's concern.
  stream_options: () => true,
  // OpenRouter's way to ask for usage, which is always reported.
  usage: () => true,
  // The responses dialect's default: nothing is cut from a conversation that is too long.
  truncation: (value) => value === "disabled",
  thinking: isThinkingExtra,
};

/** Members that refer to content which lives at another provider: without it the question is another one. */
const content = new Set(["previous_response_id", "conversation", "prompt"]);

export interface Extras {
  readonly body: JsonObject;
  /** An end-user id that came under another name. */
  readonly userId: string | null;
}

export function encodeExtras(extras: JsonObject, losses: Losses): Extras {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extras)) {
    if (value === null || value === undefined || harmless[name]?.(value) === true) continue;
    if (passedOn.has(name)) body[name] = value;
    else if (content.has(name)) losses.refuse(name, "refers to content that Anthropic does not have");
    else losses.drop(name, "is not supported by Anthropic models");
  }
  return { body, userId: asText(extras.safety_identifier) };
}
