// Content: what users, instructions and tools say in input items, checked part by part.
import type { FilePart, ImagePart, TextPart, ToolResultPart, UserPart } from "../../conversation.ts";
import { asObject, at, Invalid, oneOf, optionalString, requiredString, unknownWord } from "../../fields.ts";
import type { Json } from "../../json.ts";
import { fileSource, marker, readAudio, readDetail, readText, readUrl } from "../../openai-parts.ts";

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

function readImage(part: Json, place: string): ImagePart {
  const url = optionalString(part, "image_url", place);
  const id = optionalString(part, "file_id", place);
  if (url === null && id === null) {
    throw new Invalid(place, `Missing required parameter: '${place}' needs 'image_url' or 'file_id'.`);
  }
  const source = url === null ? fileSource(id, "", null) : readUrl(url, at(place, "image_url"));
  return { type: "image", source, ...readDetail(part, place), ...marker(part) };
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
