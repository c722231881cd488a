// Media: bytes as `data:` URLs, which is how OpenAI chat carries pictures and files.
import type { Source } from "./conversation.ts";

/** The bytes of a base64 `data:` URL; null for any other URL. Only its head is looked at, however long it is. */
export function readDataUrl(url: string): { readonly mediaType: string; readonly data: string } | null {
  if (!url.startsWith("data:")) return null;
  const comma = url.indexOf(",");
  const head = url.slice(5, Math.max(comma, 5)).split(";");
  if (comma === -1 || head.at(-1) !== "base64") return null;
  return { mediaType: head[0] || "application/octet-stream", data: url.slice(comma + 1) };
}

export function writeDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

export function sourceOfUrl(url: string): Source {
  const bytes = readDataUrl(url);
  return bytes === null ? { kind: "url", url, mediaType: null } : { kind: "base64", ...bytes };
}

/** The URL of a source; null for a file id, which means nothing outside the provider that gave it. */
export function urlOfSource(source: Source): string | null {
  if (source.kind === "base64") return writeDataUrl(source.mediaType, source.data);
  return source.kind === "url" ? source.url : null;
}
