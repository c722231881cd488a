// Params: what a client of the Messages API calls a member of the conversation.
import { Invalid } from "../../fields.ts";
import { asObject, type JsonObject } from "../wire.ts";
import { noForeign } from "./foreign.ts";
import { readMessages, type Turn } from "./messages.ts";

const names: Readonly<Record<string, string>> = {
  toolChoice: "tool_choice",
  parallelToolCalls: "tool_choice.disable_parallel_tool_use",
  maxOutputTokens: "max_tokens",
  stop: "stop_sequences",
  topP: "top_p",
  topK: "top_k",
  user: "metadata.user_id",
  serviceTier: "service_tier",
};

/**
 * @param member A member's name or path (`maxOutputTokens`, `reasoning.effort`, `messages[2].content[0]`), or the name of
 *   something foreign, which is the client's own.
 * @param body The client's body: it decides between two names for one thing, and tells where a message was written.
 */
export function paramOf(member: string, body: JsonObject): string {
  const [, name = member, rest = ""] = /^([^.[]+)(.*)$/s.exec(member) ?? [];
  switch (name) {
    case "messages":
      return rest.startsWith("[") ? messageParam(rest, body) : member;
    case "output":
      return asObject(asObject(body.output_config)?.format) === null && asObject(body.output_format) !== null
        ? "output_format"
        : "output_config.format";
    case "reasoning":
      return reasoningParam(rest, body);
    default:
      return (names[name] ?? name) + dotted(rest);
  }
}

function reasoningParam(rest: string, body: JsonObject): string {
  const thinking = asObject(body.thinking);
  if (thinking === null) return "output_config.effort";
  if (rest === ".budgetTokens") return "thinking.budget_tokens";
  if (rest === ".includeText") return "thinking.display";
  const effort = asObject(body.output_config)?.effort;
  return rest === ".effort" && typeof effort === "string" && thinking.type !== "disabled"
    ? "output_config.effort"
    : "thinking";
}

/** A path into the conversation's messages: tool results stand in user messages at the client's, and `system` outside. */
function messageParam(rest: string, body: JsonObject): string {
  const [, index, part, tail = ""] = /^\[(\d+)\](?:\.content\[(\d+)\])?(.*)$/s.exec(rest) ?? [];
  const turn = turnsOf(body)[Number(index)];
  if (turn === undefined) return "messages";
  const path = part === undefined ? turn.path : (turn.parts[Number(part)] ?? turn.path);
  return path + (tail === ".cache" ? ".cache_control" : dotted(tail));
}

function turnsOf(body: JsonObject): readonly Turn[] {
  try {
    return readMessages(body, noForeign());
  } catch (error) {
    if (error instanceof Invalid) return [];
    throw error;
  }
}

/** `tools[1]` is `tools.1` in this dialect's errors. */
function dotted(path: string): string {
  return path.replaceAll(/\[(\d+)\]/g, ".$1");
}
