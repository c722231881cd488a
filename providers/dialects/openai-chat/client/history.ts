// History: earlier messages, as clients send them back, freed of what the server at hand would refuse. A client echoes whole
// answers, and the last one may have come from another vendor's model through Turnpike.
import { isObject, type Json, list, object, text } from "../../json.ts";
import { takenCallId } from "../call-id.ts";
import type { Behaviour } from "../quirks.ts";
import { thinkingText } from "./response.ts";
import { takeTurns } from "./turns.ts";

const reasoningMembers = ["reasoning_content", "reasoning", "reasoning_details"] as const;

/** @returns The same array when nothing is to change, so that the client's bytes are kept. */
export function cleanMessages(messages: unknown, quirks: Behaviour): unknown {
  const clean = mapped(messages, (message) => cleanMessage(message, quirks));
  if (!quirks.alternatingRoles || !Array.isArray(clean) || !clean.every(isObject)) return clean;
  const turns = takeTurns(clean);
  return turns.length === clean.length ? clean : turns;
}

/** @returns The same array when nothing is to change. */
export function cleanTools(tools: unknown, quirks: Behaviour): unknown {
  return quirks.cacheControl ? tools : mapped(tools, withoutMarker);
}

function cleanMessage(message: Json, quirks: Behaviour): Json {
  let clean = quirks.cacheControl ? message : withoutMarker(message);
  if (!quirks.cacheControl) clean = replaced(clean, "content", mapped(clean.content, withoutMarker));
  if (clean.role === "developer" && !quirks.developerRole) clean = { ...clean, role: "system" };
  if (clean.role === "tool") return replaced(clean, "tool_call_id", taken(clean.tool_call_id, quirks));
  if (clean.role !== "assistant") return clean;
  clean = cleanReasoning(clean, quirks.reasoningField);
  clean = without(clean, ["images"]);
  const calls = mapped(clean.tool_calls, (call) => {
    const bare = quirks.reasoningField === "reasoning_details" ? call : without(call, ["extra_content"]);
    return replaced(bare, "id", taken(bare.id, quirks));
  });
  return replaced(clean, "tool_calls", calls);
}

/** Reasoning under the name that this server reads, and under no other. */
function cleanReasoning(message: Json, field: Behaviour["reasoningField"]): Json {
  // OpenRouter reads all three.
  if (field === "reasoning_details") return message;
  const clean = without(
    message,
    reasoningMembers.filter((name) => name !== field),
  );
  // Mistral's own answers hold their reasoning in `content` already; another vendor's is not for it.
  if (field === "thinking") return clean;
  const thoughts = Array.isArray(clean.content) ? clean.content.map((part) => thinkingText(object(part))).join("") : "";
  const bare = thoughts === "" ? clean : { ...clean, content: list(clean.content).filter(isNoThought) };
  const words = text(message.reasoning_content) ?? text(message.reasoning) ?? text(thoughts);
  return field === null || words === null ? bare : replaced(bare, field, words);
}

function isNoThought(part: unknown): boolean {
  return object(part)?.type !== "thinking";
}

function withoutMarker(holder: Json): Json {
  return without(holder, ["cache_control"]);
}

function taken(id: unknown, quirks: Behaviour): unknown {
  return typeof id === "string" ? takenCallId(id, quirks) : id;
}

function without(holder: Json, names: readonly string[]): Json {
  if (!names.some((name) => name in holder)) return holder;
  return Object.fromEntries(Object.entries(holder).filter(([name]) => !names.includes(name)));
}

function replaced(holder: Json, name: string, value: unknown): Json {
  return holder[name] === value ? holder : { ...holder, [name]: value };
}

/** Changes the objects of an array; the same array when none changed, and any other value as it is. */
function mapped(value: unknown, change: (item: Json) => Json): unknown {
  if (!Array.isArray(value)) return value;
  let changed = false;
  const items = value.map((item: unknown) => {
    if (!isObject(item)) return item;
    const next = change(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? items : value;
}
