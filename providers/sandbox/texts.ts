// What the sandbox says: the same words for the same request, and none that a model would say.
import type { ChatMessage, ChatRequest } from "./request.ts";

/** The last message of the user, told back with whatever came with it. */
export function echoText(messages: readonly ChatMessage[]): string {
  const last = messages.findLast(({ role }) => role === "user");
  const attached = (last?.parts ?? []).flatMap((part) => (part.type === "attachment" ? [part.description] : []));
  const heard = last === undefined ? "" : textOf(last);
  const said = heard === "" ? "Sandbox echo of no text" : `Sandbox echo: ${heard}`;
  return attached.length === 0 ? said : `${said}\n(with ${attached.join(", ")})`;
}

/** A short friendly text. Seeds and choices differ in it. */
export function chatText({ messages, seed }: ChatRequest, choice: number): string {
  const last = messages.findLast(({ role }) => role === "user");
  const words = last === undefined ? 0 : textOf(last).split(/\s+/).filter(Boolean).length;
  const greeting = greetings[Math.abs(Math.trunc(seed) + choice) % greetings.length];
  const heard = words === 1 ? "1 word" : `${words} words`;
  return `${greeting} This is the Turnpike sandbox: no model was asked, and nothing is billed. Your message has ${heard}.`;
}

const greetings = ["Hello!", "Good day!", "Greetings!", "Welcome!", "Nice to meet you!", "Hi there!", "Ahoy!"];

/** So many words that are one token each in `o200k_base`. */
export function countingText(tokens: number): string {
  return Array.from({ length: tokens }, (_, at) => numbers[at % numbers.length]).join(" ");
}

const numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** So many tokens of reasoning. */
export function reasoningText(tokens: number): string {
  return Array.from({ length: tokens }, (_, at) => thoughts[at % thoughts.length]).join(" ");
}

const thoughts = ["step", "after", "step", "the", "sandbox", "thinks", "about", "your", "question", "and"];

export const refusalText = "I'm sorry, but the sandbox was asked to refuse this.";

/** The answer to a tool's result, which it quotes. */
export function toolResultText(messages: readonly ChatMessage[]): string {
  const lastTurn = messages.slice(messages.findLastIndex(({ role }) => role !== "tool") + 1);
  return `The sandbox got from its tools: ${lastTurn.map(textOf).join("; ")}`;
}

export const noToolText = "The sandbox would call a tool now, but the request offers none that it may call.";

/** A message's text parts as one text. */
export function textOf({ parts }: ChatMessage): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
