// Reasoning details: how reasoning and its vendors' proofs travel through OpenAI chat messages, and back without loss.
import type { ReasoningPart, Signature, Vendor } from "../conversation.ts";
import { count, type Json, object, text } from "../json.ts";
import type { ReasoningDetail } from "./wire.ts";

const formats: Readonly<Record<Vendor, string>> = {
  anthropic: "anthropic-claude-v1",
  google: "google-gemini-v1",
  openai: "openai-responses-v1",
  xai: "xai-responses-v1",
  unknown: "unknown",
};

/**
 * The `id` of a `reasoning.encrypted` item that is no reasoning, but the signature of the text or picture that is the part
 * at its `index`: Gemini signs those too, and OpenAI chat has no place for that on `content` or `images`.
 */
const partSignatureIds = { text: "text-signature", image: "image-signature" } as const;
type SignedPart = keyof typeof partSignatureIds;

/** The `id` and `format` of an item that holds the order of the other parts (see layout.ts). */
const layoutId = "layout";
const layoutFormat = "turnpike-v1";

/** The vendor that a `format` names. Clients that add up stream fragments repeat the word, so a part of it decides. */
function vendorOf(format: unknown): Vendor {
  const name = text(format) ?? "";
  if (name.includes("anthropic")) return "anthropic";
  if (name.includes("google")) return "google";
  if (name.includes("openai")) return "openai";
  if (name.includes("xai")) return "xai";
  return "unknown";
}

export function textDetail(index: number, words: string): ReasoningDetail {
  return { type: "reasoning.text", text: words, format: formats.unknown, index };
}

export function signatureDetail(index: number, signature: Signature): ReasoningDetail {
  return { type: "reasoning.text", signature: signature.value, format: formats[signature.vendor], index };
}

export function encryptedDetail(index: number, encrypted: Signature): ReasoningDetail {
  return { type: "reasoning.encrypted", data: encrypted.value, format: formats[encrypted.vendor], index };
}

/** The signature of a tool call, for vendors whose tool calls have no member of their own for it. */
export function callSignatureDetail(index: number, callId: string, signature: Signature): ReasoningDetail {
  return { ...encryptedDetail(index, signature), id: callId };
}

export function partSignatureDetail(index: number, part: SignedPart, signature: Signature): ReasoningDetail {
  return { ...encryptedDetail(index, signature), id: partSignatureIds[part] };
}

export function layoutDetail(index: number, layout: string): ReasoningDetail {
  return { type: "reasoning.encrypted", data: layout, format: layoutFormat, id: layoutId, index };
}

/** One reasoning part as a whole: its text with its signature, and its ciphertext. */
export function detailsOf(index: number, part: ReasoningPart): ReasoningDetail[] {
  const details: ReasoningDetail[] = [];
  if (part.signature !== undefined) {
    const { vendor, value } = part.signature;
    details.push({ type: "reasoning.text", text: part.text, signature: value, format: formats[vendor], index });
  } else if (part.text !== "") {
    details.push(textDetail(index, part.text));
  }
  if (part.encrypted !== undefined) details.push(encryptedDetail(index, part.encrypted));
  return details;
}

/** One `reasoning_details` item, told apart. */
export type DetailItem =
  | { readonly kind: "text"; readonly text: string; readonly signature: Signature | null }
  | { readonly kind: "encrypted"; readonly encrypted: Signature; readonly id: string | null }
  | { readonly kind: "part-signature"; readonly of: SignedPart; readonly signature: Signature }
  | { readonly kind: "layout"; readonly layout: string };

/** @returns null for an item that says nothing, or that is of a type unknown here. */
export function readDetail(item: Json): DetailItem | null {
  const vendor = vendorOf(item.format);
  const data = text(item.data);
  if (data !== null) {
    if (item.id === layoutId && text(item.format)?.startsWith(layoutFormat)) return { kind: "layout", layout: data };
    const encrypted: Signature = { vendor, value: data };
    for (const part of ["text", "image"] as const) {
      if (item.id === partSignatureIds[part]) return { kind: "part-signature", of: part, signature: encrypted };
    }
    return { kind: "encrypted", encrypted, id: text(item.id) };
  }
  const words = text(item.text) ?? text(item.summary) ?? "";
  const value = text(item.signature);
  if (words === "" && value === null) return null;
  return { kind: "text", text: words, signature: value === null ? null : { vendor, value } };
}

export interface PartSignature {
  readonly of: SignedPart;
  readonly index: number;
  readonly signature: Signature;
}

export interface Details {
  /** Reasoning parts by their position among all parts, ascending. */
  readonly reasoning: readonly { readonly index: number; readonly part: ReasoningPart }[];
  readonly callSignatures: ReadonlyMap<string, Signature>;
  readonly partSignatures: readonly PartSignature[];
  readonly layout: string | null;
}

interface Entry {
  readonly index: number;
  readonly part: { -readonly [Name in keyof ReasoningPart]: ReasoningPart[Name] };
}

/**
 * Reads a message's `reasoning_details`, whole or in the fragments of a stream.
 * @param callIds The message's tool calls: a ciphertext under one of these ids is that call's signature (OpenRouter).
 */
export function readDetails(items: readonly unknown[], callIds: ReadonlySet<string>): Details {
  const entries: Entry[] = [];
  const callSignatures = new Map<string, Signature>();
  const partSignatures: PartSignature[] = [];
  let layout: string | null = null;

  for (const value of items) {
    const item = object(value);
    const detail = item === null ? null : readDetail(item);
    if (item === null || detail === null) continue;
    const index = count(item.index) ?? impliedIndex(detail, entries);
    if (detail.kind === "layout") layout = detail.layout;
    else if (detail.kind === "part-signature") {
      partSignatures.push({ of: detail.of, index, signature: detail.signature });
    } else if (detail.kind === "encrypted" && detail.id !== null && callIds.has(detail.id)) {
      callSignatures.set(detail.id, detail.encrypted);
    } else addTo(entryFor(detail, index, entries), detail);
  }
  entries.sort((a, b) => a.index - b.index);
  return { reasoning: entries, callSignatures, partSignatures, layout };
}

/** Without an index: a lone signature belongs to the item before it, anything else is the next part. */
function impliedIndex(detail: DetailItem, entries: readonly Entry[]): number {
  const last = entries.at(-1)?.index ?? -1;
  return detail.kind === "text" && detail.text === "" ? Math.max(last, 0) : last + 1;
}

type PartDetail = Extract<DetailItem, { kind: "text" | "encrypted" }>;

/** The part that an item adds to. Two proofs can't belong to one part, so a second one begins another. */
function entryFor(detail: PartDetail, index: number, entries: Entry[]): Entry {
  const open = entries.findLast((entry) => entry.index === index);
  const taken =
    open === undefined ||
    (detail.kind === "encrypted"
      ? open.part.encrypted !== undefined
      : isWhole(detail) && open.part.signature !== undefined);
  if (!taken) return open;
  const entry: Entry = { index, part: { type: "reasoning", text: "" } };
  entries.push(entry);
  return entry;
}

function isWhole(detail: Extract<DetailItem, { kind: "text" }>): boolean {
  return detail.text !== "" && detail.signature !== null;
}

function addTo(entry: Entry, detail: PartDetail): void {
  if (detail.kind === "encrypted") {
    entry.part.encrypted = detail.encrypted;
    return;
  }
  entry.part.text += detail.text;
  if (detail.signature !== null) entry.part.signature = detail.signature;
}
