// Writes the messages of a conversation in OpenAI's form.
import { writeCacheMarker } from "../../cache.ts";
import type { AssistantPart, Message, TextPart, ToolResultPart } from "../../conversation.ts";
import type { Unsupported } from "../../dialect.ts";
import { carries, writeAssistant } from "../assistant.ts";
import { takenCallId } from "../call-id.ts";
import type { Behaviour } from "../quirks.ts";
import { textIn, writeUserPart } from "./content.ts";
import { takeTurns } from "./turns.ts";

type Wire = Record<string, unknown>;
type ToolMessage = Extract<Message, { role: "tool" }>;

/** Where parts that a server can't take are noted, under their path. */
export interface Context {
  readonly quirks: Behaviour;
  readonly unsupported: Unsupported[];
}

export function writeMessages(messages: readonly Message[], quirks: Behaviour, unsupported: Unsupported[]): Wire[] {
  const context: Context = { quirks, unsupported };
  const wire: Wire[] = [];
  let attached: unknown[] = [];
  for (const [at, message] of messages.entries()) {
    if (message.role !== "tool" && attached.length > 0) {
      wire.push({ role: "user", content: attached });
      attached = [];
    }
    if (message.role === "tool") wire.push(writeTool(message, at, attached, context));
    else wire.push(writeMessage(message, at, context));
  }
  if (attached.length > 0) wire.push({ role: "user", content: attached });
  return quirks.alternatingRoles ? takeTurns(wire) : wire;
}

function writeMessage(message: Exclude<Message, ToolMessage>, at: number, context: Context): Wire {
  const name = message.name === undefined ? {} : { name: message.name };
  switch (message.role) {
    case "system":
      return { role: "system", ...name, content: writeTexts(message.content, context) };
    case "developer":
      return {
        role: context.quirks.developerRole ? "developer" : "system",
        ...name,
        content: writeTexts(message.content, context),
      };
    case "user": {
      const only = message.content[0];
      const plain = message.content.length === 1 && only?.type === "text" && !marked(only, context);
      const content = plain
        ? only.text
        : message.content.flatMap((part, index) => writeUserPart(part, `messages[${at}].content[${index}]`, context));
      return { role: "user", ...name, content };
    }
    case "assistant":
      return { role: "assistant", ...name, ...writeAnswer(message.content, at, context) };
  }
}

function marked(part: TextPart, { quirks }: Context): boolean {
  return quirks.cacheControl && part.cache !== undefined;
}

/** One text as a string, which every server takes; several, or one with a cache marker, as parts. */
function writeTexts(parts: readonly TextPart[], context: Context): unknown {
  const [only] = parts;
  if (parts.length === 0) return "";
  if (parts.length === 1 && only !== undefined && !marked(only, context)) return only.text;
  return parts.map((part) => writeText(part, context));
}

function writeText(part: TextPart, context: Context): Wire {
  return {
    type: "text",
    text: part.text,
    ...(marked(part, context) ? { cache_control: writeCacheMarker(part.cache ?? { ttl: null }) } : {}),
  };
}

/**
 * An earlier answer. Its reasoning goes back only where the server has a place for it; what a model of another vendor
 * drew has no place at all.
 */
function writeAnswer(content: readonly AssistantPart[], at: number, context: Context): Wire {
  const { reasoningField } = context.quirks;
  for (const [index, part] of content.entries()) {
    if (part.type !== "output-image") continue;
    const reason = "is a picture in an earlier answer, which OpenAI chat can't take back";
    context.unsupported.push({ member: `messages[${at}].content[${index}]`, reason, droppable: false });
  }
  const parts = content.filter((part) => part.type !== "output-image" && carries(part));
  const whole = writeAssistant(parts);
  const spoken = parts.find((part) => part.type === "audio-reference" || part.type === "output-audio");
  const texts = parts.filter((part) => part.type === "text");
  const separate = texts.length > 1 || texts.some((part) => marked(part, context));
  const silent =
    texts.length === 0 && (whole.tool_calls !== undefined || whole.refusal !== null || spoken !== undefined);
  const calls = whole.tool_calls?.map(({ extra_content, ...call }) => ({
    ...call,
    id: takenCallId(call.id, context.quirks),
    ...(reasoningField === "reasoning_details" && extra_content !== undefined ? { extra_content } : {}),
  }));
  return {
    content: withThoughts(
      silent ? null : separate ? texts.map((part) => writeText(part, context)) : (whole.content ?? ""),
      reasoningField === "thinking" ? whole.reasoning_content : undefined,
    ),
    ...(whole.refusal === null ? {} : { refusal: whole.refusal }),
    ...(calls === undefined ? {} : { tool_calls: calls }),
    ...(spoken === undefined ? {} : { audio: { id: spoken.id } }),
    ...(reasoningField === "reasoning_details" && whole.reasoning_details !== undefined
      ? { reasoning_details: whole.reasoning_details }
      : {}),
    ...((reasoningField === "reasoning_content" || reasoningField === "reasoning") &&
    whole.reasoning_content !== undefined
      ? { [reasoningField]: whole.reasoning_content }
      : {}),
  };
}

/** Mistral's form of an answer that was thought over (documentation, "Reasoning"): a chunk before the text's. */
function withThoughts(content: unknown, thoughts: string | undefined): unknown {
  if (thoughts === undefined) return content;
  const texts = Array.isArray(content)
    ? content
    : typeof content === "string" && content !== ""
      ? [textIn(content)]
      : [];
  return [{ type: "thinking", thinking: [textIn(thoughts)] }, ...texts];
}

/**
 * A tool's result. OpenAI takes text only there, so pictures and files follow in a user message after the last result,
 * each announced by the call it belongs to. (A later message may not stand between results.)
 * @param attached Collects those parts.
 */
function writeTool(message: ToolMessage, at: number, attached: unknown[], context: Context): Wire {
  const texts = message.content.filter((part) => part.type === "text");
  const others = message.content.filter((part): part is Exclude<ToolResultPart, TextPart> => part.type !== "text");
  if (others.length > 0) {
    attached.push(
      textIn(`Attached to the result of the tool call ${takenCallId(message.toolCallId, context.quirks)}:`),
    );
    for (const part of others) {
      const path = `messages[${at}].content[${message.content.indexOf(part)}]`;
      attached.push(...writeUserPart(part, path, context));
    }
  }
  const cache = context.quirks.cacheControl ? message.cache : undefined;
  const hint: TextPart[] =
    others.length > 0 ? [{ type: "text", text: "The result is attached in the next message." }] : [];
  return {
    role: "tool",
    tool_call_id: takenCallId(message.toolCallId, context.quirks),
    content: writeTexts(texts.length > 0 ? texts : hint, context),
    ...(cache === undefined ? {} : { cache_control: writeCacheMarker(cache) }),
  };
}
