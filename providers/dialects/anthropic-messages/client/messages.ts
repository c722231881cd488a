// Turns a conversation's messages into `system` and `messages`, keeping the order and the API's rules about turns.
import type { AssistantPart, Message, UserPart } from "../../conversation.ts";
import type { Block, CacheControl, TextBlock, ToolResultBlock, WireMessage } from "../wire.ts";
import { toolInput } from "./arguments.ts";
import { callKey, pairTools } from "./pairing.ts";
import { cacheControl, isBlank, type Place, textBlock, toolResultBlock, userBlock } from "./parts.ts";
import type { Losses } from "./unsupported.ts";

export interface Prompt {
  readonly system: TextBlock[];
  readonly messages: readonly WireMessage[];
  /** Where each block came from, for reports (`messages[2].content[0]`). */
  readonly origins: ReadonlyMap<object, string>;
}

/**
 * - Leading system and developer messages become `system`. A later one becomes user text at its place: every model takes
 *   that, while the role `system` is known to few, and under rules of placement that a translation can't promise to meet.
 * - Turns alternate: neighbours of one role become one turn.
 * - Tool results come first in the user turn that follows their calls.
 * - Blank text, and reasoning at the end of a turn ("The final block in an assistant message cannot be `thinking`"), are
 *   left out, and with them turns that hold nothing else.
 */
export function encodeMessages(messages: readonly Message[], losses: Losses): Prompt {
  const pairing = pairTools(messages, losses);
  const origins = new Map<object, string>();
  const system: TextBlock[] = [];
  const turns: WireMessage[] = [];
  const leading = messages.findIndex(({ role }) => role !== "system" && role !== "developer");

  messages.forEach((message, at) => {
    const path = `messages[${at}]`;
    if ("name" in message && message.name !== undefined) losses.drop(`${path}.name`, "has no place at Anthropic");
    const context = { path, losses, origins };
    switch (message.role) {
      case "system":
      case "developer": {
        const blocks = encodeParts(message.content, context, ({ text, cache }) => textBlock(text, cache));
        if (leading === -1 || at < leading) system.push(...blocks);
        else addTurn(turns, "user", blocks);
        return;
      }
      case "user":
        addTurn(turns, "user", encodeParts<UserPart, Block>(message.content, context, userBlock));
        return;
      case "assistant": {
        const toBlock = (part: AssistantPart, place: Place, position: number) =>
          assistantBlock(part, pairing.calls.get(callKey(at, position)), place);
        addTurn(turns, "assistant", encodeParts(message.content, context, toBlock));
        return;
      }
      case "tool": {
        const wireId = pairing.results.get(at);
        if (wireId === undefined) return;
        const block = toolResultBlock(message, wireId, context);
        origins.set(block, path);
        addTurn(turns, "user", [block]);
      }
    }
  });
  return { system, messages: settle(turns), origins };
}

interface Context extends Place {
  readonly origins: Map<object, string>;
}

function encodeParts<P extends AssistantPart | UserPart, B extends Block>(
  parts: readonly P[],
  { path, losses, origins }: Context,
  toBlock: (part: P, place: Place, position: number) => B | null,
): readonly B[] {
  const blocks: B[] = [];
  parts.forEach((part, position) => {
    const place = { path: `${path}.content[${position}]`, losses };
    const block = toBlock(part, place, position);
    if (block !== null) {
      blocks.push(block);
      origins.set(block, place.path);
    } else if ("cache" in part && part.cache !== undefined) {
      moveMarker(blocks.at(-1), cacheControl(part.cache));
    }
  });
  return blocks;
}

/** A blank part is left out, but the prefix that its marker ended is the one that the block before it ends. */
function moveMarker(block: Block | undefined, marker: CacheControl): void {
  if (block === undefined || block.type === "thinking" || block.type === "redacted_thinking") return;
  block.cache_control ??= marker;
}

function assistantBlock(part: AssistantPart, wireId: string | undefined, { path, losses }: Place): Block | null {
  switch (part.type) {
    case "text":
      return textBlock(part.text, part.cache);
    case "refusal":
      return textBlock(part.text);
    case "reasoning":
      // A signature goes back to the vendor that made it, unchanged. Unsigned or foreign reasoning can't be said here.
      if (part.encrypted?.vendor === "anthropic") return { type: "redacted_thinking", data: part.encrypted.value };
      if (part.signature?.vendor !== "anthropic") return null;
      return { type: "thinking", thinking: part.text, signature: part.signature.value };
    case "tool-call":
      if (wireId === undefined) return null;
      return {
        type: "tool_use",
        id: wireId,
        name: part.name,
        input: toolInput(part.arguments),
        ...(part.cache !== undefined && { cache_control: cacheControl(part.cache) }),
      };
    case "audio-reference":
    case "output-audio":
      losses.refuse(path, "is sound, which Anthropic models can't hear");
      return null;
    case "output-image":
      losses.refuse(path, "is an image in an assistant message, which Anthropic models do not take");
      return null;
  }
}

function addTurn(turns: WireMessage[], role: WireMessage["role"], blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: [...blocks] });
}

function settle(turns: readonly WireMessage[]): readonly WireMessage[] {
  const settled: WireMessage[] = [];
  for (const { role, content } of turns) {
    const ordered = role === "user" ? resultsFirst(content) : content;
    const end = ordered.findLastIndex((block) => !isThinking(block));
    addTurn(settled, role, role === "user" ? ordered : ordered.slice(0, end + 1));
  }
  trimPrefill(settled.at(-1));
  return settled;
}

function resultsFirst(content: readonly Block[]): Block[] {
  const isResult = (block: Block): block is ToolResultBlock => block.type === "tool_result";
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

/**
 * The model continues a final assistant turn from its last character, and the API refuses one that ends in white space
 * ("final assistant content cannot end with trailing whitespace"); the model then begins with that space itself.
 */
function trimPrefill(last: WireMessage | undefined): void {
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  if (block?.type === "text" && !isBlank(block.text)) block.text = block.text.trimEnd();
}

export function isThinking(block: Block | undefined): boolean {
  return block?.type === "thinking" || block?.type === "redacted_thinking";
}

/**
 * Where the last assistant turn begins, if it is still open: it is continued, or the last message holds its tool results.
 * Null when the next words are the model's first after the user's.
 */
export function openTurn(messages: readonly WireMessage[]): number | null {
  const isOpen = (message: WireMessage | undefined) =>
    message?.role === "assistant" || message?.content[0]?.type === "tool_result";
  if (messages.length === 0 || !isOpen(messages.at(-1))) return null;
  const closed = messages.findLastIndex((message) => !isOpen(message));
  return closed + 1;
}
