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

/** A request as a provider reads it, in words that no dialect owns. */
export interface Asked {
  readonly system: string;
  readonly maxTokens: Json;
  /** Whether the model is asked to reason, in whatever form. */
  readonly reasons: boolean;
  readonly tools: readonly { readonly name: Json; readonly description: Json; readonly parameters: JsonObject }[];
  readonly turns: readonly Turn[];
}

export type Turn =
  /** Images are `type;base64`. */
  | { readonly by: "user"; readonly text: string; readonly images: readonly string[] }
  | {
      readonly by: "model";
      readonly reasoning: string;
      readonly signature: string;
      readonly text: string;
      readonly calls: readonly { readonly name: Json; readonly arguments: Json }[];
    }
  /** `of` is the name of the tool whose call is answered, found through the call's id where there are ids. */
  | { readonly by: "tools"; readonly results: readonly { readonly of: Json; readonly text: string }[] };

/** What a wire has no place for. */
export interface Lacks {
  /** Reasoning tokens apart from the others. */
  readonly reasoningTokens?: true;
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
  asked(body: JsonObject): Asked;
  /** A proof of reasoning as this model's look; null where it gives none. */
  readonly signature: string | null;
  readonly lacks: Lacks;
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

/** The texts of blocks of one type, joined. */
export function textsOf(content: Json | undefined, type?: string): string {
  if (typeof content === "string") return content;
  return objects(content)
    .filter((block) => type === undefined || block.type === type)
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("");
}

/** `data:image/png;base64,AAAA` as `image/png;AAAA`. */
export function ofDataUrl(url: Json | undefined): string {
  return String(url)
    .replace(/^data:/, "")
    .replace(";base64,", ";");
}

/** The turns of a message that may hold results, what a user says, or both. */
export function userTurns(
  results: Extract<Turn, { readonly by: "tools" }>["results"],
  text: string,
  images: readonly string[],
): readonly Turn[] {
  const told: readonly Turn[] = results.length === 0 ? [] : [{ by: "tools", results }];
  const silent = results.length > 0 && text === "" && images.length === 0;
  return silent ? told : [...told, { by: "user", text, images }];
}

/** Neighbouring turns of one side as one: a wire may have a message for each result, or for each chunk of an answer. */
export function joined(turns: readonly Turn[]): readonly Turn[] {
  const all: Turn[] = [];
  for (const turn of turns) {
    const last = all.at(-1);
    if (last?.by === "tools" && turn.by === "tools") {
      all[all.length - 1] = { by: "tools", results: [...last.results, ...turn.results] };
    } else if (last?.by === "model" && turn.by === "model") {
      all[all.length - 1] = {
        by: "model",
        reasoning: last.reasoning + turn.reasoning,
        signature: last.signature + turn.signature,
        text: last.text + turn.text,
        calls: [...last.calls, ...turn.calls],
      };
    } else all.push(turn);
  }
  return all;
}

export function parsed(text: Json | undefined): Json {
  return JSON.parse(String(text)) as Json;
}
