// What a scripted model says, in words that no dialect owns, and how one dialect's wire is written.
import type { Received } from "../../support/answers.ts";
import type { Json, JsonObject } from "../../support/recordings.ts";

export interface SaidCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

/** One answer of a model. */
export interface Said {
  /** Readable reasoning and the proof that belongs to it. */
  readonly reasoning: { readonly text: string; readonly signature: string } | null;
  readonly text: string;
  readonly calls: readonly SaidCall[];
  /** Disjoint: `input` without `cached`, `output` without `reasoning`. */
  readonly usage: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
  };
}

/** A provider's wire, written by hand from the vendors' references: it shares nothing with the code under test. */
export interface Wire {
  /** The provider dialect. */
  readonly dialect: string;
  /** A model of the catalogue that is reached in this dialect. */
  readonly model: string;
  /** Whether a request asks for this wire's answer, and for which form of it. */
  form(request: Received): "whole" | "stream" | null;
  whole(said: Said): Json;
  /** The body of a streamed answer. */
  stream(said: Said): string | Uint8Array;
  readonly streamType: string;
  /** The texts of tool results in a request's body; empty when there is none. */
  results(body: JsonObject): readonly string[];
}

/** Members of an unknown value that is an object; of anything else none. */
export function object(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Items of an unknown value that is a list, each as an object. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(object) : [];
}

/** A server-sent event without a name. */
export function data(value: Json): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** A server-sent event that is named by its `type`. */
export function typed(value: JsonObject & { readonly type: string }): string {
  return `event: ${value.type}\n${data(value)}`;
}

/** A text in two pieces, so that streams are put together again by whoever reads them. */
export function halves(text: string): readonly [string, string] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}
