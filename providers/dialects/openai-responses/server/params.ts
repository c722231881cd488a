// Params: what a client of OpenAI responses calls a member of the conversation.
import { Invalid } from "../../fields.ts";
import type { Json } from "../../json.ts";
import { type Place, readInput } from "./input.ts";

const names: Readonly<Record<string, string>> = {
  toolChoice: "tool_choice",
  parallelToolCalls: "parallel_tool_calls",
  output: "text.format",
  verbosity: "text.verbosity",
  maxOutputTokens: "max_output_tokens",
  topP: "top_p",
  serviceTier: "service_tier",
};

/**
 * @param member A member's name or path (`maxOutputTokens`, `reasoning.effort`, `messages[2].content[0]`), or the name of
 *   an extra or of something foreign, which is the client's own.
 * @param body The client's body: where there are two names for one thing, the one it used.
 */
export function paramOf(member: string, body: Json): string {
  const [, name = member, rest = ""] = /^([^.[]+)(.*)$/s.exec(member) ?? [];
  switch (name) {
    case "user":
      return given(body, "user") ? "user" : "safety_identifier";
    case "logprobs":
      return given(body, "top_logprobs") ? "top_logprobs" : "include";
    case "reasoning":
      return rest === ".includeText" ? "reasoning.summary" : name + rest;
    case "messages":
      return messageParam(rest, body);
    default:
      return (names[name] ?? name) + rest;
  }
}

function given(body: Json, name: string): boolean {
  return body[name] !== undefined && body[name] !== null;
}

/** A path into `messages`: several items make one message, so the place of each part is looked up. */
function messageParam(rest: string, body: Json): string {
  const [, message, part] = /^\[(\d+)\](?:\.content\[(\d+)\])?/.exec(rest) ?? [];
  const place = message === undefined ? undefined : placesIn(body)[Number(message)];
  if (place === undefined) return "input";
  return part === undefined ? place.path : (place.parts[Number(part)] ?? place.path);
}

function placesIn(body: Json): readonly Place[] {
  try {
    return readInput(body).places;
  } catch (error) {
    if (error instanceof Invalid) return [];
    throw error;
  }
}
