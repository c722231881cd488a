// What the parts of a Cohere answer mean in neutral terms: shared by whole answers and streams.
import type { FinishReason } from "../completion.ts";
import type { Citation } from "../conversation.ts";
import { asCount, asObject, asObjects, asText, type JsonObject } from "./wire.ts";

/** docs.cohere.com, "Chat API (v2)", `finish_reason`. */
export function finishReason(raw: string | null): FinishReason {
  switch (raw) {
    case "MAX_TOKENS":
    case "ERROR_LIMIT":
      return "length";
    case "TOOL_CALL":
      return "tool-calls";
    case "ERROR_TOXIC":
      return "content-filter";
    case "ERROR":
    case "TIMEOUT":
      return "error";
    default:
      return "stop";
  }
}

/** Whether an answer that said nothing has failed, rather than finished. */
export function isFailure(raw: string | null): boolean {
  return raw === "ERROR" || raw === "TIMEOUT";
}

/** A call without arguments has the text `null` (recording `cohere-cohere-null-args`), or none. */
export function argumentsText(text: string | null): string {
  const trimmed = text?.trim() ?? "";
  return text === null || trimmed === "" || trimmed === "null" ? "{}" : text;
}

/** Where in the answer a cited text part stands. */
export interface CitedText {
  /** The part's text, as far as it is known. */
  readonly text: string;
  /** UTF-16 units of text parts before it. */
  readonly before: number;
}

/** What a request of ours names its documents, by position. */
export function documentId(position: number): string {
  return `doc:${position}`;
}

/** One citation of a passage, for each of its sources. `start` and `end` count characters of the part's text. */
export function readCitations(wire: JsonObject, cited: CitedText): readonly Citation[] {
  const place = placeOf(wire, cited);
  const sources = asObjects(wire.sources);
  if (sources.length === 0) return [{ kind: "document", ...place, raw: wire }];
  return sources.map((source) => {
    const document = asObject(source.document);
    const url = asText(document?.url);
    const title = asText(document?.title);
    const quote = asText(document?.text) ?? asText(document?.snippet);
    const index = /^doc:(\d+)$/.exec(asText(source.id) ?? "")?.[1];
    return {
      kind: url === null ? "document" : "url",
      ...(url !== null && { url }),
      ...(title !== null && { title }),
      ...(quote !== null && { quote }),
      ...(index !== undefined && { documentIndex: Number(index) }),
      ...place,
      raw: wire,
    };
  });
}

/** Cohere counts code points. Offsets at which the passage does not stand are left out. */
function placeOf(wire: JsonObject, { text, before }: CitedText): Pick<Citation, "startIndex" | "endIndex"> {
  const start = asCount(wire.start);
  const passage = asText(wire.text);
  if (start === null || passage === null || passage === "") return {};
  const units = [...text].slice(0, start).join("").length;
  if (!text.startsWith(passage, units)) return {};
  return { startIndex: before + units, endIndex: before + units + passage.length };
}

/** Citations of the answer's text; those of thinking and plans have no place in it. */
export function citesText(wire: JsonObject): boolean {
  return wire.type === undefined || wire.type === "TEXT_CONTENT";
}
