// Hints: members of a client's body that no answer depends on, and what is lost with a member that a provider has no word for.
import type { Unsupported } from "./dialect.ts";

/** Labels, accounting, and wishes about caches and speed, by their wire names (OpenAI API reference; Codex's requests). */
export const hints: readonly string[] = [
  "metadata",
  "client_metadata",
  "store",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "safety_identifier",
  "user",
  "prediction",
];

/** Values that ask for nothing but what happens anyway: nobody need be told. */
const met: Readonly<Record<string, (value: unknown) => boolean>> = {
  store: (value) => value === false,
  metadata: isEmpty,
  client_metadata: isEmpty,
  // How a stream is told is the concern of the dialect that tells it.
  stream_options: () => true,
  // OpenRouter's way to ask for usage, which is always reported.
  usage: () => true,
  // The responses dialect's default: nothing is cut from a conversation that is too long.
  truncation: (value) => value === "disabled",
};

/** Members that refer to content which lives at another provider: without it the question is another one. */
const content: readonly string[] = ["previous_response_id", "conversation", "prompt"];

/**
 * @param name The member's wire name; it must have a value.
 * @param provider Who has no word for it, to follow "is not supported by".
 * @returns null when nothing is lost with it.
 */
export function lossOf(name: string, value: unknown, provider: string): Unsupported | null {
  if (met[name]?.(value) === true) return null;
  if (hints.includes(name)) return hintLost(name, `is a hint that is not supported by ${provider}`);
  if (content.includes(name)) {
    return { member: name, reason: `refers to content that lives elsewhere than at ${provider}`, droppable: false };
  }
  return { member: name, reason: `is not supported by ${provider}`, droppable: true };
}

/** A hint that a provider can't be given. */
export function hintLost(member: string, reason: string): Unsupported {
  return { member, reason, droppable: true, hint: true };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
