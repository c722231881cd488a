// The operations beside chat, as clients ask for them in OpenAI's shape: which models do them, what a request must hold, and what
// its text is when tokens must be counted.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { InvalidRequest } from "../../providers/dialects/dialect.ts";
import type { Usage } from "../../providers/dialects/usage.ts";
import type { Operation } from "../../providers/endpoints/endpoint.ts";
import { secondsOf } from "../usage/sound.ts";
import type { FormFile } from "./upload/form.ts";

type Body = Readonly<Record<string, unknown>>;

export interface OperationFacts {
  /** Whether a model does it, as far as the catalogue knows. */
  fits(facts: ModelFacts): boolean;
  /** "`x` is not …". */
  readonly noun: string;
  /** `form`: `multipart/form-data`, because a file comes with it. */
  readonly takes: "json" | "form";
  /** Whether the answer is a stream: never, when the body says `stream`, or always (sound). */
  readonly streams: "never" | "on-request" | "always";
  /** The model when the request names none; null when it must. */
  readonly defaultModel: string | null;
  /** What is wrong with the request, in its own terms; null when it will do. What a provider checks better is left to it. */
  check(body: Body): InvalidRequest | null;
  /** The file that must come with the form. */
  readonly file?: string;
  /** What is counted where a provider reports no tokens: texts, and tokens that are there already. */
  counted(body: Body): { readonly text: string; readonly tokens: number };
  /** What the request alone tells of its usage; null when that is nothing. */
  known(body: Body, file: FormFile | null): Usage | null;
}

/**
 * Sound, as the file of a form. Where the provider does not say how much it was, the file tells about how long it is;
 * models with a price for tokens take ten a second (OpenAI, "Speech to text", gpt-4o-transcribe).
 */
const listening: OperationFacts = {
  fits: ({ mode }) => mode === "transcription",
  noun: "a transcription model",
  takes: "form",
  file: "file",
  streams: "on-request",
  defaultModel: null,
  check: () => null,
  counted: (body) => countable(body.prompt),
  known: (_body, file) => {
    if (file === null) return null;
    const audioSeconds = Math.round(secondsOf(file.head, file.size) * 1000) / 1000;
    const inputAudioTokens = Math.ceil(audioSeconds * 10);
    return { inputTokens: 0, outputTokens: 0, inputAudioTokens, audioSeconds, estimated: true };
  },
};

export const operations: Readonly<Record<Operation, OperationFacts>> = {
  embeddings: {
    fits: ({ mode }) => mode === "embedding",
    noun: "an embedding model",
    takes: "json",
    streams: "never",
    defaultModel: null,
    check: (body) => checkInput(body) ?? checkFormat(body) ?? checkCount(body, "dimensions"),
    counted: (body) => countable(body.input),
    known: () => null,
  },
  completions: {
    fits: ({ mode }) => mode === "completion" || mode === "chat",
    noun: "a model for completions",
    takes: "json",
    streams: "on-request",
    defaultModel: null,
    check: (body) =>
      body.prompt === undefined || body.prompt === null || body.prompt === "" || isTextOrTokens(body.prompt)
        ? null
        : { param: "prompt", message: "expected a text, an array of texts, or tokens" },
    counted: (body) => countable(body.prompt),
    known: () => null,
  },
  moderations: {
    fits: ({ mode }) => mode === "moderation",
    noun: "a moderation model",
    takes: "json",
    streams: "never",
    defaultModel: "openai/omni-moderation-latest",
    check: ({ input }) =>
      isText(input) || (Array.isArray(input) && input.length > 0)
        ? null
        : { param: "input", message: "expected a text, or an array of texts or of parts" },
    counted: (body) => countable(body.input),
    known: () => null,
  },
  images: {
    fits: makesImages,
    noun: "an image model",
    takes: "json",
    streams: "on-request",
    defaultModel: null,
    check: (body) => checkText(body, "prompt") ?? checkCount(body, "n"),
    counted: (body) => countable(body.prompt),
    known: ({ n }) => ({ inputTokens: 0, outputTokens: 0, images: typeof n === "number" ? n : 1 }),
  },
  image_edits: {
    fits: makesImages,
    noun: "an image model",
    takes: "form",
    streams: "on-request",
    defaultModel: null,
    check: (body) => checkText(body, "prompt"),
    counted: (body) => countable(body.prompt),
    known: ({ n }) => ({ inputTokens: 0, outputTokens: 0, images: Number(n ?? 1) || 1 }),
  },
  speech: {
    fits: ({ mode }) => mode === "speech",
    noun: "a speech model",
    takes: "json",
    streams: "always",
    defaultModel: null,
    check: (body) => checkText(body, "input"),
    counted: (body) => countable(body.input),
    known: ({ input }) => ({ inputTokens: 0, outputTokens: 0, characters: String(input).length }),
  },
  transcriptions: listening,
  translations: listening,
  rerank: {
    fits: ({ mode }) => mode === "rerank",
    noun: "a reranking model",
    takes: "json",
    streams: "never",
    defaultModel: null,
    check: (body) => checkText(body, "query") ?? checkDocuments(body) ?? checkCount(body, "top_n"),
    counted: ({ query, documents }) => countable([query, ...(documents as unknown[]).map(documentText)]),
    known: () => null,
  },
};

/** Some models that draw are listed as chat models. */
function makesImages({ mode, outputModalities }: ModelFacts): boolean {
  return mode === "image" || (mode === "chat" && outputModalities.includes("image"));
}

function checkInput({ input }: Body): InvalidRequest | null {
  if (isTextOrTokens(input)) return null;
  return { param: "input", message: "expected a text that is not empty, an array of them, or tokens" };
}

function isTextOrTokens(value: unknown): boolean {
  if (!Array.isArray(value)) return isText(value);
  if (value.length === 0) return false;
  return value.every(isText) || value.every(Number.isInteger) || value.every(isTokens);
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function checkText(body: Body, param: string): InvalidRequest | null {
  return isText(body[param]) ? null : { param, message: "expected a text that is not empty" };
}

function checkFormat({ encoding_format: format }: Body): InvalidRequest | null {
  if (format === undefined || format === null || isText(format)) return null;
  return { param: "encoding_format", message: 'expected "float" or "base64"' };
}

function checkCount(body: Body, param: string): InvalidRequest | null {
  const value = body[param];
  if (value === undefined || value === null || (Number.isInteger(value) && (value as number) > 0)) return null;
  return { param, message: "expected a whole number above 0" };
}

function checkDocuments({ documents }: Body): InvalidRequest | null {
  const good = Array.isArray(documents) && documents.length > 0 && documents.every((one) => documentText(one) !== null);
  return good ? null : { param: "documents", message: "expected an array of texts or of objects with a `text`" };
}

/** A document's text; null when it is none. */
function documentText(document: unknown): string | null {
  if (typeof document === "string") return document;
  const text = typeof document === "object" && document !== null ? (document as Body).text : null;
  return typeof text === "string" ? text : null;
}

function countable(value: unknown): { readonly text: string; readonly tokens: number } {
  const items: readonly unknown[] = Array.isArray(value) ? value.flat() : [value];
  const texts = items
    .map((item) => (typeof item === "number" ? null : documentText(item)))
    .filter((text) => text !== null);
  return { text: texts.join("\n"), tokens: items.filter((item) => typeof item === "number").length };
}
