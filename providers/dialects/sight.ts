// Sight: what a walk over a request's body has seen. Each dialect walks its own way, looks at types and lengths only, and makes
// its peek of it.
import { isObject, type Json, object, text } from "./json.ts";
import type { Peek } from "./peek.ts";

/** Units of the instructions, and of the first message after them, that the opening has at most; with a line break between. */
const instructionsLength = 2000;
const firstMessageLength = 1999;

/** A schema, or the arguments of a call, is not followed deeper than that. */
const deepest = 64;

type Phase = "instructions" | "first message" | "later";

export class Sight {
  images = false;
  documents = false;
  audio = false;
  video = false;
  #textLength = 0;
  #phase: Phase = "instructions";
  #room = instructionsLength;
  readonly #instructions: string[] = [];
  readonly #firstMessage: string[] = [];

  /** A message begins. What was seen before the first one are instructions. */
  message({ instructs }: { readonly instructs: boolean }): void {
    if (this.#phase === "later" || (this.#phase === "instructions" && instructs)) return;
    this.#phase = this.#phase === "instructions" ? "first message" : "later";
    this.#room = this.#phase === "later" ? 0 : firstMessageLength;
  }

  /** What a message says, if it is text. */
  text(value: unknown): void {
    if (typeof value !== "string") return;
    this.#textLength += value.length;
    if (this.#room <= 0) return;
    this.#room -= value.length;
    (this.#phase === "instructions" ? this.#instructions : this.#firstMessage).push(value);
  }

  /** A file in base64. One that is text is a part of the prompt's text, and needs no model that reads files. */
  file(mediaType: string, base64: unknown): void {
    if (mediaType.startsWith("text/") && typeof base64 === "string")
      this.#textLength += Math.ceil(base64.length * 0.75);
    else this.documents = true;
  }

  /** What is written for a model as JSON: schemas, arguments. */
  json(value: unknown): void {
    this.#textLength += jsonLength(value, deepest);
  }

  /** The peek of all that was seen, with what the dialect has found elsewhere in the body. */
  peek(found: Omit<Peek, "textLength" | "images" | "documents" | "audio" | "video" | "opening">): Peek {
    const { images, documents, audio, video } = this;
    const opening = (): string =>
      `${beginning(this.#instructions, instructionsLength)}\n${beginning(this.#firstMessage, firstMessageLength)}`;
    return { textLength: this.#textLength, images, documents, audio, video, ...found, opening };
  }
}

/** How long the text of JSON is, about: numbers count as four characters, and nothing is escaped. */
function jsonLength(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
      return value.length + 2;
    case "number":
    case "boolean":
      return 4;
    case "object":
      break;
    default:
      return 0;
  }
  if (value === null) return 4;
  if (depth === 0) return 0;
  let length = 2;
  if (Array.isArray(value)) {
    for (const item of value) length += 1 + jsonLength(item, depth - 1);
    return length;
  }
  for (const name in value) length += name.length + 4 + jsonLength((value as Json)[name], depth - 1);
  return length;
}

function beginning(texts: readonly string[], length: number): string {
  let beginning = "";
  for (const text of texts) beginning += text.slice(0, length - beginning.length);
  return beginning;
}

/** Whether there is an array with anything in it. */
export function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** A number of tokens to answer with; null when it is none. */
export function tokens(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** Whether a wish for an effort of reasoning is one for any at all. */
export function isEffort(value: unknown): boolean {
  return text(value) !== null && value !== "none";
}

/** Longer ones are no names (OpenRouter takes 256 characters for a session, OpenAI fewer). */
const longestName = 256;

/** A client's own name of something; null for what can't be one. */
export function name(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= longestName ? value : null;
}

/** What a client calls its conversation, in every dialect: OpenRouter's `session_id`, OpenAI's `prompt_cache_key`. */
export function sessionIn(body: Json): string | null {
  return name(body.session_id) ?? name(body.prompt_cache_key);
}

const nothing: Readonly<Record<string, string>> = {};

/** The members that are strings. */
export function stringsIn(value: unknown): Readonly<Record<string, string>> {
  const members = object(value);
  if (members === null) return nothing;
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The objects of an array, or of nothing. An object alone is an array of itself. */
export function eachObject(value: unknown, see: (item: Json) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) if (isObject(item)) see(item);
  } else if (isObject(value)) see(value);
}
