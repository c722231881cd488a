// Messages: a client's `system` and `messages`, checked and read, each part with its place in the client's body.
import { readCacheMarker } from "../../cache.ts";
import type { CacheMarker, Message, ToolResultPart, UserPart } from "../../conversation.ts";
import { asObject, at, Invalid, missing, oneOf, optionalBoolean, optionalList, requiredString } from "../../fields.ts";
import type { JsonObject } from "../wire.ts";
import { readAnswer } from "./assistant.ts";
import { contentBlocks, type Placed, readContentBlock, readTexts } from "./content.ts";
import type { ForeignList } from "./foreign.ts";

/** A message, and where the client wrote it and each of its parts. */
export interface Turn {
  readonly message: Message;
  readonly path: string;
  readonly parts: readonly string[];
}

/**
 * @param foreign Is told the blocks that only Anthropic models can be sent.
 * @throws Invalid
 */
export function readMessages(body: JsonObject, foreign: ForeignList): readonly Turn[] {
  const messages = optionalList(body, "messages") ?? missing("messages", "an array of at least one message");
  if (messages.length === 0) {
    throw new Invalid("messages", "Invalid 'messages': the array is empty. Send at least one message.");
  }
  const turns = [
    ...readSystem(body, foreign),
    ...messages.flatMap((message, index) => {
      const path = `messages.${index}`;
      return readTurn(asObject(message, path), path, foreign);
    }),
  ];
  return markLast(turns, readCacheMarker(body));
}

/**
 * Claude Code puts a line for Anthropic's accounting before its instructions. It is another one with every request, so that
 * no other vendor's prompt cache would ever hit (issue anthropics/claude-code #68900).
 */
const billingLine = /^x-anthropic-billing-header:[^\n]*\n?/;

function readSystem(body: JsonObject, foreign: ForeignList): Turn[] {
  const { system } = body;
  const holder = { content: typeof system === "string" ? system : optionalList(body, "system") };
  // `contentBlocks` names the places `….content`; here there is no such member.
  const blocks = (contentBlocks(holder, "") ?? []).map(({ part, path }) => ({
    part,
    path: path.replace("content", "system"),
  }));
  const placed = readTexts(blocks, foreign)
    .map(({ part, path }) => ({ part: { ...part, text: part.text.replace(billingLine, "") }, path }))
    .filter(({ part }) => part.text !== "");
  if (placed.length === 0) return [];
  return [turn({ role: "system", content: placed.map(({ part }) => part) }, "system", placed)];
}

const roles = ["user", "assistant", "system"] as const;

function readTurn(message: JsonObject, path: string, foreign: ForeignList): Turn[] {
  const role = oneOf(requiredString(message, "role", path), roles, at(path, "role"));
  const blocks = contentBlocks(message, path);
  if (blocks === null) return missing(at(path, "content"), "a string or an array of content blocks");
  switch (role) {
    case "system": {
      const placed = readTexts(blocks, foreign);
      return [turn({ role, content: placed.map(({ part }) => part) }, path, placed)];
    }
    case "assistant": {
      const placed = readAnswer(blocks, foreign).filter(
        ({ part }) => part.type !== "text" || part.text !== "" || part.signature,
      );
      return placed.length === 0 ? [] : [turn({ role, content: placed.map(({ part }) => part) }, path, placed)];
    }
    case "user":
      if (blocks.length === 0) {
        const place = at(path, "content");
        throw new Invalid(place, `Invalid '${place}': a user message must have content.`);
      }
      return readUser(blocks, path, foreign);
  }
}

/**
 * Tool results become messages of their own, before what the user says in the same turn: they answer the turn before, and
 * the API wants them first as well.
 */
function readUser(blocks: readonly Placed<JsonObject>[], path: string, foreign: ForeignList): Turn[] {
  const results: Turn[] = [];
  const said: Placed<UserPart>[] = [];
  for (const block of blocks) {
    if (block.part.type === "tool_result") results.push(readResult(block, foreign));
    else said.push(...readContentBlock(block, foreign).map((part) => ({ part, path: block.path })));
  }
  if (said.length === 0) return results;
  return [...results, turn({ role: "user", content: said.map(({ part }) => part) }, path, said)];
}

function readResult({ part: block, path }: Placed<JsonObject>, foreign: ForeignList): Turn {
  const isError = optionalBoolean(block, "is_error", path) === true;
  const cache = readCacheMarker(block);
  const placed = (contentBlocks(block, path) ?? [])
    .flatMap((held): Placed<ToolResultPart>[] =>
      readContentBlock(held, foreign).map((part) => ({ part, path: held.path })),
    )
    .filter(({ part }) => part.type !== "text" || part.text !== "");
  const message: Message = {
    role: "tool",
    toolCallId: requiredString(block, "tool_use_id", path),
    content: placed.map(({ part }) => part),
    ...(isError && { isError }),
    ...(cache !== null && { cache }),
  };
  return turn(message, path, placed);
}

function turn(message: Message, path: string, placed: readonly Placed<unknown>[]): Turn {
  return { message, path, parts: placed.map((part) => part.path) };
}

/** A marker on the body itself ends at the last block that can carry one (documentation, "Prompt caching"). */
function markLast(turns: readonly Turn[], cache: CacheMarker | null): readonly Turn[] {
  const last = turns.at(-1);
  if (cache === null || last === undefined) return turns;
  return [...turns.slice(0, -1), { ...last, message: marked(last.message, cache) }];
}

function marked(message: Message, cache: CacheMarker): Message {
  switch (message.role) {
    case "tool":
      return { ...message, cache: message.cache ?? cache };
    case "assistant": {
      const place = message.content.findLastIndex(({ type }) => type === "text" || type === "tool-call");
      return { ...message, content: message.content.map((part, at) => (at === place ? { cache, ...part } : part)) };
    }
    case "user":
      return { ...message, content: withLastMarked(message.content, cache) };
    default:
      return { ...message, content: withLastMarked(message.content, cache) };
  }
}

function withLastMarked<Part extends { readonly cache?: CacheMarker }>(
  parts: readonly Part[],
  cache: CacheMarker,
): Part[] {
  return parts.map((part, at) => (at === parts.length - 1 ? { cache, ...part } : part));
}
