// Open blocks: what a block of a stream may still be told before it stops, and how it stops.
import type { Signature } from "../../conversation.ts";
import { ArgumentsScan } from "./arguments-scan.ts";
import { type AnswerBlock, reasoningBlock, textBlock, thinkingSignature } from "./blocks.ts";

/** Writes the events of one block; `index` counts blocks. */
export interface BlockEvents {
  start(block: AnswerBlock): string;
  delta(delta: Readonly<Record<string, unknown>>): string;
  stop(): string;
}

export interface OpenText {
  readonly kind: "text";
  readonly part: number;
  started: boolean;
  /** What to say if nothing was said. */
  readonly otherwise: string;
  signature: Signature | null;
}

export interface OpenReasoning {
  readonly kind: "reasoning";
  readonly part: number;
  started: boolean;
  signature?: Signature;
  encrypted?: Signature;
}

export interface OpenCall {
  readonly kind: "call";
  readonly part: number;
  readonly scan: ArgumentsScan;
  /** Whether arguments go out as they come: an object has begun. Else they wait in `held`. */
  streams: boolean;
  held: string;
}

export type OpenBlock = OpenText | OpenReasoning | OpenCall;

export function openCall(part: number): OpenCall {
  return { kind: "call", part, scan: new ArgumentsScan(), streams: false, held: "" };
}

export function sayText(open: OpenText, text: string, events: BlockEvents): string {
  if (text === "") return "";
  return startText(open, events) + events.delta({ type: "text_delta", text });
}

/** `citations` begins as a list where there will be some: readers add to what they have. */
export function cite(open: OpenText, citation: unknown, events: BlockEvents): string {
  return startText(open, events) + events.delta({ type: "citations_delta", citation });
}

function startText(open: OpenText, events: BlockEvents): string {
  if (open.started) return "";
  open.started = true;
  return events.start(textBlock(""));
}

export function sayThinking(open: OpenReasoning, thinking: string, events: BlockEvents): string {
  if (thinking === "") return "";
  const start = open.started ? "" : events.start({ type: "thinking", thinking: "", signature: "" });
  open.started = true;
  return start + events.delta({ type: "thinking_delta", thinking });
}

/**
 * Arguments go out as they come, in one piece or in many. Those that are no object from the first character on wait for the
 * end, to be wrapped as they are in whole answers.
 */
export function sayArguments(open: OpenCall, piece: string, events: BlockEvents): string {
  open.scan.push(piece);
  if (open.streams) return piece === "" ? "" : argumentsDelta(piece, events);
  open.held += piece;
  if (!/^\s*\{/.test(open.held)) return "";
  open.streams = true;
  return argumentsDelta(open.held, events);
}

function argumentsDelta(partialJson: string, events: BlockEvents): string {
  return events.delta({ type: "input_json_delta", partial_json: partialJson });
}

/** Ends a block, if it has begun or has something to prove. */
export function stopBlock(open: OpenBlock, events: BlockEvents): string {
  switch (open.kind) {
    case "text": {
      const said = open.started ? "" : sayText(open, open.otherwise, events);
      return open.started ? said + events.stop() : "";
    }
    case "reasoning":
      return stopReasoning(open, events);
    case "call":
      return (open.streams ? "" : argumentsDelta(wrapped(open.held), events)) + events.stop();
  }
}

/** A call without arguments is given an empty object: a client that parses what it got must find one. */
function wrapped(held: string): string {
  return held.trim() === "" ? "{}" : JSON.stringify({ INVALID_JSON: held });
}

function stopReasoning(open: OpenReasoning, events: BlockEvents): string {
  const { started, signature, encrypted } = open;
  const proofs = { ...(signature !== undefined && { signature }), ...(encrypted !== undefined && { encrypted }) };
  if (started) {
    return events.delta({ type: "signature_delta", signature: thinkingSignature(proofs) }) + events.stop();
  }
  const block = reasoningBlock({ type: "reasoning", text: "", ...proofs });
  if (block === null) return "";
  if (block.type !== "thinking") return events.start(block) + events.stop();
  return (
    events.start({ ...block, signature: "" }) +
    events.delta({ type: "signature_delta", signature: block.signature }) +
    events.stop()
  );
}
