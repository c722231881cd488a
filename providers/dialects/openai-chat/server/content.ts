// Content: the parts that users and tools say, checked one by one.
import { readCacheMarker } from "../../cache.ts";
import type { CacheMarker, FilePart, ImagePart, TextPart, ToolResultPart, UserPart } from "../../conversation.ts";
import {
  asObject,
  at,
  Invalid,
  oneOf,
  optionalString,
  requiredObject,
  requiredString,
  unknownWord,
} from "../../fields.ts";
import type { Json } from "../../json.ts";
import { fileSource, marker, readAudio, readDetail, readText, readUrl } from "../../openai-parts.ts";

const userTypes = ["text", "image_url", "input_audio", "file"] as const;
const resultTypes = ["text", "image_url", "file"] as const;

/** `content` of a system or developer message. */
export function readTexts(message: Json, path: string): TextPart[] {
  return readParts(message, path, (part, place) => {
    oneOf(requiredString(part, "type", place), ["text"], at(place, "type"));
    return readText(part, place);
  });
}

export function readUserContent(message: Json, path: string): UserPart[] {
  return readParts(message, path, (part, place) => {
    const type = requiredString(part, "type", place);
    return type === "input_audio" ? readAudio(part, place) : readShared(part, type, userTypes, place);
  });
}

/** `content` of a tool message. OpenAI itself takes text only there; pictures and files are passed to vendors that do more. */
export function readToolContent(message: Json, path: string): ToolResultPart[] {
  return readParts(message, path, (part, place) =>
    readShared(part, requiredString(part, "type", place), resultTypes, place),
  );
}

/** A string, or an array of parts; a cache marker on the message ends at its last part. */
function readParts<Part extends { readonly cache?: CacheMarker }>(
  message: Json,
  path: string,
  read: (part: Json, place: string) => Part | TextPart,
): (Part | TextPart)[] {
  const content = message.content;
  const place = at(path, "content");
  if (typeof content !== "string" && !Array.isArray(content)) {
    throw new Invalid(place, `Invalid type for '${place}': expected a string or an array of content parts.`);
  }
  const parts: (Part | TextPart)[] =
    typeof content === "string"
      ? [{ type: "text", text: content }]
      : content.map((part: unknown, index) => read(asObject(part, `${place}[${index}]`), `${place}[${index}]`));
  return markLast(parts, readCacheMarker(message));
}

function markLast<Part extends { readonly cache?: CacheMarker }>(parts: Part[], cache: CacheMarker | null): Part[] {
  const last = parts.at(-1);
  if (cache !== null && last !== undefined && last.cache === undefined) parts[parts.length - 1] = { ...last, cache };
  return parts;
}

function readShared(
  part: Json,
  type: string,
  known: readonly string[],
  place: string,
): TextPart | ImagePart | FilePart {
  switch (type) {
    case "text":
      return readText(part, place);
    case "image_url":
      return readImage(part, place);
    case "file":
      return readFile(part, place);
    default:
      return unknownWord(type, known, at(place, "type"));
  }
}

/** `image_url` is an object; the bare URL that Mistral's clients send is taken too. */
function readImage(part: Json, place: string): ImagePart {
  const inner = at(place, "image_url");
  const image = typeof part.image_url === "string" ? { url: part.image_url } : requiredObject(part, "image_url", place);
  const source = readUrl(requiredString(image, "url", inner), at(inner, "url"));
  return { type: "image", source, ...readDetail(image, inner), ...marker(part) };
}

/** `file_data` is a data URL or bare base64 (OpenAI), or a web address (OpenRouter). */
function readFile(part: Json, place: string): FilePart {
  const inner = at(place, "file");
  const file = requiredObject(part, "file", place);
  const filename = optionalString(file, "filename", inner);
  const id = optionalString(file, "file_id", inner);
  const data = optionalString(file, "file_data", inner);
  if (id === null && data === null) {
    throw new Invalid(inner, `Missing required parameter: '${inner}' needs 'file_data' or 'file_id'.`);
  }
  return { type: "file", source: fileSource(id, data ?? "", filename), filename, ...marker(part) };
}
