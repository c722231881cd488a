// Turns images, videos and documents into the Converse API's blocks: bytes in base64, or an object in S3.

import type { Losses } from "../../anthropic-messages/client/unsupported.ts";
import type { FilePart, ImagePart, Source } from "../../conversation.ts";
import type { DocumentBlock, ImageBlock, MediaSource, VideoBlock } from "../wire.ts";

/** Where a part is in the conversation (`messages[2].content[0]`), and where to report what it can't say. */
export interface Place {
  readonly path: string;
  readonly losses: Losses;
  readonly documentName: (filename: string | null) => string;
}

/** API Reference, "ImageBlock", "VideoBlock", "DocumentBlock": `format`, by media type. */
const imageFormats: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};
const videoFormats: Readonly<Record<string, string>> = {
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "video/x-matroska": "mkv",
  "video/webm": "webm",
  "video/x-flv": "flv",
  "video/mpeg": "mpeg",
  "video/x-ms-wmv": "wmv",
  "video/3gpp": "three_gp",
};
const documentFormats: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/markdown": "md",
  "application/json": "txt",
  "application/xml": "txt",
  "application/yaml": "txt",
  "application/x-yaml": "txt",
};
/** Consulted where the media type says nothing. */
const extensions = new Set(["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"]);

export function imageBlock(part: Pick<ImagePart, "source">, place: Place): ImageBlock | null {
  const source = mediaSource(part.source, place);
  if (source === null) return null;
  const type = mediaType(part.source);
  const format =
    imageFormats[type] ?? (type === "" ? imageFormats[`image/${extensionOf(urlOf(part.source))}`] : undefined);
  if (format === undefined) {
    place.losses.refuse(place.path, `is an image of ${named(type)}; Bedrock takes JPEG, PNG, GIF and WebP`);
    return null;
  }
  return { image: { format, source } };
}

export function fileBlock(part: FilePart, place: Place): ImageBlock | VideoBlock | DocumentBlock | null {
  const type = mediaType(part.source);
  if (type.startsWith("image/")) return imageBlock(part, place);
  const source = mediaSource(part.source, place);
  if (source === null) return null;
  const video = videoFormats[type];
  if (video !== undefined) return { video: { format: video, source } };
  const format = documentFormat(type, extensionOf(part.filename) || extensionOf(urlOf(part.source)));
  if (format === null) {
    place.losses.refuse(
      place.path,
      `is a file of ${named(type)}; Bedrock takes PDF, Office, HTML, CSV and text files, and videos`,
    );
    return null;
  }
  return { document: { format, name: place.documentName(part.filename), source } };
}

function documentFormat(type: string, extension: string): string | null {
  const known = documentFormats[type];
  if (known !== undefined) return known;
  if (extensions.has(extension)) return extension;
  return type.startsWith("text/") ? "txt" : null;
}

/** Bedrock fetches nothing over http: a URL must name an object in S3 (`s3://bucket/key`), which some models read. */
function mediaSource(source: Source, { path, losses }: Place): MediaSource | null {
  switch (source.kind) {
    case "base64":
      return { bytes: source.data };
    case "url":
      if (source.url.startsWith("s3://")) return { s3Location: { uri: source.url } };
      losses.refuse(path, "is given by URL; Bedrock takes content itself, in base64, or an s3:// URL");
      return null;
    case "file-id":
      losses.refuse(path, "is given by the id of a file, which Bedrock does not have");
      return null;
  }
}

/**
 * Names that the API takes: letters, digits, single spaces, hyphens, parentheses and square brackets, at most 200 (API
 * Reference, "DocumentBlock"), each once in a request. They depend on the conversation alone, so that prompt caches
 * keep hitting.
 */
export function documentNames(): (filename: string | null) => string {
  const taken = new Set<string>();
  return (filename) => {
    const plain = (filename ?? "").replace(/\.[^.]*$/, "").replaceAll(/[^a-zA-Z0-9\s()[\]-]/g, "-");
    const base = plain.replaceAll(/\s+/g, " ").trim().slice(0, 180).trim() || "document";
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base} ${n}`;
    taken.add(name);
    return name;
  };
}

function mediaType(source: Source): string {
  const type = source.kind === "file-id" ? "" : (source.mediaType ?? "");
  const plain = (type.split(";")[0] ?? "").trim().toLowerCase();
  return plain === "application/octet-stream" ? "" : plain;
}

function urlOf(source: Source): string {
  return source.kind === "url" ? source.url : "";
}

function extensionOf(name: string | null): string {
  return /\.([a-z0-9]+)$/i.exec(name ?? "")?.[1]?.toLowerCase() ?? "";
}

function named(type: string): string {
  return type === "" ? "an unknown type" : `type ${type}`;
}
