// Assistant turns: the blocks of an answer that a client gives back, into the parts that they were written from.
import { readCacheMarker } from "../../cache.ts";
import type { AssistantPart, Citation, ReasoningPart, Signature, TextPart, ToolCallPart } from "../../conversation.ts";
import { optionalList, optionalString, requiredString } from "../../fields.ts";
import { anthropicToken, readCitation } from "../answer.ts";
import { type Envelope, isSealed, openEnvelope } from "../envelope.ts";
import { asObject, asText, type JsonObject } from "../wire.ts";
import { type Placed, readText } from "./content.ts";
import type { ForeignList } from "./foreign.ts";
import { readInput } from "./input.ts";

type Note = Envelope & { readonly of: NonNullable<Envelope["of"]> };

/** Signatures of other vendors' parts, which travel in notes, go back to their parts (see envelope.ts). */
export function readAnswer(blocks: readonly Placed<JsonObject>[], foreign: ForeignList): Placed<AssistantPart>[] {
  const parts: Placed<AssistantPart>[] = [];
  const callSignatures = new Map<string, Signature>();
  for (const { part: block, path } of blocks) {
    const read = readBlock(block, path, foreign);
    if (read === null) continue;
    if ("type" in read) parts.push({ part: read, path });
    else if (read.of.kind === "call") {
      if (read.signature !== undefined) callSignatures.set(read.of.id, read.signature);
    } else if (read.of.kind === "empty-text") {
      parts.push({ part: { type: "text", text: "", ...proofs(read) }, path });
    } else {
      prove(parts, read.of, proofs(read));
    }
  }
  return parts.map(({ part, path }) => {
    const signature = part.type === "tool-call" ? callSignatures.get(part.id) : undefined;
    return signature === undefined ? { part, path } : { part: { ...(part as ToolCallPart), signature }, path };
  });
}

/** A part, a note about another one, or null for a block that says nothing. */
function readBlock(block: JsonObject, path: string, foreign: ForeignList): AssistantPart | Note | null {
  const type = requiredString(block, "type", path);
  switch (type) {
    case "text":
      return readWords(block, path);
    case "thinking":
      return readThinking(block, path);
    case "redacted_thinking": {
      const data = requiredString(block, "data", path);
      const envelope = openEnvelope(data);
      if (envelope === null) return { type: "reasoning", text: "", encrypted: anthropicToken(data) };
      if (isNote(envelope)) return envelope;
      return reasoning("", envelope);
    }
    case "tool_use":
      return readCall(block, path, foreign);
    default:
      foreign.content(path, `a \`${type}\` block`);
      return null;
  }
}

function readWords(block: JsonObject, path: string): TextPart {
  const cache = readCacheMarker(block);
  const citations = (optionalList(block, "citations", path) ?? []).flatMap((wire) => citation(wire) ?? []);
  return {
    ...readText(block, path),
    ...(citations.length > 0 && { citations }),
    ...(cache !== null && { cache }),
  };
}

/** One that Turnpike wrote for another vendor has an index that is none, and an empty quote where none was given. */
function citation(wire: unknown): Citation | null {
  const read = readCitation(wire);
  if (read === null || !isSealed(asObject(wire)?.encrypted_index)) return read;
  const { raw, quote, ...rest } = read;
  return quote === "" || quote === undefined ? rest : { ...rest, quote };
}

/** Thinking without a signature is some other client's, or from a model that signs nothing. */
function readThinking(block: JsonObject, path: string): ReasoningPart | null {
  const text = optionalString(block, "thinking", path) ?? "";
  const signature = optionalString(block, "signature", path) ?? "";
  if (signature === "") return reasoning(text, {});
  return reasoning(text, openEnvelope(signature) ?? { signature: anthropicToken(signature) });
}

function reasoning(text: string, envelope: Envelope): ReasoningPart | null {
  const part: ReasoningPart = { type: "reasoning", text, ...proofs(envelope) };
  return text === "" && part.signature === undefined && part.encrypted === undefined ? null : part;
}

function readCall(block: JsonObject, path: string, foreign: ForeignList): ToolCallPart | null {
  const caller = asText(asObject(block.caller)?.type) ?? "direct";
  if (caller !== "direct" || asText(block.toolset_name) !== null) {
    foreign.content(path, caller === "direct" ? "a call of a toolset" : "a call made by code that ran at Anthropic");
    return null;
  }
  const cache = readCacheMarker(block);
  return {
    type: "tool-call",
    id: requiredString(block, "id", path),
    name: requiredString(block, "name", path),
    arguments: readInput(block.input),
    ...(cache !== null && { cache }),
  };
}

function isNote(envelope: Envelope): envelope is Note {
  return envelope.of !== undefined;
}

function proofs({ signature, encrypted }: Envelope): { signature?: Signature; encrypted?: Signature } {
  return { ...(signature !== undefined && { signature }), ...(encrypted !== undefined && { encrypted }) };
}

/** Gives a proof to the part that it was made for; to nobody when the client has since taken that away. */
function prove(
  parts: Placed<AssistantPart>[],
  { kind, back }: { readonly kind: "text" | "reasoning"; readonly back: number },
  proof: { signature?: Signature; encrypted?: Signature },
): void {
  const places = parts.flatMap(({ part }, place) => (part.type === kind ? [place] : []));
  const place = places.at(-1 - back) ?? -1;
  const placed = parts[place];
  if (placed?.part.type === kind) parts[place] = { ...placed, part: { ...placed.part, ...proof } };
}
