// Parts that OpenAI's two dialects read alike: texts, sound, and where the bytes of pictures and files are.
import { readCacheMarker } from "./cache.ts";
import type { AudioPart, CacheMarker, ImagePart, Source, TextPart } from "./conversation.ts";
import { at, Invalid, oneOf, optionalString, requiredObject, requiredString } from "./fields.ts";
import type { Json } from "./json.ts";
import { readDataUrl } from "./media.ts";

/** The prompt-cache breakpoint on a part, where there is one. */
export function marker(part: Json): { cache?: CacheMarker } {
  const cache = readCacheMarker(part);
  return cache === null ? {} : { cache };
}

/** @throws Invalid */
export function readText(part: Json, place: string): TextPart {
  const words = optionalString(part, "text", place);
  if (words === null) {
    throw new Invalid(at(place, "text"), `Missing required parameter: '${at(place, "text")}', a string.`);
  }
  return { type: "text", text: words, ...marker(part) };
}

/** The `detail` of a picture. `original` is more than other vendors can be asked for. @throws Invalid */
export function readDetail(image: Json, place: string): Pick<ImagePart, "detail"> {
  const wanted = optionalString(image, "detail", place);
  if (wanted === null) return {};
  return {
    detail: wanted === "original" ? "high" : oneOf(wanted, ["auto", "low", "high"] as const, at(place, "detail")),
  };
}

/** The web address or the bytes in a URL. @throws Invalid */
export function readUrl(url: string, param: string): Source {
  const bytes = readDataUrl(url);
  if (bytes !== null) return { kind: "base64", ...bytes };
  if (/^(https?|gs|s3):\/\//i.test(url.slice(0, 10))) return { kind: "url", url, mediaType: null };
  const advice = "Send an https URL, or the bytes as `data:<media type>;base64,<data>`.";
  throw new Invalid(param, `Invalid value for '${param}': it is neither a web address nor base64 data. ${advice}`);
}

/**
 * Where a file's bytes are: an id wins.
 * @param data A data URL or bare base64 (OpenAI), or a web address (OpenRouter).
 */
export function fileSource(id: string | null, data: string, filename: string | null): Source {
  if (id !== null) return { kind: "file-id", id };
  const bytes = readDataUrl(data);
  if (bytes !== null) return { kind: "base64", ...bytes };
  if (/^(https?|gs|s3):\/\//i.test(data.slice(0, 10))) return { kind: "url", url: data, mediaType: null };
  return { kind: "base64", mediaType: mediaTypeOf(filename), data };
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
};

/** By the file's ending; PDF else, the one kind that OpenAI chat takes. */
function mediaTypeOf(filename: string | null): string {
  return mediaTypes[filename?.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/pdf";
}

/** `input_audio`. @throws Invalid */
export function readAudio(part: Json, place: string): AudioPart {
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
