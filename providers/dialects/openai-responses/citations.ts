// Citations: OpenAI's annotations of an output text. Their offsets count inside that text, the neutral ones in the whole
// answer.
import type { Citation } from "../conversation.ts";
import { count, list, object, string } from "../json.ts";
import type { Annotation } from "./wire.ts";

/** @param start Where the annotated text stands in the whole answer. */
export function readAnnotations(value: unknown, start: number): Citation[] {
  return list(value).flatMap((item) => readAnnotation(item, start) ?? []);
}

/** @returns null for an annotation that names no source. */
export function readAnnotation(value: unknown, start: number): Citation | null {
  const annotation = object(value);
  if (annotation === null) return null;
  const from = count(annotation.start_index) ?? count(annotation.index);
  const to = count(annotation.end_index);
  const span = {
    ...(from === null ? {} : { startIndex: start + from }),
    ...(to === null ? {} : { endIndex: start + to }),
  };
  const url = string(annotation.url);
  if (url !== null) {
    const title = string(annotation.title);
    return { kind: "url", url, ...(title === null ? {} : { title }), ...span };
  }
  const fileId = string(annotation.file_id);
  if (fileId === null) return null;
  const title = string(annotation.filename);
  return { kind: "file", fileId, ...(title === null ? {} : { title }), ...span };
}

/**
 * @param span Where the cited text stands in the whole answer; a citation that does not say covers all of it.
 * @returns null for a source that has neither a URL nor a file id: this dialect can't name it.
 */
export function writeAnnotation(
  citation: Citation,
  span: { readonly start: number; readonly end: number },
): Annotation | null {
  const { title, url, fileId, startIndex = span.start, endIndex = span.end } = citation;
  if (citation.kind === "url" && url !== undefined) {
    return {
      type: "url_citation",
      url,
      title: title ?? url,
      start_index: within(startIndex, span),
      end_index: within(endIndex, span),
    };
  }
  if (citation.kind === "file" && fileId !== undefined) {
    return { type: "file_citation", file_id: fileId, filename: title ?? fileId, index: within(startIndex, span) };
  }
  return null;
}

function within(index: number, { start }: { readonly start: number }): number {
  return Math.max(0, index - start);
}
