// Turns the parts of messages into the Messages API's content blocks.
import type { CacheMarker, FilePart, ImagePart, ToolResultPart, UserPart } from "../../conversation.ts";
import type { Block, CacheControl, DocumentBlock, ImageBlock, TextBlock, ToolResultBlock } from "../wire.ts";
import type { Losses } from "./unsupported.ts";

/** Where a part is in the conversation (`messages[2].content[0]`), and where to report what it can't say. */
export interface Place {
  readonly path: string;
  readonly losses: Losses;
}

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"] as const;
type ImageType = (typeof imageTypes)[number];

/** File types without a `text/` name that are text all the same. */
const textTypes = new Set([
  "application/json",
  "application/xml",
  "application/yaml",
  "application/x-yaml",
  "application/javascript",
  "application/typescript",
  "application/sql",
  "application/x-ndjson",
]);

/** Consulted where the media type says nothing. */
const typeOfExtension: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  json: "application/json",
};

export function cacheControl(marker: CacheMarker): CacheControl {
  return { type: "ephemeral", ...(marker.ttl !== null && { ttl: marker.ttl }) };
}

/** The API refuses text without a character that is no white space; such a part says nothing, and is left out. */
export function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

export function textBlock(text: string, cache?: CacheMarker): TextBlock | null {
  if (isBlank(text)) return null;
  return { type: "text", text, ...(cache !== undefined && { cache_control: cacheControl(cache) }) };
}

/** Null when the part says nothing, or can't be said (which is then reported). */
export function userBlock(part: UserPart, place: Place): Block | null {
  switch (part.type) {
    case "text":
      return textBlock(part.text, part.cache);
    case "image":
      return withCache(imageBlock(part, place), part.cache);
    case "file":
      return withCache(fileBlock(part, place), part.cache);
    case "audio":
      place.losses.refuse(place.path, "is sound, which Anthropic models can't hear");
      return null;
  }
}

/** A tool's answer. A marker on a part inside moves to the block itself, where the same prefix ends. */
export function toolResultBlock(
  message: { readonly content: readonly ToolResultPart[]; readonly isError?: boolean; readonly cache?: CacheMarker },
  wireId: string,
  place: Place,
): ToolResultBlock {
  const content = message.content.flatMap((part, at) => {
    const inside = { ...place, path: `${place.path}.content[${at}]` };
    const block = resultPart(part, inside);
    return block === null ? [] : [block];
  });
  const cache = message.cache ?? message.content.findLast((part) => part.cache !== undefined)?.cache;
  return {
    type: "tool_result",
    tool_use_id: wireId,
    ...(content.length > 0 && { content: onlyText(content) ?? content }),
    // An error must say something ("content cannot be empty if `is_error` is true").
    ...(content.length === 0 && message.isError === true && { content: "error" }),
    ...(message.isError === true && { is_error: true }),
    ...(cache !== undefined && { cache_control: cacheControl(cache) }),
  };
}

function resultPart(part: ToolResultPart, place: Place): TextBlock | ImageBlock | DocumentBlock | null {
  switch (part.type) {
    case "text":
      return textBlock(part.text);
    case "image":
      return imageBlock(part, place);
    case "file":
      return fileBlock(part, place);
  }
}

/** The text of a result that is one piece of text: the short form, which every version of the API knows. */
function onlyText(content: readonly (TextBlock | ImageBlock | DocumentBlock)[]): string | null {
  const [first, ...others] = content;
  return first?.type === "text" && others.length === 0 ? first.text : null;
}

function imageBlock(part: Pick<ImagePart, "source">, { path, losses }: Place): ImageBlock | null {
  const { source } = part;
  if (source.kind === "file-id") return { type: "image", source: { type: "file", file_id: source.id } };
  const mediaType = source.mediaType === null ? null : plainType(source.mediaType);
  if (mediaType !== null && !isImageType(mediaType)) {
    losses.refuse(path, `is an image of type ${mediaType}; Anthropic models see JPEG, PNG, GIF and WebP`);
    return null;
  }
  if (source.kind === "url") {
    if (isWebUrl(source.url)) return { type: "image", source: { type: "url", url: source.url } };
    losses.refuse(path, "has a URL that is neither http nor https");
    return null;
  }
  if (mediaType === null) return null;
  return { type: "image", source: { type: "base64", media_type: mediaType, data: source.data } };
}

function fileBlock(part: FilePart, place: Place): DocumentBlock | ImageBlock | null {
  const { source } = part;
  const title = part.filename === null ? {} : { title: part.filename };
  if (source.kind === "file-id") {
    return { type: "document", source: { type: "file", file_id: source.id }, ...title };
  }
  const mediaType = fileType(source.mediaType, part.filename);
  if (mediaType.startsWith("image/")) return imageBlock({ source: { ...source, mediaType } }, place);
  if (source.kind === "url") {
    // The API fetches PDFs alone; a URL that does not tell its type is taken for one.
    if (isWebUrl(source.url) && (mediaType === "" || mediaType === "application/pdf")) {
      return { type: "document", source: { type: "url", url: source.url }, ...title };
    }
    place.losses.refuse(place.path, "is a file by URL; Anthropic models fetch PDF files over http and https only");
    return null;
  }
  if (mediaType === "application/pdf") {
    return {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: source.data },
      ...title,
    };
  }
  const text = mediaType.startsWith("text/") || textTypes.has(mediaType) ? decodeText(source.data) : null;
  if (text === null) {
    const type = mediaType === "" ? "an unknown type" : `type ${mediaType}`;
    place.losses.refuse(place.path, `is a file of ${type}; Anthropic models read PDF files and text in UTF-8`);
    return null;
  }
  if (isBlank(text)) {
    place.losses.refuse(place.path, "is a file without text, which Anthropic refuses");
    return null;
  }
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

function withCache<B extends ImageBlock | DocumentBlock>(block: B | null, cache: CacheMarker | undefined): B | null {
  return block === null || cache === undefined ? block : { ...block, cache_control: cacheControl(cache) };
}

/** `Image/JPG; charset=…` is `image/jpeg`. */
function plainType(mediaType: string): string {
  const type = (mediaType.split(";")[0] ?? "").trim().toLowerCase();
  return type === "image/jpg" ? "image/jpeg" : type;
}

/** Empty when neither the media type nor the file's name tells. */
function fileType(mediaType: string | null, filename: string | null): string {
  const type = plainType(mediaType ?? "");
  if (type !== "" && type !== "application/octet-stream") return type;
  return typeOfExtension[filename?.split(".").at(-1)?.toLowerCase() ?? ""] ?? type;
}

function isImageType(mediaType: string): mediaType is ImageType {
  return (imageTypes as readonly string[]).includes(mediaType);
}

function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Base64 of UTF-8; null when it is not. */
function decodeText(data: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
