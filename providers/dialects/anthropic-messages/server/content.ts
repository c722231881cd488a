// Content: the blocks that users and tools say, checked one by one.
import { readCacheMarker } from "../../cache.ts";
import type { FilePart, ImagePart, Source, TextPart, UserPart } from "../../conversation.ts";
import {
  asObject,
  at,
  Invalid,
  oneOf,
  optionalList,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import type { JsonObject } from "../wire.ts";
import type { ForeignList } from "./foreign.ts";

/** A part and the block that it was read from, in the client's terms (`messages.0.content.1`). */
export interface Placed<Part> {
  readonly part: Part;
  readonly path: string;
}

/** A block's parts. Sound has no block in this dialect. */
export type ContentPart = Exclude<UserPart, { type: "audio" }>;

/** The blocks of `content`, which may be a string; null when it is absent. */
export function contentBlocks(holder: JsonObject, path: string): readonly Placed<JsonObject>[] | null {
  const place = at(path, "content");
  const { content } = holder;
  if (content === undefined || content === null) return null;
  if (typeof content === "string") return [{ part: { type: "text", text: content }, path: place }];
  if (!Array.isArray(content)) {
    throw new Invalid(place, `Invalid type for '${place}': expected a string or an array of content blocks.`);
  }
  return content.map((block: unknown, index) => {
    const spot = `${place}.${index}`;
    return { part: asObject(block, spot), path: spot };
  });
}

/** One block of a user turn or a tool result. A marker on it ends at the last of its parts. */
export function readContentBlock({ part: block, path }: Placed<JsonObject>, foreign: ForeignList): ContentPart[] {
  const parts = readBlock(block, path, foreign);
  const cache = readCacheMarker(block);
  const last = parts.at(-1);
  if (cache !== null && last !== undefined) parts[parts.length - 1] = { ...last, cache };
  return parts;
}

function readBlock(block: JsonObject, path: string, foreign: ForeignList): ContentPart[] {
  const type = requiredString(block, "type", path);
  switch (type) {
    case "text":
      return [readText(block, path)];
    case "image":
      return [readImage(block, path, foreign)];
    case "document":
      return readDocument(block, path, foreign);
    case "search_result":
      return [readSearchResult(block, path, foreign)];
    default:
      foreign.content(path, `a \`${type}\` block`);
      return [];
  }
}

/** Its text may be empty: that says nothing, and is nobody's mistake. */
export function readText(block: JsonObject, path: string): TextPart {
  const text = optionalString(block, "text", path);
  if (text !== null) return { type: "text", text };
  throw new Invalid(at(path, "text"), `Missing required parameter: '${at(path, "text")}', a string.`);
}

function readImage(block: JsonObject, path: string, foreign: ForeignList): ImagePart {
  const inner = at(path, "source");
  const source = requiredObject(block, "source", path);
  const type = requiredString(source, "type", inner);
  if (type !== "base64" && type !== "url" && type !== "file") {
    return unknownWord(type, ["base64", "url", "file"], at(inner, "type"));
  }
  if (optionalObject(block, "transformations", path)?.oversized_image === "error") {
    foreign.wish(at(path, "transformations"), "can't be asked of this provider");
  }
  return { type: "image", source: readSource(type, source, inner) };
}

function readSource(type: "base64" | "url" | "file", source: JsonObject, path: string): Source {
  switch (type) {
    case "base64":
      return {
        kind: "base64",
        mediaType: requiredString(source, "media_type", path),
        data: requiredString(source, "data", path),
      };
    case "url":
      return { kind: "url", url: requiredString(source, "url", path), mediaType: null };
    case "file":
      return { kind: "file-id", id: requiredString(source, "file_id", path) };
  }
}

const documentSources = ["base64", "text", "url", "file", "content"] as const;

/**
 * `title` is the file's name. `context` ("information about the document which is not cited from"; documentation,
 * "Citations") becomes text before it. A `content` source is the text and images that it holds.
 */
function readDocument(block: JsonObject, path: string, foreign: ForeignList): ContentPart[] {
  const inner = at(path, "source");
  const source = requiredObject(block, "source", path);
  const type = oneOf(requiredString(source, "type", inner), documentSources, at(inner, "type"));
  const title = optionalString(block, "title", path);
  const context = optionalString(block, "context", path);
  wishCitations(block, path, foreign);
  const before: ContentPart[] = context === null ? [] : [{ type: "text", text: context }];
  switch (type) {
    case "text": {
      const data = encodeText(requiredString(source, "data", inner));
      return [...before, file({ kind: "base64", mediaType: "text/plain", data }, title)];
    }
    case "content": {
      const heading: ContentPart[] = title === null ? [] : [{ type: "text", text: title }];
      const blocks = contentBlocks(source, inner) ?? [];
      return [...heading, ...before, ...blocks.flatMap((held) => readBlock(held.part, held.path, foreign))];
    }
    case "url":
      return [
        ...before,
        file({ kind: "url", url: requiredString(source, "url", inner), mediaType: "application/pdf" }, title),
      ];
    default:
      return [...before, file(readSource(type, source, inner), title)];
  }
}

function file(source: Source, filename: string | null): FilePart {
  return { type: "file", source, filename };
}

/** As text: what a search found, under its title and its source. */
function readSearchResult(block: JsonObject, path: string, foreign: ForeignList): TextPart {
  const title = requiredString(block, "title", path);
  const source = requiredString(block, "source", path);
  const place = at(path, "content");
  const texts = (optionalList(block, "content", path) ?? []).map((held, index) => {
    const spot = `${place}.${index}`;
    return readText(asObject(held, spot), spot).text;
  });
  wishCitations(block, path, foreign);
  return { type: "text", text: [title, source, "", ...texts].join("\n") };
}

/** Answers that cite their sources are Anthropic's own; asked for, they would be missed. */
function wishCitations(block: JsonObject, path: string, foreign: ForeignList): void {
  if (optionalObject(block, "citations", path)?.enabled === true) {
    foreign.wish(at(path, "citations"), "can't be asked of this provider, which does not cite documents");
  }
}

/** Text as base64 of its UTF-8. */
function encodeText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

/** The text blocks of `system` and of system messages. `tool_addition` and the like change the tools on the way. */
export function readTexts(blocks: readonly Placed<JsonObject>[], foreign: ForeignList): Placed<TextPart>[] {
  return blocks.flatMap(({ part: block, path }) => {
    const type = requiredString(block, "type", path);
    if (type !== "text") {
      foreign.content(path, `a \`${type}\` block`);
      return [];
    }
    const cache = readCacheMarker(block);
    return [{ part: { ...readText(block, path), ...(cache !== null && { cache }) }, path }];
  });
}
