// Messages: a client's `messages`, checked and read one to one, so that positions mean the same on both sides.
import { readCacheMarker } from "../../cache.ts";
import type { AssistantPart, Message, TextPart, ToolCallPart } from "../../conversation.ts";
import {
  asObject,
  at,
  Invalid,
  missing,
  optionalList,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import { type Json, list } from "../../json.ts";
import { readText } from "../../openai-parts.ts";
import { assembleParts, readExtraContent, readImage } from "../assistant.ts";
import { readTexts, readToolContent, readUserContent } from "./content.ts";

const roles = ["system", "developer", "user", "assistant", "tool", "function"] as const;

export function readMessages(body: Json): Message[] {
  const messages = optionalList(body, "messages");
  if (messages === null) return missing("messages", "an array of at least one message");
  if (messages.length === 0) {
    throw new Invalid("messages", "Invalid 'messages': the array is empty. Send at least one message.");
  }
  const functionCalls = new Map<string, string>();
  return messages.map((value, index) => {
    const path = `messages[${index}]`;
    return readMessage(asObject(value, path), path, index, functionCalls);
  });
}

/** @param functionCalls The latest call of each legacy function, by name: its result names only that. */
function readMessage(message: Json, path: string, index: number, functionCalls: Map<string, string>): Message {
  const role = requiredString(message, "role", path);
  const named = optionalString(message, "name", path);
  const name = named === null ? {} : { name: named };
  switch (role) {
    case "system":
    case "developer":
      return { role, content: readTexts(message, path), ...name };
    case "user":
      return { role, content: readUserContent(message, path), ...name };
    case "assistant":
      return { role, content: readAnswer(message, path, index, functionCalls), ...name };
    case "tool":
      return { role, toolCallId: requiredString(message, "tool_call_id", path), ...readResult(message, path) };
    case "function": {
      const id = functionCalls.get(requiredString(message, "name", path));
      if (id === undefined) {
        const advice = "A function message follows the assistant message that called the function.";
        throw new Invalid(at(path, "name"), `Invalid '${at(path, "name")}': no earlier call of this name. ${advice}`);
      }
      return { role: "tool", toolCallId: id, ...readResult({ ...message, content: message.content ?? "" }, path) };
    }
    default:
      return unknownWord(role, roles, at(path, "role"));
  }
}

/** A result with one marker on its message keeps it there: that is where vendors with tool results have it. */
function readResult(message: Json, path: string): Omit<Extract<Message, { role: "tool" }>, "role" | "toolCallId"> {
  const cache = readCacheMarker(message);
  return { content: readToolContent({ content: message.content }, path), ...(cache === null ? {} : { cache }) };
}

function readAnswer(message: Json, path: string, index: number, functionCalls: Map<string, string>): AssistantPart[] {
  const calls = (optionalList(message, "tool_calls", path) ?? []).map((call, nth) =>
    readCall(call, `${at(path, "tool_calls")}[${nth}]`),
  );
  const legacy = optionalObject(message, "function_call", path);
  if (legacy !== null) {
    const name = requiredString(legacy, "name", at(path, "function_call"));
    const id = `call_function_${index}`;
    functionCalls.set(name, id);
    calls.push({ type: "tool-call", id, name, arguments: argumentsOf(legacy, at(path, "function_call")) });
  }
  optionalList(message, "reasoning_details", path);
  optionalString(message, "reasoning_content", path);
  optionalString(message, "reasoning", path);
  const refusal = optionalString(message, "refusal", path);
  const audio = optionalObject(message, "audio", path);
  const parts = assembleParts(
    {
      content: [
        ...readAnswerContent(message, path),
        ...(refusal === null || refusal === "" ? [] : [{ type: "refusal" as const, text: refusal }]),
      ],
      calls,
      audio: audio === null ? [] : [{ type: "audio-reference", id: requiredString(audio, "id", at(path, "audio")) }],
      images: list(message.images).flatMap(readImage),
    },
    message,
  );
  return markLast(parts, message);
}

/** `content` of an assistant message: a string, null beside tool calls, or an array of text and refusal parts. */
function readAnswerContent(message: Json, path: string): AssistantPart[] {
  const content = message.content ?? "";
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  const place = at(path, "content");
  return (optionalList(message, "content", path) ?? []).map((value, index): AssistantPart => {
    const spot = `${place}[${index}]`;
    const part = asObject(value, spot);
    const type = requiredString(part, "type", spot);
    if (type === "text") return readText(part, spot);
    if (type === "refusal") return { type, text: requiredString(part, "refusal", spot) };
    return unknownWord(type, ["text", "refusal"], at(spot, "type"));
  });
}

function readCall(value: unknown, path: string): ToolCallPart {
  const call = asObject(value, path);
  const type = optionalString(call, "type", path) ?? "function";
  if (type !== "function") return unknownWord(type, ["function"], at(path, "type"));
  const made = requiredObject(call, "function", path);
  const signature = readExtraContent(call.extra_content);
  const cache = readCacheMarker(call);
  return {
    type: "tool-call",
    id: requiredString(call, "id", path),
    name: requiredString(made, "name", at(path, "function")),
    arguments: argumentsOf(made, at(path, "function")),
    ...(signature === null ? {} : { signature }),
    ...(cache === null ? {} : { cache }),
  };
}

/** Exactly as they came, valid JSON or not: the model wrote them. */
function argumentsOf(holder: Json, path: string): string {
  return optionalString(holder, "arguments", path) ?? "";
}

/** A cache marker on an assistant message ends at its last part that can carry one. */
function markLast(parts: AssistantPart[], message: Json): AssistantPart[] {
  const cache = readCacheMarker(message);
  const last = parts.findLastIndex((part) => part.type === "text" || part.type === "tool-call");
  const part = parts[last];
  if (cache !== null && (part?.type === "text" || part?.type === "tool-call") && part.cache === undefined) {
    parts[last] = { ...part, cache } satisfies TextPart | ToolCallPart;
  }
  return parts;
}
