// Anthropic's dialect as Vertex AI speaks it: the model stands in the path, the version in the body.
import { anthropicMessages } from "../dialects/anthropic-messages/index.ts";
import type { ClientDialect } from "../dialects/dialect.ts";
import { gemini } from "../dialects/gemini/index.ts";

/** Vertex's own version of the API (Anthropic documentation, "Claude on Vertex AI"). */
const version = { anthropic_version: "vertex-2023-10-16" };

/** The base URL ends with the project's location. */
export const vertexAnthropic: ClientDialect = {
  ...anthropicMessages,
  path: ({ model }, { stream }) => `${modelPath(model)}:${stream ? "streamRawPredict" : "rawPredict"}`,
  encode: (conversation, target) => {
    const encoded = anthropicMessages.encode(conversation, target);
    const { model: _, ...body } = encoded.body;
    return { ...encoded, body: { ...version, ...body } };
  },
  edits: (body, target) => {
    const { set, remove, ...edits } = anthropicMessages.edits(body, target);
    const { model: _, ...rest } = set;
    return { ...edits, set: { ...rest, ...version }, remove: [...remove, "model"] };
  },
  countPath: () => "/publishers/anthropic/models/count-tokens:rawPredict",
  // All models are counted at one path, so that the model stays in the body.
  countEdits: (body, target) => {
    const { set, ...edits } = anthropicMessages.edits(body, target);
    return { ...edits, set: { ...set, ...version } };
  },
  // What Google refuses itself, it refuses in its own words.
  error: (status, headers, body) => (isGoogles(body) ? gemini : anthropicMessages).error(status, headers, body),
};

/** A model's version follows an `@`, which Google's own clients do not encode. */
function modelPath(model: string): string {
  return `/publishers/anthropic/models/${encodeURIComponent(model).replaceAll("%40", "@")}`;
}

/** `{error: {code, message, status}}`, at times in an array; Anthropic's has a `type`. */
function isGoogles(body: unknown): boolean {
  if (Array.isArray(body)) return true;
  const { error } = (body ?? {}) as { readonly error?: { readonly status?: unknown } };
  return typeof error?.status === "string";
}
