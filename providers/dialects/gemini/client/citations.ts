// Reads grounding metadata into citations: which passage of the answer rests on which source.
import type { GroundingChunk, GroundingMetadata, GroundingSupport, Segment } from "@google/genai";
import type { Citation } from "../../conversation.ts";
import { asNumber, asObject, asObjects, asString } from "../wire.ts";

/**
 * The citations of an answer, one for each source of each supported passage; sources alone when no passages are told.
 * `text` is the whole visible text of the answer; null when it was not kept, and then citations have no offsets.
 */
export function readCitations(groundingMetadata: unknown, text: string | null): readonly Citation[] {
  const grounding = asObject<GroundingMetadata>(groundingMetadata);
  if (grounding === null) return [];
  const sources = Array.isArray(grounding.groundingChunks) ? grounding.groundingChunks.map(readSource) : [];
  const supports = asObjects<GroundingSupport>(grounding.groundingSupports);
  if (supports.length === 0) return sources.filter((source) => source !== null);
  return supports.flatMap((support) => {
    const place = readPlace(support.segment, text);
    const indices: readonly unknown[] = Array.isArray(support.groundingChunkIndices)
      ? support.groundingChunkIndices
      : [];
    return indices.flatMap((index) => {
      const source = typeof index === "number" ? (sources[index] ?? null) : null;
      return source === null ? [] : [{ ...source, ...place }];
    });
  });
}

function readSource(chunk: unknown): Citation | null {
  const read = asObject<GroundingChunk>(chunk);
  const page = asObject<{ uri: string; title: string }>(read?.web ?? read?.maps);
  const passage = asObject<{ uri: string; title: string; text: string }>(read?.retrievedContext);
  const found = page ?? passage;
  if (found === null) return null;
  const url = asString(found.uri);
  const title = asString(found.title);
  const quote = asString(passage?.text);
  return {
    kind: url === null ? "document" : "url",
    ...(url === null ? {} : { url }),
    ...(title === null ? {} : { title }),
    ...(quote === null ? {} : { quote }),
    raw: chunk,
  };
}

/**
 * Where in the answer a passage stands, in UTF-16 units. Gemini counts bytes of UTF-8 (SDK, `Segment`), and at times counts
 * wrong (recording `test_google-test_google_vertex_tool_combination_….1`): a passage that is not at its offsets is looked for
 * near them, and has none when it isn't found.
 */
function readPlace(segment: unknown, text: string | null): Pick<Citation, "startIndex" | "endIndex"> {
  const read = asObject<Segment>(segment);
  const passage = asString(read?.text);
  if (passage === null || passage === "" || text === null) return {};
  const told = utf16Index(text, asNumber(read?.startIndex) ?? 0);
  const startIndex = text.startsWith(passage, told) ? told : nearest(text, passage, told);
  return startIndex === -1 ? {} : { startIndex, endIndex: startIndex + passage.length };
}

/** The occurrence that begins closest to `from`; -1 when there is none. */
function nearest(text: string, passage: string, from: number): number {
  const before = text.lastIndexOf(passage, from);
  const after = text.indexOf(passage, from);
  if (before === -1 || after === -1) return Math.max(before, after);
  return from - before <= after - from ? before : after;
}

/** The UTF-16 index at which so many bytes of UTF-8 have passed. */
function utf16Index(text: string, bytes: number): number {
  let passed = 0;
  let at = 0;
  while (passed < bytes && at < text.length) {
    const point = text.codePointAt(at) ?? 0;
    passed += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    at += point < 0x10000 ? 1 : 2;
  }
  return at;
}
