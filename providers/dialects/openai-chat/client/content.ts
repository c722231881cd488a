// Writes what a user says: text, pictures, files and sound as OpenAI's content parts.
import { writeCacheMarker } from "../../cache.ts";
import type { CacheMarker, FilePart, UserPart } from "../../conversation.ts";
import { urlOfSource, writeDataUrl } from "../../media.ts";
import type { Context } from "./messages.ts";

type Wire = Record<string, unknown>;

export function textIn(text: string): Wire {
  return { type: "text", text };
}

/** @returns One part; none when the server can't take it, which is then noted under `path`. */
export function writeUserPart(part: UserPart, path: string, context: Context): Wire[] {
  const wire = writeBare(part);
  if (typeof wire === "string") {
    context.unsupported.push({ member: path, reason: wire, droppable: false });
    return [];
  }
  return [{ ...wire, ...marker(part.cache, context) }];
}

function marker(cache: CacheMarker | undefined, { quirks }: Context): Wire {
  return quirks.cacheControl && cache !== undefined ? { cache_control: writeCacheMarker(cache) } : {};
}

/** The part, or in words why there can be none. */
function writeBare(part: UserPart): Wire | string {
  switch (part.type) {
    case "text":
      return textIn(part.text);
    case "image": {
      const url = urlOfSource(part.source);
      if (url === null) return "is a picture by file id, which OpenAI chat can't take: send its bytes or a URL";
      return { type: "image_url", image_url: { url, ...(part.detail === undefined ? {} : { detail: part.detail }) } };
    }
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "file":
      return writeFile(part);
  }
}

/** OpenAI chat takes PDF files as bytes or by id (documentation, "File inputs"); a text file is read out instead. */
function writeFile({ source, filename }: FilePart): Wire | string {
  const name = filename === null ? {} : { filename };
  switch (source.kind) {
    case "file-id":
      return { type: "file", file: { file_id: source.id, ...name } };
    case "url":
      return "is a file by URL, which OpenAI chat can't take: send its bytes";
    case "base64":
      if (source.mediaType.startsWith("text/")) {
        const words = decodeText(source.data);
        return words === null ? "is not valid base64" : textIn(filename === null ? words : `${filename}:\n${words}`);
      }
      return {
        type: "file",
        file: { filename: filename ?? "file.pdf", file_data: writeDataUrl(source.mediaType, source.data) },
      };
  }
}

function decodeText(base64: string): string | null {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch {
    return null;
  }
}
