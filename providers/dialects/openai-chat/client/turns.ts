// Turns: messages of one role in a row made one, for servers where user and assistant must alternate.
import { type Json, list } from "../../json.ts";

/** @returns The same array when roles alternate already. */
export function takeTurns(messages: readonly Json[]): Json[] {
  const turns: Json[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    const joins =
      last !== undefined && last.role === message.role && (last.role === "user" || last.role === "assistant");
    if (joins) turns[turns.length - 1] = { ...last, content: joined(last.content, message.content) };
    else turns.push(message);
  }
  return turns.length === messages.length ? [...messages] : turns;
}

function joined(before: unknown, after: unknown): unknown {
  if (typeof before === "string" && typeof after === "string") return `${before}\n\n${after}`;
  return [...partsOf(before), ...partsOf(after)];
}

function partsOf(content: unknown): readonly unknown[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : list(content);
}
