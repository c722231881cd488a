// Turns a conversation's messages into `system` and `messages`, keeping the order and the API's rules about turns.
import { toolInput } from "../../anthropic-messages/client/arguments.ts";
import { callKey, pairTools } from "../../anthropic-messages/client/pairing.ts";
import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type { AssistantPart, CacheMarker, Message, TextPart, ToolResultPart, UserPart } from "../../conversation.ts";
import type { Family } from "../family.ts";
import type { Block, ResultContent, TextBlock, ToolResultBlock, WireMessage } from "../wire.ts";
import type { CacheMarks } from "./cache.ts";
import { callIds } from "./call-ids.ts";
import { documentNames, fileBlock, imageBlock, type Place } from "./media.ts";

export interface Prompt {
  readonly system: readonly Block[];
  readonly messages: readonly WireMessage[];
}

export interface PromptOptions {
  readonly family: Family;
  readonly losses: Losses;
  readonly marks: CacheMarks;
  /** Whether earlier signed reasoning is sent back. */
  readonly keepsThinking: boolean;
}

/**
 * - Leading system and developer messages become `system`; a later one becomes user text at its place.
 * - Turns alternate: neighbours of one role become one turn, and tool results come first in the one after their calls.
 * - Blank text is left out (the API refuses it), and reasoning at the end of a turn, and turns that hold nothing else.
 */
export function encodeMessages(messages: readonly Message[], options: PromptOptions): Prompt {
  const { family, losses, marks } = options;
  const pairing = pairTools(messages, losses);
  const wireId = callIds(family);
  const documentName = documentNames();
  const system: Block[] = [];
  const turns: WireMessage[] = [];
  const leading = messages.findIndex(({ role }) => role !== "system" && role !== "developer");

  messages.forEach((message, at) => {
    const path = `messages[${at}]`;
    if ("name" in message && message.name !== undefined) losses.drop(`${path}.name`, "has no place at Bedrock");
    const encodeParts = <P extends UserPart | AssistantPart>(
      parts: readonly P[],
      toBlock: (part: P, place: Place, position: number) => Block | null,
    ) =>
      parts.flatMap((part, position): readonly Block[] => {
        const place = { path: `${path}.content[${position}]`, losses, documentName };
        const block = toBlock(part, place, position);
        if (block !== null && "cache" in part && part.cache !== undefined) marks.mark(block, part.cache, place.path);
        return block === null ? [] : [block];
      });
    switch (message.role) {
      case "system":
      case "developer": {
        const blocks = encodeParts<TextPart>(message.content, ({ text }) => textBlock(text));
        if (leading === -1 || at < leading) system.push(...blocks);
        else addTurn(turns, "user", blocks);
        return;
      }
      case "user":
        addTurn(turns, "user", encodeParts(message.content, userBlock));
        return;
      case "assistant": {
        const toBlock = (part: AssistantPart, place: Place, position: number) => {
          const id = pairing.calls.get(callKey(at, position));
          return assistantBlock(part, id === undefined ? null : wireId(id), { place, options });
        };
        addTurn(turns, "assistant", encodeParts(message.content, toBlock));
        return;
      }
      case "tool": {
        const id = pairing.results.get(at);
        if (id === undefined) return;
        const block = toolResult(message, wireId(id), { path, losses, documentName }, family);
        const cache = message.cache ?? message.content.findLast((part) => part.cache !== undefined)?.cache;
        if (cache !== undefined) marks.mark(block, cache, path);
        addTurn(turns, "user", [block]);
      }
    }
  });
  return { system, messages: settle(turns, family) };
}

/**
 * A text without a character that is no white space is refused ("The text field in the ContentBlock object is blank").
 */
function textBlock(text: string): TextBlock | null {
  return /\S/.test(text) ? { text } : null;
}

function userBlock(part: UserPart, place: Place): Block | null {
  switch (part.type) {
    case "text":
      return textBlock(part.text);
    case "image":
      return imageBlock(part, place);
    case "file":
      return fileBlock(part, place);
    case "audio":
      place.losses.refuse(place.path, "is sound, which the Bedrock Converse API does not take");
      return null;
  }
}

function assistantBlock(
  part: AssistantPart,
  wireId: string | null,
  { place, options }: { readonly place: Place; readonly options: PromptOptions },
): Block | null {
  switch (part.type) {
    case "text":
    case "refusal":
      return textBlock(part.text);
    case "reasoning":
      // A signature goes back to the vendor that made it, unchanged. Unsigned or foreign reasoning can't be said here.
      if (options.family !== "claude" || !options.keepsThinking) return null;
      if (part.encrypted?.vendor === "anthropic") {
        return { reasoningContent: { redactedContent: btoa(part.encrypted.value) } };
      }
      if (part.signature?.vendor !== "anthropic") return null;
      return { reasoningContent: { reasoningText: { text: part.text, signature: part.signature.value } } };
    case "tool-call":
      if (wireId === null) return null;
      return { toolUse: { toolUseId: wireId, name: part.name, input: toolInput(part.arguments) } };
    case "audio-reference":
    case "output-audio":
      place.losses.refuse(place.path, "is sound, which the Bedrock Converse API does not take");
      return null;
    case "output-image":
      return imageBlock(part, place);
  }
}

/**
 * `status` is for Claude and Nova alone (API Reference, "ToolResultBlock"). The API wants content: an empty result says
 * so.
 */
function toolResult(
  message: { readonly content: readonly ToolResultPart[]; readonly isError?: boolean; readonly cache?: CacheMarker },
  toolUseId: string,
  place: Place,
  family: Family,
): ToolResultBlock {
  const content = message.content.flatMap((part, at): readonly ResultContent[] => {
    const block = resultPart(part, { ...place, path: `${place.path}.content[${at}]` });
    return block === null ? [] : [block];
  });
  const failed = message.isError === true;
  const hasStatus = failed && (family === "claude" || family === "nova");
  const silent: readonly ResultContent[] = [{ text: failed ? "error" : "(no output)" }];
  return {
    toolResult: {
      toolUseId,
      content: content.length === 0 ? silent : content,
      ...(hasStatus && { status: "error" }),
    },
  };
}

function resultPart(part: ToolResultPart, place: Place): ResultContent | null {
  switch (part.type) {
    case "text":
      return textBlock(part.text);
    case "image":
      return imageBlock(part, place);
    case "file":
      return fileBlock(part, place);
  }
}

function addTurn(turns: WireMessage[], role: WireMessage["role"], blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: [...blocks] });
}

function settle(turns: readonly WireMessage[], family: Family): readonly WireMessage[] {
  const settled: WireMessage[] = [];
  for (const { role, content } of turns) {
    if (role === "assistant") {
      addTurn(settled, role, content.slice(0, content.findLastIndex((block) => !isReasoning(block)) + 1));
      continue;
    }
    const results = content.filter(isResult);
    const others = withWords(content.filter((block) => !isResult(block)));
    addTurn(settled, "user", results);
    // Llama refuses words beside tool results; a turn in between is accepted (recording
    // `test_bedrock_llama_tool_result_followed_by_text_accepted`).
    if (family === "llama" && results.length > 0 && others.length > 0) addTurn(settled, "assistant", [{ text: "." }]);
    addTurn(settled, "user", others);
  }
  trimPrefill(settled.at(-1));
  return settled;
}

/** A turn with a document must have a text beside it: where it has none, the documents' names. */
function withWords(content: readonly Block[]): readonly Block[] {
  const names = content.flatMap((block) => ("document" in block ? [block.document.name] : []));
  if (names.length === 0 || content.some((block) => "text" in block)) return content;
  return [{ text: names.join(", ") }, ...content];
}

/** A last assistant turn is continued from its last character, and may not end in white space. */
function trimPrefill(last: WireMessage | undefined): void {
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  if (block !== undefined && "text" in block) block.text = block.text.trimEnd();
}

function isResult(block: Block): block is ToolResultBlock {
  return "toolResult" in block;
}

export function isReasoning(block: Block | undefined): boolean {
  return block !== undefined && "reasoningContent" in block;
}

/** Whether the turn that the model goes on with began with its signed reasoning; null when no turn is open. */
export function openTurnThinks(messages: readonly WireMessage[]): boolean | null {
  const isOpen = ({ role, content }: WireMessage) =>
    role === "assistant" || (content[0] !== undefined && isResult(content[0]));
  const last = messages.at(-1);
  if (last === undefined || !isOpen(last)) return null;
  return isReasoning(messages[messages.findLastIndex((message) => !isOpen(message)) + 1]?.content[0]);
}

/** Whether any turn calls a tool or holds a result: the API then wants `toolConfig`. */
export function toolsOfHistory(messages: readonly WireMessage[]): readonly string[] {
  const names = messages.flatMap(({ content }) =>
    content.flatMap((block) => ("toolUse" in block ? [block.toolUse.name] : [])),
  );
  return [...new Set(names)];
}
