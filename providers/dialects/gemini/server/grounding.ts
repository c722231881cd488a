// Writes citations as Gemini's `groundingMetadata`: the sources, and which passages of the answer rest on which.
import type { Citation } from "../../conversation.ts";
import { asObject, type JsonObject } from "../wire.ts";

/** A citation, and where its text part stands in the whole visible text (UTF-16 units). */
export interface Cited {
  readonly citation: Citation;
  readonly start: number;
  readonly end: number;
}

export interface WireGrounding {
  readonly groundingChunks: readonly JsonObject[];
  readonly groundingSupports: readonly {
    readonly segment: { readonly startIndex: number; readonly endIndex: number; readonly text: string };
    readonly groundingChunkIndices: number[];
  }[];
}

/**
 * @param text The whole visible text of the answer.
 * @returns null when nothing is cited. A citation without offsets covers its part.
 */
export function writeGrounding(cited: readonly Cited[], text: string): WireGrounding | null {
  if (cited.length === 0) return null;
  const chunks: JsonObject[] = [];
  const numbers = new Map<string, number>();
  const supports = new Map<string, WireGrounding["groundingSupports"][number]>();
  for (const { citation, start, end } of cited) {
    const chunk = writeSource(citation);
    const key = JSON.stringify(chunk);
    const number = numbers.get(key) ?? chunks.push(chunk) - 1;
    numbers.set(key, number);
    const from = citation.startIndex ?? start;
    const to = citation.endIndex ?? end;
    const place = `${from}-${to}`;
    const support = supports.get(place) ?? { segment: segment(text, from, to), groundingChunkIndices: [] };
    if (!support.groundingChunkIndices.includes(number)) support.groundingChunkIndices.push(number);
    supports.set(place, support);
  }
  return { groundingChunks: chunks, groundingSupports: [...supports.values()] };
}

/** Google's own source as it came; another's page as `web`, its document as `retrievedContext` (SDK, `GroundingChunk`). */
function writeSource({ kind, url, title, quote, fileId, raw }: Citation): JsonObject {
  const google = asObject(raw);
  if (google !== null && ("web" in google || "maps" in google || "retrievedContext" in google)) return { ...google };
  const page = { ...(url !== undefined && { uri: url }), ...(title !== undefined && { title }) };
  if (kind === "url" && quote === undefined) return { web: page };
  if (kind === "url") return { web: page, retrievedContext: { ...page, text: quote } };
  const name = title ?? fileId;
  return {
    retrievedContext: {
      ...page,
      ...(name !== undefined && { title: name }),
      ...(quote !== undefined && { text: quote }),
    },
  };
}

/** Gemini counts bytes of UTF-8 (SDK, `Segment`). */
function segment(text: string, from: number, to: number) {
  const start = Math.min(Math.max(from, 0), text.length);
  const passage = text.slice(start, Math.max(to, start));
  const startIndex = bytes(text.slice(0, start));
  return { startIndex, endIndex: startIndex + bytes(passage), text: passage };
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
