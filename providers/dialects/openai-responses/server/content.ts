// Content: what users, instructions and tools say in input items, checked part by part.
import { readCacheMarker } from "../../cache.ts";
import type {
  AudioPart,
  CacheMarker,
  FilePart,
  ImagePart,
  TextPart,
  ToolResultPart,
  UserPart,
} from "../../conversation.ts";
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
import { readDataUrl } from "../../media.ts";
import { fileSource, readUrl } from "../../openai-chat/server/content.ts";

const userTypes = ["input_text", "input_image", "input_file", "input_audio"] as const;
const resultTypes = ["input_text", "input_image", "input_file"] as const;

/** Parts, and the place of each in the client's body. */
export interface Read<Part> {
  readonly parts: readonly Part[];
  readonly places: readonly string[];
}

/** `content` of a system or developer message. */
export function readTexts(item: Json, path: string): Read<TextPart> {
  return readParts(item.content, at(path, "content"), (part, place) => {
    oneOf(requiredString(part, "type", place), ["input_text"], at(place, "type"));
    return readText(part, place);
  });
}

export function readUserContent(item: Json, path: string): Read<UserPart> {
  return readParts(item.content, at(path, "content"), (part, place) => {
    const type = requiredString(part, "type", place);
    return type === "input_audio" ? readAudio(part, place) : readShared(part, type, userTypes, place);
  });
}

/** `output` of a function call. */
export function readResult(item: Json, path: string): Read<ToolResultPart> {
  return readParts(item.output, at(path, "output"), (part, place) =>
    readShared(part, requiredString(part, "type", place), resultTypes, place),
  );
}

function readParts<Part>(
  content: unknown,
  place: string,
  read: (part: Json, place: string) => Part,
): Read<Part | TextPart> {
  if (typeof content === "string") return { parts: [{ type: "text", text: content }], places: [place] };
  if (!Array.isArray(content)) {
    throw new Invalid(place, `Invalid type for '${place}': expected a string or an array of content parts.`);
  }
  const places = content.map((_, index) => `${place}[${index}]`);
  return {
    parts: content.map((part: unknown, index) => {
      const spot = places[index] ?? place;
      return read(asObject(part, spot), spot);
    }),
    places,
  };
}

function readShared(
  part: Json,
  type: string,
  known: readonly string[],
  place: string,
): TextPart | ImagePart | FilePart {
  switch (type) {
    case "input_text":
      return readText(part, place);
    case "input_image":
      return readImage(part, place);
    case "input_file":
      return readFile(part, place);
    default:
      return unknownWord(type, known, at(place, "type"));
  }
}

function marker(part: Json): { cache?: CacheMarker } {
  const cache = readCacheMarker(part);
  return cache === null ? {} : { cache };
}

function readText(part: Json, place: string): TextPart {
  const words = optionalString(part, "text", place);
  if (words === null) {
    throw new Invalid(at(place, "text"), `Missing required parameter: '${at(place, "text")}', a string.`);
  }
  return { type: "text", text: words, ...marker(part) };
}

function readImage(part: Json, place: string): ImagePart {
  const url = optionalString(part, "image_url", place);
  const id = optionalString(part, "file_id", place);
  if (url === null && id === null) {
    throw new Invalid(place, `Missing required parameter: '${place}' needs 'image_url' or 'file_id'.`);
  }
  const wanted = optionalString(part, "detail", place);
  // `original` is more than other vendors can be asked for.
  const detail =
    wanted === null || wanted === "original" ? wanted : oneOf(wanted, ["auto", "low", "high"], at(place, "detail"));
  return {
    type: "image",
    source: url === null ? { kind: "file-id", id: id ?? "" } : readUrl(url, at(place, "image_url")),
    ...(detail === null ? {} : { detail: detail === "original" ? "high" : detail }),
    ...marker(part),
  };
}

function readFile(part: Json, place: string): FilePart {
  const filename = optionalString(part, "filename", place);
  const id = optionalString(part, "file_id", place);
  const url = optionalString(part, "file_url", place);
  const data = optionalString(part, "file_data", place);
  if (id === null && url === null && data === null) {
    const needed = "'file_data', 'file_url' or 'file_id'";
    throw new Invalid(place, `Missing required parameter: '${place}' needs ${needed}.`);
  }
  const source =
    id === null && url !== null ? readUrl(url, at(place, "file_url")) : fileSource(id, data ?? "", filename);
  return { type: "file", source, filename, ...marker(part) };
}

function readAudio(part: Json, place: string): AudioPart {
  const inner = at(place, "input_audio");
  const audio = requiredObject(part, "input_audio", place);
  const data = requiredString(audio, "data", inner);
  return {
    type: "audio",
    data: readDataUrl(data)?.data ?? data,
    format: requiredString(audio, "format", inner),
    ...marker(part),
  };
}
