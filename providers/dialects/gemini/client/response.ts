// Reads a whole answer of generateContent.
import type { Candidate, Content, GenerateContentResponsePromptFeedback, Part } from "@google/genai";
import type { Choice, Completion } from "../../completion.ts";
import type { AssistantPart } from "../../conversation.ts";
import type { ProviderFailure } from "../../failure.ts";
import { errorIn, protocolFailure, readFailure } from "../error.ts";
import { readCounts, servedTier, toUsage } from "../usage.ts";
import { asNumber, asObject, asObjects, asString, type Unread, type WireResponse } from "../wire.ts";
import { readCitations } from "./citations.ts";
import { finishOf, finishWord } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import { mintAudioId, mintCallId, readPart } from "./parts.ts";

/** What an answer, or a chunk of one, says of itself. */
export interface Heading {
  readonly id: string | null;
  readonly model: string;
  readonly createdS: number | null;
  readonly serviceTier: string | null;
}

/** The whole answer, or the failure that it is. A blocked prompt is an answer that a filter ended. */
export function decodeResponse(body: unknown): Completion | ProviderFailure {
  if (errorIn(body) !== null) return readFailure(null, body);
  const response: WireResponse | null = asObject(body);
  const candidates = asObjects<Candidate>(response?.candidates);
  const blocked = response === null ? null : blockReason(response);
  if (response === null || (candidates.length === 0 && blocked === null)) {
    return protocolFailure("The answer holds neither candidates nor the reason why there are none.");
  }
  const heading = readHeading(response);
  const choices =
    candidates.length === 0
      ? [{ index: 0, content: [], finish: "content-filter", rawFinish: blocked, logprobs: null } as const]
      : candidates.map((candidate, position) => readChoice(candidate, indexOf(candidates, position), heading.id));
  return {
    ...heading,
    id: heading.id ?? "",
    choices,
    usage: toUsage(readCounts(response.usageMetadata)),
    systemFingerprint: null,
  };
}

/** `createTime` is on Vertex's answers only. */
export function readHeading(response: WireResponse): Heading {
  const createdMs = Date.parse(asString(response.createTime) ?? "");
  return {
    id: asString(response.responseId),
    model: asString(response.modelVersion) ?? "",
    createdS: Number.isNaN(createdMs) ? null : Math.floor(createdMs / 1000),
    serviceTier: servedTier(response.usageMetadata),
  };
}

/** Why the prompt was blocked; null when it was not. */
export function blockReason(response: WireResponse): string | null {
  return asString(asObject<GenerateContentResponsePromptFeedback>(response.promptFeedback)?.blockReason);
}

/** The parts of a candidate, in order. */
export function partsOf(candidate: Unread<Candidate>): readonly Unread<Part>[] {
  return asObjects<Part>(asObject<Content>(candidate.content)?.parts);
}

/**
 * A choice's number. The wire leaves out 0, and older models leave out all numbers: then the position counts.
 */
export function indexOf(candidates: readonly Unread<Candidate>[], position: number): number {
  const told = asNumber(candidates[position]?.index);
  if (told !== null) return told;
  return candidates.some((candidate) => candidate.index !== undefined) ? 0 : position;
}

function readChoice(candidate: Unread<Candidate>, index: number, responseId: string | null): Choice {
  const content: AssistantPart[] = [];
  let calls = 0;
  let text = "";
  for (const wire of partsOf(candidate)) {
    const part = readPart(wire);
    if (part === null) continue;
    const signature = part.signature === undefined ? {} : { signature: part.signature };
    if (part.kind === "text" || part.kind === "reasoning") {
      if (part.text === "" && part.signature === undefined) continue;
      content.push({ type: part.kind, text: part.text, ...signature });
      if (part.kind === "text") text += part.text;
    } else if (part.kind === "call") {
      const args = JSON.stringify(part.args ?? {});
      const name = part.name ?? "";
      const id = part.id ?? mintCallId({ responseId, choice: index, call: calls }, name, args);
      content.push({ type: "tool-call", id, name, arguments: args, ...signature });
      calls += 1;
    } else if (part.kind === "image") {
      content.push({ type: "output-image", source: part.source, ...signature });
    } else {
      const id = mintAudioId(responseId, content.length);
      content.push({ type: "output-audio", id, data: part.data, transcript: "", expiresAtS: null });
    }
  }
  const rawFinish = finishWord(candidate.finishReason);
  return {
    index,
    content: cited(content, candidate, text),
    finish: finishOf(rawFinish, calls),
    rawFinish,
    logprobs: readLogprobs(candidate),
  };
}

/** Citations stand on the last text part; their offsets count over the whole text. */
function cited(
  content: readonly AssistantPart[],
  candidate: Unread<Candidate>,
  text: string,
): readonly AssistantPart[] {
  const citations = readCitations(candidate.groundingMetadata, text);
  const last = content.findLastIndex((part) => part.type === "text");
  if (citations.length === 0 || last === -1) return content;
  return content.map((part, at) => (at === last && part.type === "text" ? { ...part, citations } : part));
}
