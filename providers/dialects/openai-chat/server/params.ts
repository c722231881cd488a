// Params: what a client of OpenAI chat calls a member of the conversation.
import { isObject, type Json, list } from "../../json.ts";

const names: Readonly<Record<string, string>> = {
  parallelToolCalls: "parallel_tool_calls",
  output: "response_format",
  topP: "top_p",
  topK: "top_k",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  logitBias: "logit_bias",
  choices: "n",
  audioOutput: "audio",
  serviceTier: "service_tier",
};

/**
 * @param member A member's name or path (`maxOutputTokens`, `reasoning.effort`, `messages[2].content[0]`), or the name of
 *   an extra, which is the client's own.
 * @param body The client's body: where there are two names for one thing, the one it used.
 */
export function paramOf(member: string, body: Json): string {
  const [, name = member, rest = ""] = /^([^.[]+)(.*)$/s.exec(member) ?? [];
  switch (name) {
    case "maxOutputTokens":
      return given(body, "max_tokens") && !given(body, "max_completion_tokens")
        ? "max_tokens"
        : "max_completion_tokens";
    case "tools":
      return given(body, "functions") && !given(body, "tools") ? `functions${rest}` : `tools${rest}`;
    case "toolChoice":
      return given(body, "function_call") && !given(body, "tool_choice") ? "function_call" : "tool_choice";
    case "user":
      return given(body, "user") ? "user" : "safety_identifier";
    case "reasoning":
      return reasoningParam(rest, body);
    case "messages":
      return messageParam(rest, body);
    default:
      return (names[name] ?? name) + rest;
  }
}

function given(body: Json, name: string): boolean {
  return body[name] !== undefined && body[name] !== null;
}

function reasoningParam(rest: string, body: Json): string {
  if (!isObject(body.reasoning)) return given(body, "reasoning_effort") ? "reasoning_effort" : "include_reasoning";
  if (rest === ".effort") return given(body.reasoning, "effort") ? "reasoning.effort" : "reasoning_effort";
  if (rest === ".budgetTokens") return "reasoning.max_tokens";
  return rest === ".includeText" ? "reasoning.exclude" : "reasoning";
}

/** A path into `messages`. Parts of an answer have no place in the client's message, and neither has a plain string. */
function messageParam(rest: string, body: Json): string {
  const index = Number(/^\[(\d+)\]/.exec(rest)?.[1] ?? Number.NaN);
  const message = list(body.messages)[index];
  if (!isObject(message)) return `messages${rest}`;
  if (Array.isArray(message.content) && message.role !== "assistant") return `messages${rest}`;
  return `messages[${index}]${rest.includes(".content") && message.role !== "assistant" ? ".content" : ""}`;
}
