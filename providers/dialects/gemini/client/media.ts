// Turns pictures, files and sounds into parts: bytes inline, addresses as references with a guessed media type.
import type { Source } from "../../conversation.ts";
import type { WirePart } from "../wire.ts";

/** Where the Files API keeps uploads; a `files/…` id is a path below it (recording `uploadedfile-live-uploads-gemini-…`). */
const FILES = "https://generativelanguage.googleapis.com/v1beta/";

/** Media types by extension, for addresses whose type nobody told. */
const types: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["csv", "text/csv"],
  ["xml", "text/xml"],
  ["mp3", "audio/mp3"],
  ["wav", "audio/wav"],
  ["ogg", "audio/ogg"],
  ["flac", "audio/flac"],
  ["aac", "audio/aac"],
  ["aiff", "audio/aiff"],
  ["mp4", "video/mp4"],
  ["mpeg", "video/mpeg"],
  ["mov", "video/mov"],
  ["webm", "video/webm"],
]);

export interface MediaHint {
  /** The file's name, where the client gave one. */
  readonly filename?: string | null;
  /** The type to tell when nothing else says one. */
  readonly fallback: string;
}

/**
 * A source as a part, or the reason why it can't be one. The API fetches `http(s)` addresses itself (recordings
 * `test-generate-content-with-file-uri-image-…`), and knows `gs:` addresses and those of its Files API.
 */
export function encodeSource(source: Source, hint: MediaHint): WirePart | { readonly reason: string } {
  switch (source.kind) {
    case "base64":
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case "url": {
      if (!/^(https?|gs):/i.test(source.url)) return { reason: "must be a data, http, https or gs address" };
      return { fileData: { mimeType: source.mediaType ?? guessType(source.url, hint), fileUri: source.url } };
    }
    case "file-id": {
      if (!source.id.startsWith("files/")) {
        return { reason: "names a file of another provider; the Gemini API knows ids that begin with files/" };
      }
      const known = typeByName(hint.filename ?? "");
      return { fileData: { ...(known === null ? {} : { mimeType: known }), fileUri: FILES + source.id } };
    }
  }
}

/** A sound as a part; `format` is what follows `audio/` in its media type. */
export function encodeSound(data: string, format: string): WirePart {
  return { inlineData: { mimeType: `audio/${format}`, data } };
}

function guessType(url: string, hint: MediaHint): string {
  // A video page has no extension (recording `test_google-test_google_model_mobile_youtube_video_url_input.0`).
  if (/^https?:\/\/([\w-]+\.)?(youtube\.com|youtu\.be)\//i.test(url)) return "video/mp4";
  return typeByName(hint.filename ?? "") ?? typeByName(url.replace(/[?#].*$/, "")) ?? hint.fallback;
}

function typeByName(name: string): string | null {
  return types.get(/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "") ?? null;
}
